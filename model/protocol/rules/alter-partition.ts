/** An ISR change at the controller and its answer at the leader (KIP-497, KIP-841, KIP-903). */
import { has, isSubset, members, NO_BROKERS, setOf } from '../base/broker-set.ts';
import { CONTROLLER } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import { sameProposal, type Proposal } from '../state/broker.ts';
import type { ErrorCode, MessageOf } from '../state/message.ts';
import type { PartitionRegistration } from '../state/metadata.ts';
import { clause, holds } from './clauses.ts';
import { applyChange } from './controller.ts';
import { isListening } from './fetch.ts';
import { maybeAdvanceHighWatermark } from './high-watermark.ts';
import { acceptableLeader, changePartition, configuredElection } from './partition-change.ts';
import { admitsBeingBehind, keepsFencedOut } from './shared-switches.ts';

export const brokerEpochCurrent = clause(
  'an AlterPartition comes from the registered incarnation of its sender',
);
export const leaderEpochCurrent = clause('an AlterPartition carries the current leader epoch');
const fromLeader = clause('an AlterPartition comes from the leader');
export const partitionEpochCurrent = clause('an AlterPartition carries the current partition epoch');
const leaderStays = clause('the leader stays in the ISR that it proposes');
const memberRegistered = clause('a proposed ISR member is registered');
export const memberNotFenced = clause('a proposed ISR member is not fenced');
const memberNotShuttingDown = clause('a proposed ISR member is not in controlled shutdown');
const memberSameEpoch = clause('a proposed ISR member is the incarnation that the leader saw');
const answerToPending = clause('the answer to an AlterPartition counts only for the change that is pending');
const answerSameEpoch = clause('the answer to an AlterPartition counts only in the same leader epoch');
const answerNotOlder = clause(
  'the answer to an AlterPartition counts only if its partition epoch is not older',
);

/**
 * Our repair: requests of a broker are numbered, and the controller refuses one that was sent before one that it has
 * answered. Kafka handles both copies of a request that NodeToControllerRequestThread sent again, in any order, so that the
 * late one may be accepted after Partition.handleAlterPartitionError took the refusal of the other as final. `earlier` is
 * how many requests of the sender are still under way that were sent before the one at hand.
 */
export function refuseLateCopies(draft: Draft, sender: number, earlier: number): void {
  if (draft.model.rules['late-alter-partition-copy'] === 'handled') return;
  draft.discard('AlterPartition', sender, CONTROLLER, earlier);
}

/** Validates and commits the change, then answers. Kafka: ReplicationControlManager.alterPartition. */
export function handleAlterPartition(draft: Draft, request: MessageOf<'AlterPartition'>): void {
  const image = draft.newestImage();
  const before = at(image.partitions, 0);
  const error = validate(draft, request, before);
  if (error !== 'NONE') {
    draft.emit({ type: 'isr-change-refused', broker: request.from, error });
    answer(draft, request, error, before);
    return;
  }
  const changed = changePartition(draft.model, before, {
    targetIsr: request.proposal.isr,
    uncleanShutdown: NO_BROKERS,
    acceptable: (broker) => acceptableLeader(draft.model, image, broker, draft.partition),
    type: configuredElection(draft.model),
    confirmsRecovery: true,
  });
  if (changed !== undefined) draft.commit(applyChange(draft, image, changed));
  // A change that takes the leadership from its sender is made, and yet answered with an error.
  const moved = changed?.election !== undefined && changed.partition.leader !== request.from;
  answer(draft, request, moved ? 'NEW_LEADER_ELECTED' : 'NONE', changed?.partition ?? before);
}

