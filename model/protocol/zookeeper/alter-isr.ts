/**
 * An ISR change that a leader asks of a controller in ZooKeeper mode (2.7, KIP-497). A repeated request is answered with
 * success. Kafka: KafkaController.processAlterIsr, from 3.2 processAlterPartition.
 */
import { has, members } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import {
  answer,
  brokerEpochCurrent,
  leaderEpochCurrent,
  memberNotFenced,
  partitionEpochCurrent,
} from '../rules/alter-partition.ts';
import { holds } from '../rules/clauses.ts';
import { admitsBeingBehind, keepsFencedOut } from '../rules/shared-switches.ts';
import type { ErrorCode, MessageOf } from '../state/message.ts';
import type { ControllerEvent } from './controller.ts';

export function handleAlterIsr(
  draft: Draft,
  event: ControllerEvent,
  request: MessageOf<'AlterPartition'>,
): void {
  const error = change(draft, event, request);
  if (error !== 'NONE') draft.emit({ type: 'isr-change-refused', broker: request.from, error });
  const { isr, leaderEpoch, version } = event.context.leadership;
  answer(draft, request, error, { isr, leaderEpoch, partitionEpoch: version });
}

/** Checks in Kafka's order against what the controller remembers, then the conditional write. */
function change(draft: Draft, event: ControllerEvent, request: MessageOf<'AlterPartition'>): ErrorCode {
  const { leftOut } = draft.model;
  const { context } = event;
  if (!context.active) return 'NOT_CONTROLLER';
  const { from, proposal, brokerEpoch } = request;
  if (!holds(leftOut, brokerEpochCurrent, at(context.live, from) === brokerEpoch))
    return 'STALE_BROKER_EPOCH';
  const { leader, leaderEpoch, isr, version } = context.leadership;
  const fenced = !holds(leftOut, leaderEpochCurrent, proposal.leaderEpoch >= leaderEpoch);
  const isAhead = proposal.leaderEpoch > leaderEpoch || proposal.partitionEpoch > version;
  // Before 3.3 the conditional write decided on what the controller has not heard of (KAFKA-14154).
  if (admitsBeingBehind(draft.model) && isAhead) return 'NOT_CONTROLLER';
  if (fenced) return 'FENCED_LEADER_EPOCH';
  if (leader === from && proposal.leaderEpoch === leaderEpoch && proposal.isr === isr) return 'NONE';
  if (keepsFencedOut(draft.model)) {
    const { online } = event;
    const eligible = members(proposal.isr).every((broker) => has(online, broker));
    if (!holds(leftOut, memberNotFenced, eligible)) return 'INELIGIBLE_REPLICA';
  }
  const written = at(draft.newestImage().partitions, 0).partitionEpoch;
  const sameVersion = holds(leftOut, partitionEpochCurrent, proposal.partitionEpoch === written);
  if (!sameVersion) return 'INVALID_UPDATE_VERSION';
  const next = { leader: from, isr: proposal.isr, leaderEpoch: proposal.leaderEpoch };
  return event.writeOver(written, next) ? 'NONE' : 'NOT_CONTROLLER';
}
