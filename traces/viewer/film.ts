/** A run taken again, with every state at hand. States share what no step changed, so keeping all of them is cheap. */
import {
  ACTIONS,
  configOf,
  createMachine,
  eventsOf,
  nothingObserved,
  observe,
  partitionsOf,
  viewOf,
  type ActionCode,
  type Event,
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
  /** The partition that is looked at: states and frames are as it sees them, but events are those of all. */
  readonly partition: number;
}

/** Takes the steps again. Throws where one is not enabled: only steps that were taken come here. */
export function filmOf(settings: Settings, codes: readonly ActionCode[], partition = 0): Film {
  const config = configOf(settings);
  if ('error' in config) throw new RangeError(config.error);
  const machine = createMachine(config);
  let state = machine.initial;
  let observed = nothingObserved(config);
  const frames: Frame[] = [];
  const states = [viewOf(state, partition)];
  const seen = [observed];
  for (const [index, code] of codes.entries()) {
    const before = state;
    const step = machine.step(before, code);
    state = step.state;
    const [from, to] = [viewOf(before, partition), viewOf(state, partition)];
    observed = observe(observed, from, to, eventsOf(step.events, partition, partitionsOf(state)));
    frames.push({
      position: index + 1,
      action: machine.decode(code),
      code,
      before: from,
      after: to,
      events: step.events,
    });
    states.push(to);
    seen.push(observed);
  }
  return { machine, frames, states, seen, end: frames.length, partition };
}

const OF_PARTITION: ReadonlySet<string> = new Set(
  ACTIONS.filter(({ ofPartition }) => ofPartition === true).map(({ kind }) => kind),
);

/** Whether the step is one that another partition than the one looked at has of its own. */
export const isElsewhere = ({ action }: Frame, { partition }: Film): boolean =>
  OF_PARTITION.has(action.kind) && Number(action['partition'] ?? 0) !== partition;

/** The events of a step that concern the partition looked at. */
export const eventsIn = ({ events, after }: Frame, { partition }: Film): readonly Event[] =>
  eventsOf(events, partition, partitionsOf(after));

/** The step that led to the state, undefined for the first. */
export const frameAt = (film: Film, step: number): Frame | undefined => film.frames[step - 1];

/** The state after `step` actions; the nearest where the run has no such step. */
export function stateAt({ states, machine, end, partition }: Film, step: number): State {
  return states[Math.min(Math.max(step, 0), end)] ?? viewOf(machine.initial, partition);
}

export function seenAt({ seen, machine, end }: Film, step: number): Observed {
  return seen[Math.min(Math.max(step, 0), end)] ?? nothingObserved(machine.config);
}
