/**
 * How a follower that starts over gets rid of what its new leader does not have, before it fetches. From 2.8 on the
 * answer to its first fetch tells (see follow.ts). Kafka: AbstractFetcherThread.maybeTruncate, ReplicaFetcherThread.
 */
import type { Draft } from '../draft.ts';
import { endOffsetFor, latestEpoch, logEnd, NO_EPOCH, type EpochStart } from '../state/log.ts';
import type { MessageOf } from '../state/message.ts';
import type { Fetcher } from '../state/replica.ts';
import { fencing, isListening } from './fetch.ts';
import { failIfFenced, truncateTo, truncationPoint } from './follow.ts';
import { asksForEpochEnd, comparesLeaderEpochs, recordsOwnEpoch, truncatesBy } from './shared-switches.ts';

/**
 * Up to 0.10.2 the log was cut to the own high watermark as soon as a leader was named, before the first fetch.
 * Kafka: ReplicaManager.makeFollowers.
 */
export function truncateBeforeFetching(draft: Draft, follower: number): void {
  if (truncatesBy(draft.model) !== 'high-watermark') return;
  truncateTo(draft, follower, draft.replica(follower).highWatermark);
}

export const startedFetcher = (draft: Draft, leader: number, leaderEpoch: number): Fetcher => ({
  state: asksForEpochEnd(draft.model) ? 'truncating' : 'fetching',
  leader,
  leaderEpoch,
});

export const isTruncating = (fetcher: Fetcher | null): fetcher is Fetcher =>
  fetcher !== null && (fetcher.state === 'truncating' || fetcher.state === 'truncating-further');

/**
 * The next turn of the fetcher's thread. An empty log has nothing to ask for: it goes on to fetch. The epoch in which it
 * asks goes along from 2.1 on. Kafka: AbstractFetcherThread.maybeTruncate.
 */
export function askForEpochEnd(draft: Draft, follower: number): void {
  const replica = draft.replica(follower);
  const { fetcher } = replica;
  if (!isTruncating(fetcher)) return;
  const leaderEpoch = latestEpoch(draft.log(follower));
  if (leaderEpoch === NO_EPOCH) {
    draft.setReplica(follower, { ...replica, fetcher: { ...fetcher, state: 'fetching' } });
    return;
  }
  draft.send({
    kind: 'OffsetsForLeaderEpoch',
    from: follower,
    to: fetcher.leader,
    incarnation: draft.process(follower).incarnation,
    currentLeaderEpoch: comparesLeaderEpochs(draft.model) ? fetcher.leaderEpoch : NO_EPOCH,
    leaderEpoch,
  });
}

/** The leader looks the epoch up. Kafka: Partition.lastOffsetForLeaderEpoch. */
export function handleEpochEndRequest(
  draft: Draft,
  leader: number,
  request: MessageOf<'OffsetsForLeaderEpoch'>,
): void {
  if (!isListening(draft, request.from, request.incarnation)) return;
  const error = fencing(draft, leader, request.currentLeaderEpoch, request.from);
  const { epoch, end } = endOffsetFor(draft.log(leader), request.leaderEpoch, recordsOwnEpoch(draft.model));
  draft.send({
    kind: 'OffsetsForLeaderEpochResponse',
    from: leader,
    to: request.from,
    error,
    requestEpoch: request.currentLeaderEpoch,
    epochEnd: error !== 'NONE' || epoch === NO_EPOCH ? [] : [{ epoch, start: end }],
  });
}

/**
 * Counts only while the partition still truncates towards that leader; from 2.1 on also only in the epoch in which it
 * was asked for. After an error the follower asks again. Kafka: AbstractFetcherThread.truncateToEpochEndOffsets.
 */
export function handleEpochEndResponse(
  draft: Draft,
  follower: number,
  response: MessageOf<'OffsetsForLeaderEpochResponse'>,
): void {
  const { model } = draft;
  const replica = draft.replica(follower);
  const { fetcher } = replica;
  const here = isTruncating(fetcher) && fetcher.leader === response.from;
  if (!here || (comparesLeaderEpochs(model) && response.requestEpoch !== fetcher.leaderEpoch)) {
    draft.emit({ type: 'stale-response-dropped', broker: follower });
    return;
  }
  if (response.error !== 'NONE') {
    if (response.error === 'FENCED_LEADER_EPOCH') {
      failIfFenced(draft, follower, replica, fetcher, response.requestEpoch);
    }
    return;
  }
  const { to, done } = truncationState(draft, follower, fetcher, response.epochEnd[0]);
  truncateTo(draft, follower, to);
  draft.setReplica(follower, {
    ...draft.replica(follower),
    fetcher: { ...fetcher, state: done ? 'fetching' : 'truncating-further' },
  });
}

interface Truncation {
  readonly to: number;
  /** Else the leader's epoch is not known here, and what is left has to be asked about again. */
  readonly done: boolean;
}

/**
 * Where the leader cannot tell, the initial fetch offset decides: the high watermark, or the end of what an earlier
 * answer has left. KIP-101 (0.11) believed the end alone; from KIP-279 (2.0) on the epoch counts too.
 * Kafka: AbstractFetcherThread.getOffsetTruncationState.
 */
function truncationState(
  draft: Draft,
  follower: number,
  fetcher: Fetcher,
  told: EpochStart | undefined,
): Truncation {
  const log = draft.log(follower);
  const end = logEnd(log);
  if (told === undefined) {
    const initial = fetcher.state === 'truncating' ? draft.replica(follower).highWatermark : end;
    return { to: Math.min(initial, end), done: true };
  }
  if (truncatesBy(draft.model) === 'epoch-end') return { to: Math.min(told.start, end), done: true };
  const own = endOffsetFor(log, told.epoch, recordsOwnEpoch(draft.model));
  return {
    to: truncationPoint(draft, follower, told),
    done: own.epoch === NO_EPOCH || own.epoch === told.epoch,
  };
}
