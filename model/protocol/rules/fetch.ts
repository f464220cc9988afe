/** The leader's side of a follower's fetch. Kafka: Partition.fetchRecords, Replica.updateFetchStateOrThrow. */
import { withBroker } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import { endOffsetFor, logEnd, logStart, NO_EPOCH, type Entry, type EpochStart } from '../state/log.ts';
import { ABANDONED, type ErrorCode, type MessageOf } from '../state/message.ts';
import { isUp, NO_METADATA } from '../state/broker.ts';
import { remoteShape, type Remote } from '../state/replica.ts';
import { replicasKnownTo } from './assignment.ts';
import { changeIsr, mayChangeIsr } from './change-isr.ts';
import { clause, holds } from './clauses.ts';
import { comparedEpoch, sessionToldBy } from './fetch-session.ts';
import { maybeAdvanceHighWatermark } from './high-watermark.ts';
import { mayExpand } from './isr.ts';
import {
  carriesLogStart,
  checksBrokerEpochOf,
  comparesLeaderEpochs,
  recordsOwnEpoch,
} from './shared-switches.ts';

export type FetchRequest = MessageOf<'Fetch'> | MessageOf<'DelayedFetch'>;

const notFenced = clause('a fetch with a leader epoch below the leader’s is refused');
const notUnknown = clause('a fetch with a leader epoch above the leader’s is refused');
const fromLeaderOnly = clause('only the leader answers a follower’s fetch');
const epochsAgree = clause(
  'a fetch whose last fetched epoch does not lie on the leader’s log is told to truncate',
);
const staleLife = clause('a fetch of an earlier incarnation does not count as progress');

export interface FetchResult {
  readonly error: ErrorCode;
  readonly entries: readonly Entry[];
  readonly highWatermark: number;
  readonly logStart: number;
  readonly diverging: readonly EpochStart[];
  /** The leader's log end at the read. */
  readonly logEndOffset: number;
}

const refused = (error: ErrorCode): FetchResult => ({
  error,
  entries: [],
  highWatermark: -1,
  logStart: 0,
  diverging: [],
  logEndOffset: -1,
});

/** Checks in Kafka's order: log directory, hosted, epoch, leadership, assignment. The epoch comes before leadership (KIP-320). */
export function fencing(
  draft: Draft,
  broker: number,
  currentLeaderEpoch: number,
  follower: number,
): ErrorCode {
  const { model } = draft;
  const replica = draft.replica(broker);
  if (!draft.hasLog(broker)) return 'KAFKA_STORAGE_ERROR';
  if (replica.leaderEpoch < 0) {
    return draft.process(broker).metadataOffset === NO_METADATA
      ? 'UNKNOWN_TOPIC_OR_PARTITION'
      : 'NOT_LEADER_OR_FOLLOWER';
  }
  if (comparesLeaderEpochs(model) && currentLeaderEpoch !== NO_EPOCH) {
    if (!holds(model.leftOut, notFenced, currentLeaderEpoch >= replica.leaderEpoch))
      return 'FENCED_LEADER_EPOCH';
    if (!holds(model.leftOut, notUnknown, currentLeaderEpoch <= replica.leaderEpoch))
      return 'UNKNOWN_LEADER_EPOCH';
  }
  if (!holds(model.leftOut, fromLeaderOnly, replica.leading !== null)) return 'NOT_LEADER_OR_FOLLOWER';
  if (!replicasKnownTo(draft, broker).includes(follower)) return 'UNKNOWN_LEADER_EPOCH';
  return 'NONE';
}

