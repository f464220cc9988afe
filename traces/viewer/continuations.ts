/**
 * How the run could have gone on: from each state along it, many random continuations under the same rules and with
 * the faults that are left, and the share of them that breaks the property. Where every one does, the break can no
 * longer be avoided: that is the point of no return.
 */
import seedrandom from 'seedrandom';
import type { ActionCode, Chooser, Machine, State } from '../../model/index.ts';
import {
  drawWeights,
  learnt,
  momentsOf,
  nothingSeen,
  type Moment,
  type Property,
  type Seen,
} from '../../properties/index.ts';
import type { Frame } from '../run.ts';

export interface ContinuationPlan {
  readonly seed: number | string;
  /** Continuations from each state that is looked at. */
  readonly runs: number;
  /** Actions of the longest continuation. */
  readonly actions: number;
  /** States looked at, at most: of a longer run only some, evenly spread, are. */
  readonly states: number;
}

export const CONTINUATIONS: ContinuationPlan = { seed: 1, runs: 60, actions: 150, states: 80 };
/** Where there are many pages or pictures: they tell less, in a fifth of the time. */
export const FEW_CONTINUATIONS: ContinuationPlan = { seed: 1, runs: 12, actions: 100, states: 24 };

/** Of `runs` continuations from the state after `step` actions, `broken` break the property. */
export interface Share {
  readonly step: number;
  readonly broken: number;
}

export interface Outlook extends Pick<ContinuationPlan, 'seed' | 'runs' | 'actions'> {
  /** By step, the first state included; the last is the one in which the property breaks. */
  readonly shares: readonly Share[];
}

/** A state along a run with what had been observed up to it: all that a continuation needs to know. */
interface Fork {
  readonly state: State;
  readonly seen: Seen;
}

/** The outlook up to the step at which `property` broke. */
export function outlook(
  machine: Machine,
  frames: readonly Frame[],
  property: Property,
  brokenAt: number,
  plan: ContinuationPlan = CONTINUATIONS,
): Outlook {
  const forks = forksOf(machine, frames.slice(0, brokenAt));
  const stride = Math.max(1, Math.ceil(brokenAt / plan.states));
  const look = (step: number): Share => {
    const fork = forks[step];
    return { step, broken: fork === undefined ? 0 : breaksFrom(machine, fork, property, plan, step) };
  };
  const shares: Share[] = [];
  for (let step = 0; step < brokenAt; step += stride) shares.push(look(step));
  shares.push({ step: brokenAt, broken: plan.runs });
  if (stride > 1) shares.push(...between(shares, plan.runs, look));
  shares.sort((a, b) => a.step - b.step);
  return { seed: plan.seed, runs: plan.runs, actions: plan.actions, shares };
}

/** The first step from which on every continuation broke the property. */
export function pointOfNoReturn({ shares, runs }: Outlook): number | undefined {
  const last = shares.findLastIndex(({ broken }) => broken < runs);
  return shares[last + 1]?.step;
}

/** Where only some states were looked at: halves the gap before the point of no return until it is closed. */
function between(shares: readonly Share[], runs: number, look: (step: number) => Share): Share[] {
  const last = shares.findLastIndex(({ broken }) => broken < runs);
  let low = shares[last]?.step ?? 0;
  let high = shares[last + 1]?.step ?? low;
  const found: Share[] = [];
  while (high - low > 1) {
    const share = look(Math.floor((low + high) / 2));
    found.push(share);
    if (share.broken < runs) low = share.step;
    else high = share.step;
  }
  return found;
}

function forksOf(machine: Machine, frames: readonly Frame[]): readonly Fork[] {
  let seen = nothingSeen(machine.config);
  const forks: Fork[] = [{ state: machine.initial, seen }];
  for (const { before, after, events } of frames) {
    seen = learnt(seen, before, { state: after, events });
    forks.push({ state: after, seen });
  }
  return forks;
}

function breaksFrom(
  machine: Machine,
  fork: Fork,
  property: Property,
  plan: ContinuationPlan,
  step: number,
): number {
  let broken = 0;
  for (let run = 0; run < plan.runs; run++) {
    // One stream per continuation: what is drawn for one never shifts another.
    const draw = seedrandom(`${plan.seed}/${step}/${run}`);
    const chooser: Chooser = { below: (bound) => (draw.int32() >>> 0) % bound };
    if (breaksAlong(machine, fork, property, chooser, plan.actions)) broken++;
  }
  return broken;
}

function breaksAlong(
  machine: Machine,
  fork: Fork,
  property: Property,
  chooser: Chooser,
  actions: number,
): boolean {
  const weights = drawWeights(chooser, machine);
  const drawn: ActionCode[] = [];
  const below = (bound: number): number => chooser.below(bound);
  let { state, seen } = fork;
  for (let taken = 0; taken < actions; taken++) {
    machine.draw(state, weights, below, drawn);
    const code = drawn.pop();
    if (code === undefined) return false;
    const step = machine.step(state, code);
    const seenBefore = seen;
    seen = learnt(seen, state, step);
    const moments = momentsOf(machine.model, state, step, seenBefore, seen);
    if (moments.some((moment) => concerns(property, moment) && property.check(moment) !== undefined))
      return true;
    state = step.state;
  }
  return false;
}

/** Whether the property can have changed its mind. */
const concerns = (property: Property, { before, after, events }: Moment): boolean =>
  property.onChange.some((component) => after[component] !== before[component]) ||
  events.some(({ type }) => property.onEvents.includes(type));
