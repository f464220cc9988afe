/** A run taken again, with every state at hand. States share what no step changed, so keeping all of them is cheap. */
import {
  configOf,
  createMachine,
  eventsOf,
  nothingObserved,
  observe,
  partitionsOf,
  type ActionCode,
  type Machine,
  type Observed,
  type Settings,
  type State,
} from '../../model/index.ts';
import type { Frame } from '../run.ts';

export interface Film {
  readonly machine: Machine;
  /** `frames[i]` leads from `states[i]` to `states[i + 1]`. */
  readonly frames: readonly Frame[];
  readonly states: readonly State[];
  /** What had been observed, by state. */
  readonly seen: readonly Observed[];
  /** The last step; 0 where there is none. */
  readonly end: number;
}

/** Takes the steps again. Throws where one is not enabled: only steps that were taken come here. */
export function filmOf(settings: Settings, codes: readonly ActionCode[]): Film {
  const config = configOf(settings);
  if ('error' in config) throw new RangeError(config.error);
  const machine = createMachine(config);
  let state = machine.initial;
  let observed = nothingObserved(config);
  const frames: Frame[] = [];
  const states = [state];
  const seen = [observed];
  for (const [index, code] of codes.entries()) {
    const before = state;
    const step = machine.step(before, code);
    state = step.state;
    observed = observe(observed, before, state, eventsOf(step.events, 0, partitionsOf(state)));
    frames.push({
      position: index + 1,
      action: machine.decode(code),
      code,
      before,
      after: state,
      events: step.events,
    });
    states.push(state);
    seen.push(observed);
  }
  return { machine, frames, states, seen, end: frames.length };
}

/** The step that led to the state, undefined for the first. */
export const frameAt = (film: Film, step: number): Frame | undefined => film.frames[step - 1];

/** The state after `step` actions; the nearest where the run has no such step. */
export function stateAt({ states, machine, end }: Film, step: number): State {
  return states[Math.min(Math.max(step, 0), end)] ?? machine.initial;
}

export function seenAt({ seen, machine, end }: Film, step: number): Observed {
  return seen[Math.min(Math.max(step, 0), end)] ?? nothingObserved(machine.config);
}
