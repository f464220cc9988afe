/** Runs in which something that remembers picks the next action. */
import type { ActionCode, Machine } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Watcher } from '../walk.ts';

/** What a picker remembers is of one run: each run has its own. */
export interface Picker {
  /** One of `enabled`, in which there is at least one. */
  pick(enabled: readonly ActionCode[], state: State): ActionCode;
}

export interface DrivePlan {
  /** Taken first, but for those that are not enabled when their turn comes. */
  readonly prefix: readonly ActionCode[];
  /** The longest run, in actions. */
  readonly actions: number;
}

/** Goes on until `watch` says stop, nothing is enabled, or the plan's length is reached. Gives the actions taken. */
export function drive(
  machine: Machine,
  picker: Picker,
  { prefix, actions }: DrivePlan,
  watch: Watcher,
): ActionCode[] {
  const taken: ActionCode[] = [];
  const enabled: ActionCode[] = [];
  let state = machine.initial;
  const take = (code: ActionCode): boolean => {
    const before = state;
    const step = machine.step(before, code);
    taken.push(code);
    state = step.state;
    return watch(before, step, code);
  };
  for (const code of prefix) {
    if (taken.length >= actions) return taken;
    if (machine.refusal(state, code) === undefined && take(code)) return taken;
  }
  while (taken.length < actions) {
    enabled.length = 0;
    machine.enabled(state, enabled);
    if (enabled.length === 0 || take(picker.pick(enabled, state))) break;
  }
  return taken;
}
