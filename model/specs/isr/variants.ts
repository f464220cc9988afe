/** Four generations of Kafka's rule for where a follower truncates, and of what fences it. */
import { leads, logEnd, sameRecord, type Replica } from './state.ts';

export interface Rules {
  /** Whether the replica counts as a follower of the leader: for fetches, for the high watermark and for the ISR. */
  follows(follower: Replica, leaderId: number, leader: Replica): boolean;
  /** Whether the leader may take followers in that have reached its high watermark. */
  mayExpand(leader: Replica): boolean;
  /** Whether the leader answers a follower that asks in this epoch where to truncate. */
  mayTruncateBy(leader: Replica, leaderId: number, epoch: number): boolean;
  /** The log end that the follower truncates to. Beyond its own log end: it cannot follow. */
  truncationOffset(follower: Replica, leader: Replica): number;
}

/** Nothing is compared but the leader's id: no epoch in a fetch request (before KIP-320). */
const UNFENCED: Omit<Rules, 'truncationOffset'> = {
  follows: (follower, leaderId) => follower.leader === leaderId,
  mayExpand: () => true,
  mayTruncateBy: () => true,
};

/** What the two logs share. KIP-279: the offset where a leader's and a follower's epochs part, found by asking again. */
function endOfCommonRecords({ log }: Replica, leader: Replica): number {
  return log.findLastIndex((record, offset) => sameRecord(record, leader.log[offset])) + 1;
}

/** KIP-101: where the leader's records of the follower's last epoch end; no second question if it has none of them. */
function endOfLastEpoch({ log, highWatermark }: Replica, leader: Replica): number {
  const epoch = log.at(-1)?.epoch;
  if (epoch === undefined) return 0;
  const leaderEpoch = leader.log.at(-1)?.epoch;
  if (leaderEpoch === undefined) return highWatermark;
  if (leaderEpoch === epoch) return logEnd(leader);
  const next = leader.log.findIndex((record) => record.epoch > epoch);
  return next === -1 ? highWatermark : next;
}

export const VARIANTS = {
  /** Up to 0.10: a follower trusts its high watermark, which lags behind that of the leader (KAFKA-1211). */
  'truncate-to-high-watermark': {
    ...UNFENCED,
    truncationOffset: ({ highWatermark }) => highWatermark,
  },
  /** 0.11, OffsetsForLeaderEpoch: loses records in fast changes of leadership (KAFKA-6361). */
  'kip-101': { ...UNFENCED, truncationOffset: endOfLastEpoch },
  /** 2.0: the answer names its epoch, so that the follower finds where the logs part. */
  'kip-279': { ...UNFENCED, truncationOffset: endOfCommonRecords },
  /** 2.1: fetch and truncation carry the epoch, a leader of another epoch refuses (FENCED_LEADER_EPOCH). */
  'kip-320': {
    follows: (follower, leaderId, leader) =>
      leads(leaderId, leader) && follower.leader === leaderId && follower.leaderEpoch === leader.leaderEpoch,
    // KAFKA-7128: before that, a new leader's high watermark may lag behind what an earlier leader committed.
    mayExpand: ({ log, highWatermark, leaderEpoch }) =>
      highWatermark === log.length || log[highWatermark]?.epoch === leaderEpoch,
    mayTruncateBy: (leader, leaderId, epoch) => leads(leaderId, leader) && leader.leaderEpoch === epoch,
    truncationOffset: endOfCommonRecords,
  },
} as const satisfies Record<string, Rules>;

export type IsrVariant = keyof typeof VARIANTS;
