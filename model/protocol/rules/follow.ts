/** The follower's side of a fetch. Kafka: AbstractFetcherThread, ReplicaFetcherThread. */
import type { Model } from '../config.ts';
import type { Draft } from '../draft.ts';
import { connected, servesRequests } from '../look.ts';
import {
  append,
  endOfBatches,
  endOffsetFor,
  epochOf,
  flush,
  logEnd,
  logStart,
  moveLogStart,
  NO_EPOCH,
  restartAt,
  truncate,
  truncateUnsynced,
  type Entry,
  type EpochStart,
  type Log,
} from '../state/log.ts';
import type { MessageOf } from '../state/message.ts';
import type { Fetcher, Replica } from '../state/replica.ts';
import { clause, holds, isLeftOut } from './clauses.ts';
import { fencing } from './fetch.ts';
import { hearOfSession } from './fetch-session.ts';
import { exitFatally } from './process.ts';
import {
  comparesLeaderEpochs,
  epochCheckpointAfterTruncation,
  exitsWhereAhead,
  recordsOwnEpoch,
  takesHighWatermarkFirst,
} from './shared-switches.ts';

const sameThread = clause(
  'a fetch response counts only while its partition is still fetched from that leader',
);
const sameOffset = clause('a fetch response counts only at the offset that was asked for');
const onlyTruncates = clause('a diverging response truncates and does nothing else');

/**
 * Accepts a response only if the partition is still with this fetcher, ready, and at the offset of the request; from 4.1 on
 * (KAFKA-18991) also only in the leader epoch of the request. Kafka: AbstractFetcherThread.processFetchRequest.
 */
export function handleFetchResponse(
  draft: Draft,
  follower: number,
  response: MessageOf<'FetchResponse'>,
): void {
  const { leftOut } = draft.model;
  hearOfSession(draft, follower, response);
  const replica = draft.replica(follower);
  const { fetcher } = replica;
  const diverging = response.diverging[0];
  // 2.8.0 looked at the partition when the answer came, and truncated later, without looking again (KAFKA-13207).
  if (diverging !== undefined && draft.model.rules['diverging-answer-counts'] === 'whenever-it-comes') {
    truncateTo(draft, follower, truncationPoint(draft, follower, diverging));
    return;
  }
  const here = fetcher !== null && fetcher.state === 'fetching' && fetcher.leader === response.from;
  const atOffset = response.requestOffset === logEnd(draft.log(follower));
  if (
    fetcher === null ||
    !holds(leftOut, sameThread, here) ||
    !holds(leftOut, sameOffset, atOffset) ||
    isOfAnotherEpoch(draft.model, fetcher, response.requestEpoch)
  ) {
    draft.emit({ type: 'stale-response-dropped', broker: follower });
    return;
  }
  switch (response.error) {
    case 'NONE':
      accept(draft, follower, replica, response);
      return;
    case 'FENCED_LEADER_EPOCH':
      failIfFenced(draft, follower, replica, fetcher, response.requestEpoch);
      return;
    case 'OFFSET_OUT_OF_RANGE':
      fetchOffsetAndTruncate(draft, follower, replica, fetcher, response.requestEpoch);
      return;
    default:
      // Back off and ask again: leadership comes only from the controller.
      return;
  }
}

function isOfAnotherEpoch(model: Model, fetcher: Fetcher, requestEpoch: number): boolean {
  if (model.rules['fetch-answer-counts'] === 'in-any-epoch' || !comparesLeaderEpochs(model)) return false;
  return requestEpoch !== fetcher.leaderEpoch;
}

