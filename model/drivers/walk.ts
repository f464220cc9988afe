/** Random walk: chance picks among all enabled actions. Adversarial and fast. */
import type { ActionCode, Machine, Step } from '../protocol/machine.ts';
import type { State } from '../protocol/state/state.ts';

/** The seam through which chance enters: a whole number from 0 to `bound` − 1. */
export interface Chooser {
  below(bound: number): number;
}

/** Looks at each step; returning true ends the run. */
export type Watcher = (before: State, step: Step, code: ActionCode) => boolean;

export interface WalkPlan {
  /** By index of the action's kind: how often it is taken, against the others that are enabled. Zero is never. */
  readonly weights: Int32Array;
  /** The longest run, in actions. */
  readonly actions: number;
}

/** Draws of a kind before the walk looks at everything that is enabled. */
const DRAWS = 24;

/** Walks until `watch` says stop, nothing is enabled, or the plan's length is reached. Gives the actions taken. */
export function walk(machine: Machine, chooser: Chooser, plan: WalkPlan, watch: Watcher): ActionCode[] {
  const taken: ActionCode[] = [];
  const enabled: ActionCode[] = [];
  const kinds = kindsByWeight(plan.weights);
  let state = machine.initial;
  while (taken.length < plan.actions) {
    const code =
      draw(machine, state, kinds, chooser, enabled) ?? pick(machine, state, plan.weights, chooser, enabled);
    if (code === undefined) break;
    const step = machine.step(state, code);
    taken.push(code);
    if (watch(state, step, code)) break;
    state = step.state;
  }
  return taken;
}

/** Each kind as often as its weight says, so that drawing one of these draws by weight. */
function kindsByWeight(weights: Int32Array): Uint8Array {
  const kinds = new Uint8Array(weights.reduce((sum, weight) => sum + weight, 0));
  let next = 0;
  for (let kind = 0; kind < weights.length; kind++) {
    const end = next + (weights[kind] ?? 0);
    kinds.fill(kind, next, end);
    next = end;
  }
  return kinds;
}

/**
 * Draws a kind by weight until one is enabled, then one of its choices: twenty links that can be cut are no more
 * likely to be cut than one broker is to be killed. Kinds that are not drawn need not be worked out.
 */
function draw(
  machine: Machine,
  state: State,
  kinds: Uint8Array,
  chooser: Chooser,
  enabled: ActionCode[],
): ActionCode | undefined {
  if (kinds.length === 0) return undefined;
  // Setting the length of an empty array is not free, and most draws leave it empty.
  if (enabled.length > 0) enabled.length = 0;
  for (let draws = 0; draws < DRAWS; draws++) {
    const kind = kinds[chooser.below(kinds.length)] ?? 0;
    machine.enabledOfKind(state, kind, enabled);
    if (enabled.length === 1) return enabled[0];
    if (enabled.length > 1) return enabled[chooser.below(enabled.length)];
  }
  return undefined;
}

/** The same choice among all that is enabled, for states in which little is. */
function pick(
  machine: Machine,
  state: State,
  weights: Int32Array,
  chooser: Chooser,
  enabled: ActionCode[],
): ActionCode | undefined {
  enabled.length = 0;
  machine.enabled(state, enabled);
  let total = 0;
  for (let i = 0; i < enabled.length; i++) if (startsKind(enabled, i)) total += weightOf(enabled, weights, i);
  if (total === 0) return undefined;
  let left = chooser.below(total);
  for (let i = 0; i < enabled.length; i++) {
    if (!startsKind(enabled, i)) continue;
    left -= weightOf(enabled, weights, i);
    if (left >= 0) continue;
    let end = i + 1;
    while (end < enabled.length && !startsKind(enabled, end)) end++;
    return enabled[end - i === 1 ? i : i + chooser.below(end - i)];
  }
  return undefined;
}

const kindAt = (enabled: readonly ActionCode[], index: number): number => (enabled[index] ?? 0) & 0xff;

/** Choices of one kind stand together, because the machine offers actions in one fixed order. */
const startsKind = (enabled: readonly ActionCode[], index: number): boolean =>
  index === 0 || kindAt(enabled, index) !== kindAt(enabled, index - 1);

const weightOf = (enabled: readonly ActionCode[], weights: Int32Array, index: number): number =>
  weights[kindAt(enabled, index)] ?? 0;
