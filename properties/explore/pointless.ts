/** Actions whose outcome nothing will ever look at: the search leaves them out and loses no behaviour that matters. */
import { FAULT_KINDS, mayHappen, type FaultKind, type Machine, type State } from '../../model/index.ts';

/** Faults after which a broker starts again and reads what it had written to its disk. */
const STOPS: readonly FaultKind[] = ['kill', 'power-loss', 'wipe', 'clean-stop', 'rack', 'disk-error'];
const STOP_INDICES = STOPS.map((kind) => FAULT_KINDS.indexOf(kind));

const CHECKPOINTS = ['checkpoint-high-watermark', 'checkpoint-log-start'];

/**
 * A checkpoint is read only when the broker starts, and a running broker starts again only after a
 * fault of which the budget has one left. A clean stop that has begun writes the checkpoints anew.
 */
export function isPointless(machine: Machine, state: State, label: number): boolean {
  if (!CHECKPOINTS.includes(machine.definition(label).kind)) return false;
  return !STOP_INDICES.some((index) => mayHappen(state.environment, index));
}