/** Records go in as they are; then the high watermark follows the leader's, clamped to the own log end. */
function accept(
  draft: Draft,
  follower: number,
  replica: Replica,
  response: MessageOf<'FetchResponse'>,
): void {
  const diverging = response.diverging[0];
  const truncatesLater = takesHighWatermarkFirst(draft.model);
  if (diverging !== undefined && !truncatesLater) {
    truncateTo(draft, follower, truncationPoint(draft, follower, diverging));
    if (!isLeftOut(draft.model.leftOut, onlyTruncates)) return;
  }
  const entries =
    draft.model.rules['follower-appends-newer-epochs'] === 'yes'
      ? response.entries
      : upToEpoch(response.entries, response.requestEpoch);
  if (entries.length > 0) {
    const log = draft.log(follower);
    draft.emit({ type: 'replicated', broker: follower, offset: logEnd(log), entries });
    draft.setLog(follower, flushed(draft, append(log, entries)));
  }
  const log = draft.log(follower);
  const highWatermark = Math.min(Math.max(response.highWatermark, logStart(log)), logEnd(log));
  if (highWatermark !== replica.highWatermark) {
    draft.setReplica(follower, { ...draft.replica(follower), highWatermark });
  }
  if (response.logStart !== undefined) followLogStart(draft, follower, response.logStart);
  if (diverging !== undefined && truncatesLater) truncateNext(draft, follower, diverging);
}

/** The log is cut in the next turn of the fetcher's thread, unless the partition has failed. */
function truncateNext(draft: Draft, follower: number, divergence: EpochStart): void {
  const replica = draft.replica(follower);
  const { fetcher } = replica;
  if (fetcher?.state !== 'fetching') return;
  draft.setReplica(follower, { ...replica, fetcher: { ...fetcher, state: 'diverging', divergence } });
}

/**
 * Up to 3.4 under another hold of the lock than that under which the high watermark was taken: who reads from the follower may
 * come in between (KAFKA-14704, 3.5). Here it is one with the next fetch. Kafka: AbstractFetcherThread.truncateOnFetchResponse.
 */
export function truncateWhereToldTo(draft: Draft, follower: number): void {
  const { fetcher } = draft.replica(follower);
  if (fetcher?.divergence === undefined) return;
  const { divergence, ...next } = fetcher;
  truncateTo(draft, follower, truncationPoint(draft, follower, divergence));
  draft.setReplica(follower, { ...draft.replica(follower), fetcher: { ...next, state: 'fetching' } });
}

/**
 * What the leader has deleted the follower deletes. Where its own high watermark is below that the partition fails, and
 * waits for new metadata. Kafka: ReplicaFetcherThread.processPartitionData, UnifiedLog.maybeIncrementLogStartOffset.
 */
function followLogStart(draft: Draft, follower: number, start: number): void {
  const log = draft.log(follower);
  if (start <= logStart(log)) return;
  const replica = draft.replica(follower);
  if (start > replica.highWatermark) {
    if (replica.fetcher === null) return;
    draft.setReplica(follower, { ...replica, fetcher: { ...replica.fetcher, state: 'failed' } });
    return;
  }
  draft.setLog(follower, moveLogStart(log, start));
  draft.emit({ type: 'log-start-moved', broker: follower, to: start, why: 'leader' });
}

/** Batches from the first with a higher epoch on are left out (KAFKA-18723, 4.0). */
function upToEpoch(entries: readonly Entry[], epoch: number): readonly Entry[] {
  const cut = entries.findIndex((packed) => epochOf(packed) > epoch);
  return cut < 0 ? entries : entries.slice(0, cut);
}

/** Fenced in the epoch it is still in: the partition waits for new metadata. Kafka: onPartitionFenced. */
export function failIfFenced(
  draft: Draft,
  follower: number,
  replica: Replica,
  fetcher: Fetcher,
  requestEpoch: number,
): void {
  const counts = draft.model.rules['fenced-answer-counts'];
  if (counts === 'in-the-epoch-it-was-asked-in' && requestEpoch !== fetcher.leaderEpoch) return;
  draft.setReplica(follower, { ...replica, fetcher: { ...fetcher, state: 'failed' } });
}

/**
 * Where to cut for the leader's answer "epoch E ends at `end`". Kafka: getOffsetTruncationState (KIP-279), used on
 * fetch from 2.8 (KIP-595).
 */
