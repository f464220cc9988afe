/** What a replica may do that leads, or is to lead. Kafka: Partition. */
import { has, members, withBroker, without } from '../../protocol/base/broker-set.ts';
import { action } from '../define.ts';
import type { SpaceAction, Write } from '../space.ts';
import {
  hasOffset,
  isTrueLeader,
  leads,
  logEnd,
  NEXT_RECORD,
  QUORUM,
  replicaIn,
  replicaSlots,
  requestSlots,
  type IsrBounds,
} from './state.ts';
import type { Rules } from './variants.ts';

/** Takes the request of an epoch above its own. Its log and high watermark stay. Kafka: Partition.makeLeader. */
export function becomeLeader(bounds: IsrBounds, id: number, epoch: number): SpaceAction {
  const request = requestSlots(bounds, epoch);
  return action(
    `replica ${id} becomes leader in epoch ${epoch}`,
    (read) => replicaIn(read, id).leaderEpoch < epoch && request.leader.get(read) === id,
    (read, write) => {
      const slots = replicaSlots(id);
      slots.leadership.set(write, { leader: id, epoch });
      slots.isr.set(write, request.isr.get(read));
    },
  );
}

/** Appends a record with its own epoch. Kafka: Partition.appendRecordsToLeader. */
export const append = ({ logSize, records }: IsrBounds, id: number): SpaceAction =>
  action(
    `replica ${id} appends the next record`,
    (read) => {
      const replica = replicaIn(read, id);
      return leads(id, replica) && logEnd(replica) < logSize && NEXT_RECORD.get(read) < records;
    },
    (read, write) => {
      const { log, leaderEpoch } = replicaIn(read, id);
      const record = NEXT_RECORD.get(read);
      replicaSlots(id).log.set(write, [...log, { record, epoch: leaderEpoch }]);
      NEXT_RECORD.set(write, record + 1);
    },
  );

/** One step further, once the whole ISR that it believes in has the record. Kafka: Partition.maybeIncrementLeaderHW. */
export const incrementHighWatermark = (rules: Rules, id: number): SpaceAction =>
  action(
    `replica ${id} raises its high watermark`,
    (read) => {
      const leader = replicaIn(read, id);
      return (
        leads(id, leader) &&
        hasOffset(leader, leader.highWatermark) &&
        members(leader.isr).every((member) => {
          const follower = replicaIn(read, member);
          return rules.follows(follower, id, leader) && hasOffset(follower, leader.highWatermark);
        })
      );
    },
    (read, write) => {
      const { highWatermark } = replicaSlots(id);
      highWatermark.set(write, highWatermark.get(read) + 1);
    },
  );

/** Takes a follower out that does not follow or lags. Kafka: Partition.maybeShrinkIsr; the lag may be any lag here. */
export const shrinkIsr = (rules: Rules, id: number, member: number): SpaceAction =>
  action(
    `leader ${id} takes replica ${member} out of the ISR`,
    (read) => {
      const leader = replicaIn(read, id);
      if (!isTrueLeader(id, leader, QUORUM.leadership.get(read)) || !has(QUORUM.isr.get(read), member))
        return false;
      const follower = replicaIn(read, member);
      return !rules.follows(follower, id, leader) || logEnd(follower) < logEnd(leader);
    },
    (read, write) => changeIsr(write, id, without(QUORUM.isr.get(read), member)),
  );

/** Takes a follower in that has reached the high watermark. Kafka: Partition.maybeExpandIsr. */
export const expandIsr = (rules: Rules, id: number, joining: number): SpaceAction =>
  action(
    `leader ${id} takes replica ${joining} into the ISR`,
    (read) => {
      const leader = replicaIn(read, id);
      if (!isTrueLeader(id, leader, QUORUM.leadership.get(read)) || has(QUORUM.isr.get(read), joining))
        return false;
      if (!rules.mayExpand(leader)) return false;
      const follower = replicaIn(read, joining);
      return rules.follows(follower, id, leader) && logEnd(follower) >= leader.highWatermark;
    },
    (read, write) => changeIsr(write, id, withBroker(QUORUM.isr.get(read), joining)),
  );

/** Quorum and leader change together and keep the leader epoch: there is no AlterPartition in flight here. */
function changeIsr(write: Write, id: number, isr: number): void {
  QUORUM.isr.set(write, isr);
  replicaSlots(id).isr.set(write, isr);
}
