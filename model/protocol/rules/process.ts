/** How a broker's process ends. Kafka: KafkaBroker, Exit. */
import type { Draft } from '../draft.ts';
import { NO_BROKER_EPOCH, NO_METADATA } from '../state/broker.ts';
import { NO_REPLICA } from '../state/replica.ts';
import { forgetControllers } from '../zookeeper/memory.ts';

/** What lives in the process goes; its connections die, what it sent before is still under way. */
export function endProcess(draft: Draft, broker: number): void {
  draft.setProcess(broker, {
    status: 'down',
    paused: false,
    incarnation: draft.process(broker).incarnation,
    brokerEpoch: NO_BROKER_EPOCH,
    metadataOffset: NO_METADATA,
    alterPartition: null,
  });
  draft.forEachPartition(() => {
    draft.setAlterPartition(broker, null);
    draft.setReplica(broker, NO_REPLICA);
  });
  if (draft.model.zookeeper) forgetControllers(draft, broker);
  draft.disconnect(broker);
}

/** The clean-shutdown file is deleted when it has been read, and there is none after any other stop. */
export function forgetCleanShutdown(draft: Draft, broker: number): void {
  if (draft.disk(broker).cleanShutdownEpoch === NO_BROKER_EPOCH) return;
  draft.setDisk(broker, { cleanShutdownEpoch: NO_BROKER_EPOCH });
}

/**
 * A log directory fails: the replicas in it go, and whoever asks for one gets KAFKA_STORAGE_ERROR (KIP-112, 1.0).
 * Metadata that comes changes nothing of that. Kafka: ReplicaManager.handleLogDirFailure.
 */
export function loseDirectory(draft: Draft, broker: number, directory: number): void {
  const process = draft.process(broker);
  draft.setProcess(broker, { ...process, offline: (process.offline ?? 0) | (1 << directory) });
  draft.forEachPartition(() => {
    if (!draft.hasLog(broker)) draft.setReplica(broker, NO_REPLICA);
  });
  draft.emit({ type: 'directory-failed', broker });
}

/** The broker stops of itself at a fatal error; what it wrote stays. Kafka: FatalExitError. */
export function exitFatally(draft: Draft, broker: number): void {
  endProcess(draft, broker);
  forgetCleanShutdown(draft, broker);
  draft.emit({ type: 'broker-stopped', broker, how: 'exit' });
}