/** In Kafka's order. Kafka: ReplicationControlManager.validateAlterPartitionData. */
function validate(
  draft: Draft,
  request: MessageOf<'AlterPartition'>,
  partition: PartitionRegistration,
): ErrorCode {
  const { leftOut, rules } = draft.model;
  const { proposal } = request;
  const sender = at(draft.newestImage().registrations, request.from);
  if (!holds(leftOut, brokerEpochCurrent, request.brokerEpoch === sender.epoch)) return 'STALE_BROKER_EPOCH';
  // A controller that is behind the sender says so (3.3, KAFKA-14154).
  if (admitsBeingBehind(draft.model)) {
    if (proposal.leaderEpoch > partition.leaderEpoch) return 'NOT_CONTROLLER';
    if (proposal.partitionEpoch > partition.partitionEpoch) return 'NOT_CONTROLLER';
  }
  const sameLeaderEpoch = proposal.leaderEpoch === partition.leaderEpoch;
  if (!holds(leftOut, leaderEpochCurrent, sameLeaderEpoch)) return 'FENCED_LEADER_EPOCH';
  if (!holds(leftOut, fromLeader, request.from === partition.leader)) return 'INVALID_REQUEST';
  // ZooKeeper mode took a repeat of what had been done already for done.
  const repeats = proposal.isr === partition.isr && proposal.partitionEpoch < partition.partitionEpoch;
  if (repeats && rules['repeated-alter-partition'] === 'accepted-if-equal') return 'NONE';
  const samePartitionEpoch = proposal.partitionEpoch === partition.partitionEpoch;
  if (!holds(leftOut, partitionEpochCurrent, samePartitionEpoch)) return 'INVALID_UPDATE_VERSION';
  if (!isSubset(proposal.isr, setOf(partition.replicas))) return 'INVALID_REQUEST';
  if (!holds(leftOut, leaderStays, has(proposal.isr, request.from))) return 'INVALID_REQUEST';
  return ineligibleMember(draft, proposal) ? 'INELIGIBLE_REPLICA' : 'NONE';
}

/** A member unregistered, shutting down, fenced, or of another life. Kafka: ineligibleReplicasForIsr. */
function ineligibleMember(draft: Draft, proposal: Proposal): boolean {
  const { leftOut } = draft.model;
  if (!keepsFencedOut(draft.model)) return false;
  const { registrations } = draft.newestImage();
  return members(proposal.isr).some((broker) => {
    const registration = at(registrations, broker);
    const seen = at(proposal.brokerEpochs, broker);
    return !(
      holds(leftOut, memberRegistered, registration.epoch >= 0) &&
      holds(leftOut, memberNotShuttingDown, !registration.inControlledShutdown) &&
      holds(leftOut, memberNotFenced, !registration.fenced) &&
      holds(leftOut, memberSameEpoch, seen === -1 || seen === registration.epoch)
    );
  });
}

export function answer(
  draft: Draft,
  request: MessageOf<'AlterPartition'>,
  error: ErrorCode,
  partition: Pick<PartitionRegistration, 'isr' | 'leaderEpoch' | 'partitionEpoch'>,
): void {
  if (!isListening(draft, request.from, request.incarnation)) return;
  const success = error === 'NONE';
  draft.send({
    kind: 'AlterPartitionResponse',
    from: request.to,
    to: request.from,
    error,
    isr: success ? partition.isr : NO_BROKERS,
    leaderEpoch: success ? partition.leaderEpoch : -1,
    partitionEpoch: success ? partition.partitionEpoch : -1,
  });
}

/** Kafka: Partition.submitAlterPartition, handleAlterPartitionUpdate, handleAlterPartitionError. */
export function handleAlterPartitionResponse(
  draft: Draft,
  leader: number,
  response: MessageOf<'AlterPartitionResponse'>,
): void {
  const sent = draft.alterPartition(leader);
  // Request-level errors: the change stays with the manager and is sent again.
  if (response.error === 'STALE_BROKER_EPOCH' || response.error === 'NOT_CONTROLLER') return;
  draft.setAlterPartition(leader, null);

  const { leftOut } = draft.model;
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null || sent === null) return;
  if (!holds(leftOut, answerToPending, sameProposal(leading.pending, sent))) return;

  switch (response.error) {
    case 'NONE': {
      if (!holds(leftOut, answerSameEpoch, response.leaderEpoch === replica.leaderEpoch)) return;
      if (!holds(leftOut, answerNotOlder, response.partitionEpoch >= replica.partitionEpoch)) return;
      draft.setReplica(leader, {
        ...replica,
        partitionEpoch: response.partitionEpoch,
        leading: { ...leading, committedIsr: response.isr, pending: null },
      });
      // Without it the high watermark waits for the next fetch, which may never come (KAFKA-13091).
      if (draft.model.rules['isr-answer-advances-high-watermark'] === 'yes') {
        maybeAdvanceHighWatermark(draft, leader);
      }
      return;
    }
    case 'INELIGIBLE_REPLICA':
    case 'OPERATION_NOT_ATTEMPTED':
      // The controller says that the request was not applied: back to the last committed ISR.
      draft.setReplica(leader, { ...replica, leading: { ...leading, pending: null } });
      return;
    default:
      // Pending until newer metadata comes: whether the change was applied is not known here.
      return;
  }
}
