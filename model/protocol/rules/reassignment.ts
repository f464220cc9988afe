/**
 * Moving replicas between brokers: what an administrator asks for, and when it is done. Kafka: PartitionReassignmentReplicas,
 * PartitionReassignmentRevert, ReplicationControlManager.alterPartitionReassignment (KIP-455).
 */
import { isSubset, NO_BROKERS, setOf, type BrokerSet } from '../base/broker-set.ts';
import type { Model } from '../config.ts';
import { at } from '../draft.ts';
import type { MetadataImage, PartitionRegistration } from '../state/metadata.ts';
import { clause, holds } from './clauses.ts';
import {
  acceptableLeader,
  changePartition,
  configuredElection,
  type ChangedPartition,
} from './partition-change.ts';

const revertKeepsIsr = clause(
  'a reassignment is cancelled only if a member of the ISR stays, or unclean election is allowed',
);

/** The order of a target: the preferred leader, then the others by id. */
export const targetOf = (preferred: number, replicas: BrokerSet, brokers: number): readonly number[] => [
  preferred,
  ...Array.from({ length: brokers }, (_, id) => id).filter(
    (id) => id !== preferred && isSubset(1 << id, replicas),
  ),
];

/**
 * The first partition of the image, whose number is `which`, once the controller is asked for `target`: what leaves stays behind the target until what comes is in
 * sync. A set that would be empty is left as an earlier reassignment made it.
 */
export function reassign(
  model: Model,
  image: MetadataImage,
  target: readonly number[],
  which = 0,
): ChangedPartition | undefined {
  const before = at(image.partitions, 0);
  const current = setOf(before.replicas);
  const wanted = setOf(target);
  const leaving = before.replicas.filter((id) => !target.includes(id)).toSorted((a, b) => a - b);
  return changePartition(model, before, {
    targetIsr: before.isr,
    uncleanShutdown: NO_BROKERS,
    acceptable: (broker) => acceptableLeader(model, image, broker, which),
    type: 'ONLINE',
    confirmsRecovery: false,
    assignment: {
      replicas: [...target, ...leaving],
      adding: wanted & ~current || (before.reassignment?.adding ?? NO_BROKERS),
      removing: current & ~wanted || (before.reassignment?.removing ?? NO_BROKERS),
    },
  });
}

/** Whether the reassignment under way may be taken back. */
export function mayRevert(model: Model, { isr, reassignment }: PartitionRegistration): boolean {
  const left = isr & ~(reassignment?.adding ?? NO_BROKERS);
  return holds(model.leftOut, revertKeepsIsr, left !== NO_BROKERS || model.uncleanElection);
}

/**
 * Back to the replicas of before. Where only added replicas are in sync the first old one becomes the ISR, which is an
 * unclean election.
 */
export function revert(model: Model, image: MetadataImage, which = 0): ChangedPartition | undefined {
  const before = at(image.partitions, 0);
  const adding = before.reassignment?.adding ?? NO_BROKERS;
  const replicas = before.replicas.filter((id) => !isSubset(1 << id, adding));
  const kept = before.isr & ~adding;
  const changed = changePartition(model, before, {
    targetIsr: kept === NO_BROKERS ? 1 << at(replicas, 0) : kept,
    uncleanShutdown: NO_BROKERS,
    acceptable: (broker) => acceptableLeader(model, image, broker, which),
    type: configuredElection(model),
    confirmsRecovery: false,
    assignment: { replicas, adding: NO_BROKERS, removing: NO_BROKERS },
  });
  return changed === undefined ? undefined : { ...changed, forcedIsr: kept === NO_BROKERS };
}
