/**
 * What the controller may do. It elects and takes out of the ISR at any moment: that stands for every session that
 * expires, every preferred election, every controlled shutdown. Kafka, before KRaft: PartitionStateMachine,
 * ReplicaStateMachine; later ReplicationControlManager and PartitionChangeBuilder.
 */
import { has, withBroker, without } from '../../protocol/base/broker-set.ts';
import { action } from '../define.ts';
import type { Read, SpaceAction, Write } from '../space.ts';
import { NO_LEADER, QUORUM, requestSlots, type IsrBounds } from './state.ts';

/** Clean election: only members of the ISR. The new leader learns of it by the request. */
export const elect = (bounds: IsrBounds, id: number): SpaceAction =>
  action(
    `the controller elects replica ${id}`,
    (read) => {
      const { leader } = QUORUM.leadership.get(read);
      return has(QUORUM.isr.get(read), id) && leader !== id && epochIsLeft(bounds, read);
    },
    (read, write) => decide(bounds, read, write, id, QUORUM.isr.get(read)),
  );

/**
 * A replica that is gone leaves leadership and ISR. A leader that is the last member stays in the ISR, so that the
 * partition can come back with it (LeaderAndIsr of an offline partition keeps its last ISR).
 */
export const shrink = (bounds: IsrBounds, id: number): SpaceAction =>
  action(
    `the controller takes replica ${id} out`,
    (read) => {
      const { leader } = QUORUM.leadership.get(read);
      return (leader === id || has(QUORUM.isr.get(read), id)) && epochIsLeft(bounds, read);
    },
    (read, write) => {
      const { leader } = QUORUM.leadership.get(read);
      const isr = QUORUM.isr.get(read);
      if (leader !== id) decide(bounds, read, write, leader, without(isr, id));
      else decide(bounds, read, write, NO_LEADER, isr === withBroker(0, id) ? isr : without(isr, id));
    },
  );

const epochIsLeft = ({ epochs }: IsrBounds, read: Read): boolean =>
  QUORUM.leadership.get(read).epoch < epochs;

/** Each decision has a leader epoch of its own and is sent to the replicas. */
function decide(bounds: IsrBounds, read: Read, write: Write, leader: number, isr: number): void {
  const epoch = QUORUM.leadership.get(read).epoch + 1;
  QUORUM.leadership.set(write, { leader, epoch });
  QUORUM.isr.set(write, isr);
  const request = requestSlots(bounds, epoch);
  request.leader.set(write, leader);
  request.isr.set(write, isr);
}