/** One snapshot of the log for a follower: records from its offset, or where the logs diverge (KIP-595). */
export function readForFollower(draft: Draft, leader: number, request: FetchRequest): FetchResult {
  const error = fencing(draft, leader, comparedEpoch(draft, leader, request), request.from);
  if (error !== 'NONE') return refused(error);
  const { model } = draft;
  const log = draft.log(leader);
  const replica = draft.replica(leader);
  const start = logStart(log);
  const end = logEnd(log);
  if (request.lastFetchedEpoch !== NO_EPOCH) {
    const answersBelowFirst = recordsOwnEpoch(model);
    const epochEnd = endOffsetFor(log, request.lastFetchedEpoch, answersBelowFirst);
    if (epochEnd.epoch === NO_EPOCH) return refused('OFFSET_OUT_OF_RANGE');
    // Below the log start nobody is told to truncate (3.0, KAFKA-12996).
    if (request.fetchOffset < start) return refused('OFFSET_OUT_OF_RANGE');
    const agree = epochEnd.epoch >= request.lastFetchedEpoch && epochEnd.end >= request.fetchOffset;
    if (!holds(model.leftOut, epochsAgree, agree)) {
      return {
        error: 'NONE',
        entries: [],
        highWatermark: replica.highWatermark,
        logStart: carriesLogStart(model) ? start : 0,
        diverging: [{ epoch: epochEnd.epoch, start: epochEnd.end }],
        logEndOffset: end,
      };
    }
  }
  if (request.fetchOffset < start || request.fetchOffset > end) return refused('OFFSET_OUT_OF_RANGE');
  return {
    error: 'NONE',
    entries: log.entries.slice(request.fetchOffset),
    highWatermark: replica.highWatermark,
    logStart: carriesLogStart(model) ? start : 0,
    diverging: [],
    logEndOffset: end,
  };
}

/**
 * A fetch at offset f says that everything below f is in the follower's log. Only the first evaluation counts,
 * not the re-read out of the purgatory. Then, in this order: ISR expansion, high watermark.
 */
export function recordFollowerProgress(
  draft: Draft,
  leader: number,
  request: FetchRequest,
  leaderLogEnd: number,
): ErrorCode {
  const { model } = draft;
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null) return 'NONE';
  const follower = request.from;
  if (checksBrokerEpochOf(model, 'progress')) {
    const registration = at(draft.imageOf(leader).registrations, follower);
    const stale =
      request.brokerEpoch !== -1 && !registration.fenced && registration.epoch > request.brokerEpoch;
    if (!holds(model.leftOut, staleLife, !stale)) return 'NOT_LEADER_OR_FOLLOWER';
  }
  const before = at(leading.remotes, follower);
  const next: Remote = {
    logEndOffset: request.fetchOffset,
    lastFetchLeaderLogEndOffset: Math.max(leaderLogEnd, before.lastFetchLeaderLogEndOffset),
    caughtUpRecently: caughtUpNow(before, request.fetchOffset, leaderLogEnd),
    fetchedRecently: true,
    brokerEpoch: request.brokerEpoch,
    ...(request.logStart === undefined ? {} : { logStart: request.logStart }),
  };
  if (!remoteShape.equal(next, before)) {
    const remotes = leading.remotes.slice();
    remotes[follower] = next;
    draft.setReplica(leader, { ...replica, leading: { ...leading, remotes } });
  }

  if (mayExpand(draft, leader, follower) && mayChangeIsr(model, draft.base, leader)) {
    changeIsr(draft, leader, withBroker(leading.committedIsr, follower));
  }
  if (next.logEndOffset !== before.logEndOffset) maybeAdvanceHighWatermark(draft, leader);
  return 'NONE';
}

/** Caught up as of this fetch, or as of the previous one when it has what the leader had then. */
function caughtUpNow(before: Remote, fetchOffset: number, leaderLogEnd: number): boolean {
  if (fetchOffset >= leaderLogEnd) return true;
  if (fetchOffset >= before.lastFetchLeaderLogEndOffset)
    return before.caughtUpRecently || before.fetchedRecently;
  return before.caughtUpRecently;
}

/** Whether the requester still listens: same life, connection not given up. */
export function isListening(draft: Draft, broker: number, incarnation: number): boolean {
  const process = draft.process(broker);
  return incarnation !== ABANDONED && isUp(process) && process.incarnation === incarnation;
}

export function respondToFetch(
  draft: Draft,
  leader: number,
  request: FetchRequest,
  result: FetchResult,
): void {
  if (result.error !== 'NONE') {
    draft.emit({ type: 'fetch-refused', broker: leader, follower: request.from, error: result.error });
  }
  if (!isListening(draft, request.from, request.incarnation)) return;
  draft.send({
    kind: 'FetchResponse',
    from: leader,
    to: request.from,
    error: result.error,
    requestOffset: request.fetchOffset,
    requestEpoch: request.currentLeaderEpoch,
    entries: result.entries,
    highWatermark: result.highWatermark,
    diverging: result.diverging,
    ...(result.logStart > 0 ? { logStart: result.logStart } : {}),
    ...sessionToldBy(draft, leader),
  });
}
