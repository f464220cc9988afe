/**
 * How far a state seems to be from one in which a committed record is lost: a guess that says where to look first.
 * Nothing rests on it but how soon a break is found.
 */
import {
  FAULT_KINDS,
  has,
  isUp,
  mayHappen,
  members,
  newestImage,
  type Commit,
  type FaultKind,
  type Observed,
  type State,
} from '../../model/index.ts';
import { at } from '../property.ts';
import { currentLeader, lacks } from '../lost.ts';

export type Distance = (state: State, seen: Observed) => number;

/** Before anything is committed that could be lost. */
const NOTHING_TO_LOSE = 12;
/** Steps on the way, by how many things have to come together for them: a fault, an election, a start. */
const STILL_HELD = 4;
const NOT_ELECTABLE = 3;
const DOWN = 2;
const RIVAL = 1;
const NOT_LEADING = 1;
/** Somebody who has the record may lead, or this broker has it itself, and no fault is left that could change that. */
const NO_FAULT_LEFT = 10;

const kinds = (...names: readonly FaultKind[]): readonly number[] =>
  names.map((kind) => FAULT_KINDS.indexOf(kind));
const LOSING = kinds('power-loss', 'wipe', 'rack');
const REMOVING = kinds(
  'kill',
  'power-loss',
  'wipe',
  'clean-stop',
  'pause',
  'cut',
  'fence',
  'rack',
  'disk-stall',
  'reassign',
);

/** Members of the ISR besides this one, but for those that the leader is about to take out. */
function othersInIsr(state: State, broker: number): readonly number[] {
  const { isr, leader } = at(newestImage(state.metadata).partitions, 0);
  const pending = leader < 0 ? undefined : state.replicas[leader]?.leading?.pending;
  return members(isr & (pending?.isr ?? isr)).filter((other) => other !== broker);
}

/** Until this broker leads without the record. */
function untilLostBy(state: State, broker: number, { offset, record }: Commit): number {
  const { isr, elr } = at(newestImage(state.metadata).partitions, 0);
  const isHeld = !lacks(state, broker, offset, record);
  const rivals = othersInIsr(state, broker).filter(
    (other) => isUp(at(state.processes, other)) && !lacks(state, other, offset, record),
  );
  const isLeft = (faults: readonly number[]): boolean =>
    faults.some((index) => mayHappen(state.environment, index));
  return (
    (isHeld ? STILL_HELD : 0) +
    (isHeld && !isLeft(LOSING) ? NO_FAULT_LEFT : 0) +
    (has(isr | elr, broker) ? 0 : NOT_ELECTABLE) +
    (isUp(at(state.processes, broker)) ? 0 : DOWN) +
    rivals.length * RIVAL +
    (rivals.length > 0 && !isLeft(REMOVING) ? NO_FAULT_LEFT : 0) +
    (currentLeader(state) === broker ? 0 : NOT_LEADING)
  );
}

/** Until something is committed: the fewer have to have it, the nearer. */
function untilCommitted(state: State): number {
  const { leader, replicas } = at(newestImage(state.metadata).partitions, 0);
  const holding = replicas.filter((broker) => at(state.logs, broker).entries.length > 0);
  return NOTHING_TO_LOSE - holding.length + othersInIsr(state, leader).length * RIVAL;
}

const loss =
  (counts: (commit: Commit) => boolean): Distance =>
  (state, { commits }) => {
    const { replicas } = at(newestImage(state.metadata).partitions, 0);
    const nearest = commits
      .filter(counts)
      .flatMap((commit) => replicas.map((broker) => untilLostBy(state, broker, commit)));
    return nearest.length > 0 ? Math.min(...nearest) : untilCommitted(state);
  };

const anyLoss = loss(() => true);

/** Properties towards which a search can be led. */
export const DISTANCES: Readonly<Record<string, Distance>> = {
  'durability/in-sync': loss(({ inSyncLived }) => inSyncLived),
  'durability/holder': anyLoss,
  'durability/no-storage-fault': anyLoss,
  'visible-stays': loss(({ delivered }) => delivered),
  'acked-durable': anyLoss,
  'candidates-complete': anyLoss,
  'leader-completeness': anyLoss,
};
