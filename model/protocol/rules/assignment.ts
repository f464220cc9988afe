/** Who holds a replica, and how many of them a commit needs. */
import { at, type Draft } from '../draft.ts';
import { assignmentOf, type Config, type Model } from '../config.ts';
import type { Rules } from './switches.ts';

/** The replicas in this broker's eyes: those of its metadata, or of the configuration where nothing moves them. */
export function replicasKnownTo(draft: Draft, broker: number): readonly number[] {
  const { model } = draft;
  if (model.reassigns) return at(draft.imageOf(broker).partitions, 0).replicas;
  return assignmentOf(model.config, draft.partition);
}

/**
 * `min.insync.replicas` as a leader with so many replicas applies it, those that are being added among them.
 * Kafka: Partition.effectiveMinIsr (KAFKA-15583, 3.7.0).
 */
export const effectiveMinIsr = (
  { config, rules }: { readonly config: Pick<Config, 'minInsyncReplicas'>; readonly rules: Rules },
  replicas: number,
): number =>
  rules['min-isr-capped-by-replicas'] === 'yes'
    ? Math.min(config.minInsyncReplicas, replicas)
    : config.minInsyncReplicas;

/** The same as the controller applies it to ELR. Kafka: ReplicationControlManager.getTopicEffectiveMinIsr. */
export const controllerMinIsr = ({ config }: Model, replicas: number): number =>
  Math.min(config.minInsyncReplicas, replicas);
