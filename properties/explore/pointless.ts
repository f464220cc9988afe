/** Actions whose outcome nothing will ever look at: the search leaves them out and loses no behaviour that matters. */
import {
  exitsWhereAhead,
  FAULT_KINDS,
  mayHappen,
  type FaultKind,
  type Machine,
  type State,
} from '../../model/index.ts';

/** Faults after which a broker starts again and reads what it had written to its disk. */
const STOPS: readonly FaultKind[] = [
  'kill',
  'power-loss',
  'wipe',
  'clean-stop',
  'rack',
  'disk-error',
  'stale-file',
];
const STOP_INDICES = STOPS.map((kind) => FAULT_KINDS.indexOf(kind));

const CHECKPOINTS = ['checkpoint-high-watermark', 'checkpoint-log-start', 'flush-log'];

/** Whether a broker that is up may start again, and reads its checkpoints then. A clean stop that has begun writes them anew. */
export const mayStopAgain = ({ config }: Machine, environment: State['environment']): boolean =>
  exitsWhereAhead(config) || STOP_INDICES.some((index) => mayHappen(environment, index));

/** Faults besides stops that keep a follower from fetching, for as long as they last. */
const KEEPS: readonly FaultKind[] = ['pause', 'cut', 'ctrl', 'disk-stall', 'disk-error'];
const SHRINK = FAULT_KINDS.indexOf('shrink');

/** Whether a follower that is awake lags only if it stops, or if a fault says so. In ZooKeeper mode a session may also end. */
export const onlyStopsMakeLag = ({ config, model }: Machine): boolean =>
  !model.zookeeper && KEEPS.every((kind) => config.faults.budgets[kind] === 0);

/** Whether a follower that is awake may come to lag. */
export const mayLagAgain = (machine: Machine, environment: State['environment']): boolean =>
  mayHappen(environment, SHRINK) || mayStopAgain(machine, environment);

/** A checkpoint is read only when the broker starts. */
export const isPointless = (machine: Machine, state: State, label: number): boolean =>
  CHECKPOINTS.includes(machine.definition(label).kind) && !mayStopAgain(machine, state.environment);