export function truncationPoint(draft: Draft, follower: number, told: EpochStart): number {
  const log = draft.log(follower);
  const end = logEnd(log);
  const own = endOffsetFor(log, told.epoch, recordsOwnEpoch(draft.model));
  if (own.epoch === NO_EPOCH) return Math.min(told.start, end);
  if (own.epoch !== told.epoch) return Math.min(own.end, end);
  return Math.min(own.end, told.start, end);
}

/**
 * Cuts the local log; a high watermark above the new end comes down with it. A batch that the offset falls into goes as a
 * whole. In Kafka the log then ends at the offset all the same, without what stood before it in that batch.
 */
export function truncateTo(draft: Draft, follower: number, offset: number): void {
  const log = draft.log(follower);
  const from = logEnd(log);
  const to = endOfBatches(log, offset);
  // Up to 2.6.0 nothing was done where no record had to go (KAFKA-10706).
  if (to >= from && draft.model.rules['truncation-to-log-end'] === 'does-nothing') return;
  const cut = draft.model.staleFiles
    ? truncateUnsynced(log, to, epochCheckpointAfterTruncation(draft.model) === 'synced')
    : truncate(log, to);
  draft.setLog(follower, cut);
  const replica = draft.replica(follower);
  if (replica.highWatermark > to) draft.setReplica(follower, { ...replica, highWatermark: to });
  if (to < from) draft.emit({ type: 'truncated', broker: follower, from, to });
}

/**
 * Out of range: a follower ahead of the leader cuts to the leader's end, one that ends before the leader's log start
 * drops all it has and goes on there, any other just asks again. The query for that end is merged with the response that
 * caused it, where the leader can be reached; else the fetch is repeated.
 * Kafka: AbstractFetcherThread.fetchOffsetAndTruncate, handleOutOfRangeError.
 */
function fetchOffsetAndTruncate(
  draft: Draft,
  follower: number,
  replica: Replica,
  fetcher: Fetcher,
  requestEpoch: number,
): void {
  const { leader, leaderEpoch } = fetcher;
  if (!servesRequests(draft.process(leader)) || !connected(draft.base, follower, leader)) return;
  const error = fencing(draft, leader, leaderEpoch, follower);
  if (error === 'FENCED_LEADER_EPOCH') failIfFenced(draft, follower, replica, fetcher, requestEpoch);
  if (error !== 'NONE') return;
  const leaderEnd = logEnd(draft.log(leader));
  if (leaderEnd >= logEnd(draft.log(follower))) {
    truncateFullyBelow(draft, follower, logStart(draft.log(leader)));
    return;
  }
  // Up to 2.0.0 the broker rather stopped than cut what no clean leader could lack (KAFKA-7414).
  if (exitsWhereAhead(draft.model.config)) exitFatally(draft, follower);
  else truncateTo(draft, follower, leaderEnd);
}

/** Kafka: UnifiedLog.truncateFullyAndStartAt. Up to 2.4.0 the high watermark stayed (KAFKA-9491). */
function truncateFullyBelow(draft: Draft, follower: number, start: number): void {
  const log = draft.log(follower);
  const from = logEnd(log);
  if (start <= from) return;
  draft.setLog(follower, restartAt(log, start));
  if (draft.model.rules['full-truncation-moves'] === 'log-start-and-high-watermark') {
    draft.setReplica(follower, { ...draft.replica(follower), highWatermark: start });
  }
  draft.emit({ type: 'log-restarted', broker: follower, from, to: start });
}

/** `flush.messages`: fsync once so many records are unflushed. Kafka: UnifiedLog.append. */
export function flushed(draft: Draft, log: Log): Log {
  const { flushMessages } = draft.model.config;
  return flushMessages > 0 && logEnd(log) - log.recoveryPoint >= flushMessages
    ? fsync(draft.model, log)
    : log;
}

/** Where power is never lost, nothing asks what was fsynced. */
export const fsync = (model: Model, log: Log): Log => (model.powerMayFail ? flush(log) : log);
