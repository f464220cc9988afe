/** Runs in which something that remembers picks the next action. */
import type { ActionCode, Machine } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Watcher } from '../walk.ts';

/** What a picker remembers is of one run: each run has its own. */
export interface Picker {
  /** One of `enabled`, in which there is at least one. */
  pick(enabled: readonly ActionCode[], state: State): ActionCode;
}

/** Goes on until `watch` says stop, nothing is enabled, or the run has `actions` actions. Gives the actions taken. */
export function drive(machine: Machine, picker: Picker, actions: number, watch: Watcher): ActionCode[] {
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
  while (taken.length < actions) {
    enabled.length = 0;
    machine.enabled(state, enabled);
    if (enabled.length === 0 || take(picker.pick(enabled, state))) break;
  }
  return taken;
}
