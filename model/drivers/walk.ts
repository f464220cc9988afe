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
  /** Taken first, but for those that are not enabled when their turn comes. */
  readonly prefix?: readonly ActionCode[];
}

/** Walks until `watch` says stop, nothing is enabled, or the plan's length is reached. Gives the actions taken. */
export function walk(machine: Machine, chooser: Chooser, plan: WalkPlan, watch: Watcher): ActionCode[] {
  const taken: ActionCode[] = [];
  const drawn: ActionCode[] = [];
  const below = (bound: number): number => chooser.below(bound);
  let state = machine.initial;
  for (const code of plan.prefix ?? []) {
    if (machine.refusal(state, code) !== undefined) continue;
    const step = machine.step(state, code);
    taken.push(code);
    if (watch(state, step, code)) return taken;
    state = step.state;
  }
  while (taken.length < plan.actions) {
    machine.draw(state, plan.weights, below, drawn);
    const code = drawn.pop();
    if (code === undefined) break;
    const step = machine.step(state, code);
    taken.push(code);
    if (watch(state, step, code)) break;
    state = step.state;
  }
  return taken;
}
