/** What a replica may do that follows, or is to follow. Kafka: ReplicaFetcherThread. */
import { action } from '../define.ts';
import type { SpaceAction } from '../space.ts';
import { logEnd, replicaIn, replicaSlots, requestSlots, type IsrBounds } from './state.ts';
import type { Rules } from './variants.ts';

/** Copies the record at its log end and hears the leader's high watermark, in one step: there are no messages. */
export const fetch = (rules: Rules, id: number, leaderId: number): SpaceAction =>
  action(
    `replica ${id} fetches from replica ${leaderId}`,
    (read) => {
      const follower = replicaIn(read, id);
      const leader = replicaIn(read, leaderId);
      return rules.follows(follower, leaderId, leader) && logEnd(follower) < logEnd(leader);
    },
    (read, write) => {
      const follower = replicaIn(read, id);
      const leader = replicaIn(read, leaderId);
      const log = leader.log.slice(logEnd(follower), logEnd(follower) + 1);
      const slots = replicaSlots(id);
      slots.log.set(write, [...follower.log, ...log]);
      slots.highWatermark.set(write, Math.min(leader.highWatermark, logEnd(follower) + 1));
    },
  );

/**
 * Takes the request of an epoch above its own and truncates its log by the rule of the variant. A request without a
 * leader tells nobody to follow. Kafka: Partition.makeFollower, and the truncation before the first fetch.
 */
export function becomeFollower(
  rules: Rules,
  bounds: IsrBounds,
  id: number,
  leaderId: number,
  epoch: number,
): SpaceAction {
  const request = requestSlots(bounds, epoch);
  return action(
    `replica ${id} follows replica ${leaderId} in epoch ${epoch}`,
    (read) => {
      const follower = replicaIn(read, id);
      if (follower.leaderEpoch >= epoch || request.leader.get(read) !== leaderId) return false;
      const leader = replicaIn(read, leaderId);
      return (
        rules.mayTruncateBy(leader, leaderId, epoch) &&
        rules.truncationOffset(follower, leader) <= logEnd(follower)
      );
    },
    (read, write) => {
      const follower = replicaIn(read, id);
      const end = rules.truncationOffset(follower, replicaIn(read, leaderId));
      const slots = replicaSlots(id);
      slots.log.set(write, follower.log.slice(0, end));
      slots.highWatermark.set(write, Math.min(end, follower.highWatermark));
      slots.leadership.set(write, { leader: leaderId, epoch });
      slots.isr.set(write, request.isr.get(read));
    },
  );
}
