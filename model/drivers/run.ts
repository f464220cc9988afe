/** A run is its configuration and its list of actions: this replays one. */
import type { Action, ActionCode, Machine } from '../protocol/machine.ts';
import type { State } from '../protocol/state/state.ts';
import type { Watcher } from './walk.ts';

export interface Replayed {
  /** The state after the last action taken. */
  readonly state: State;
  /** The actions that were taken. */
  readonly taken: readonly ActionCode[];
  /** Where a strict replay met an action that is not enabled, and which guard refused it. */
  readonly refused: { readonly index: number; readonly action: Action; readonly guard: string } | undefined;
}

/** Takes the actions one by one. A disabled one ends a strict replay and is skipped by a lenient one. */
export function replay(
  machine: Machine,
  actions: readonly ActionCode[],
  mode: 'strict' | 'lenient',
  watch: Watcher,
): Replayed {
  const taken: ActionCode[] = [];
  let state = machine.initial;
  for (const [index, code] of actions.entries()) {
    const refusal = machine.refusal(state, code);
    if (refusal !== undefined) {
      if (mode === 'lenient') continue;
      return { state, taken, refused: { index, action: machine.decode(code), guard: refusal.guard } };
    }
    const step = machine.step(state, code);
    taken.push(code);
    const stop = watch(state, step, code);
    state = step.state;
    if (stop) break;
  }
  return { state, taken, refused: undefined };
}
