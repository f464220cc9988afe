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
 * The log directory with the partition fails: the replica goes with it, and whoever asks for it gets KAFKA_STORAGE_ERROR
 * (KIP-112, 1.0). Metadata that comes changes nothing of that. Kafka: ReplicaManager.handleLogDirFailure.
 */
export function loseDirectory(draft: Draft, broker: number): void {
  draft.setProcess(broker, { ...draft.process(broker), offline: true });
  draft.setReplica(broker, NO_REPLICA);
  draft.emit({ type: 'directory-failed', broker });
}

/** The broker stops of itself at a fatal error; what it wrote stays. Kafka: FatalExitError. */
export function exitFatally(draft: Draft, broker: number): void {
  endProcess(draft, broker);
  forgetCleanShutdown(draft, broker);
  draft.emit({ type: 'broker-stopped', broker, how: 'exit' });
}
