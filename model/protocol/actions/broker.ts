/** The life of a broker. Kafka: BrokerServer, BrokerLifecycleManager, MetadataLoader. */
import { at, type Draft } from '../draft.ts';
import { defineAction, ownBroker, ownBrokerIf, rule, world, onlyKraft } from '../define-action.ts';
import { awake, logOnline } from '../guards.ts';
import {
  controllerActive,
  currentRegistration,
  logOf,
  processOf,
  reachesController,
  replicaOf,
} from '../look.ts';
import {
  enterControlledShutdown,
  fenceBroker,
  registerBroker,
  setHeartbeat,
  takeDirectoryOffline,
  unfenceBroker,
} from '../rules/controller.ts';
import { endProcess } from '../rules/process.ts';
import { heartbeatMatters, heartbeatOutcome, isDirectoryNews, someoneShutsDown } from '../rules/heartbeat.ts';
import { fsync } from '../rules/follow.ts';
import { applyPartitionMetadata, deleteReplica } from '../rules/roles.ts';
import { isBeating, NO_BROKER_EPOCH, NO_METADATA } from '../state/broker.ts';
import {
  checkpointLogStart,
  EMPTY_LOG,
  flush,
  load,
  logEnd,
  logShape,
  logStart,
  synced,
} from '../state/log.ts';
import { imageAt, newestOffset, type MetadataImage } from '../state/metadata.ts';
import { NO_REPLICA } from '../state/replica.ts';

/**
 * A new incarnation registers. It is turned away while the session of the old one is valid (unfenced, heard of
 * within the timeout). Request and answer are one step. Kafka: ClusterControlManager.registerBroker.
 */
export const register = defineAction({
  kind: 'register-broker',
  under: onlyKraft,
  reads: ['controller', 'links', 'metadata'],
  readsOwn: ['lives'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).status === 'starting'),
  guards: [
    awake,
    world('it has not registered in this life', (_m, s, broker) => {
      const process = processOf(s, broker);
      return process.status === 'starting' && process.brokerEpoch === NO_BROKER_EPOCH;
    }),
    world('a controller is active', controllerActive),
    world('the broker and the controller reach each other', reachesController),
    rule('a registration waits until the session of the old incarnation has ended', (_m, s, broker) => {
      const registration = currentRegistration(s, broker);
      const heartbeat = at(s.controller.heartbeats, broker);
      return registration.fenced || registration.epoch < 0 || !heartbeat.sessionValid;
    }),
  ],
  effect: (draft, broker) => {
    registerBroker(draft, broker);
  },
});

/** Request, handling and answer as one step; only where it changes something. Kafka: processBrokerHeartbeat. */
export const heartbeat = defineAction({
  kind: 'heartbeat',
  under: onlyKraft,
  reads: ['controller', 'links', 'metadata'],
  readsOwn: ['processes'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    world('the broker is awake, whatever its disk does', (_m, s, broker) => isBeating(processOf(s, broker))),
    world('it is registered and not told to stop', (_m, s, broker) => {
      const process = processOf(s, broker);
      return process.brokerEpoch !== NO_BROKER_EPOCH && process.status !== 'stopping';
    }),
    world('a controller is active', controllerActive),
    world('the broker and the controller reach each other', reachesController),
    world('the heartbeat changes something', heartbeatMatters),
  ],
  effect: (draft, broker) => {
    const outcome = heartbeatOutcome(draft.model, draft.base, broker);
    const tellsOfDirectory = isDirectoryNews(draft.model, draft.base, broker);
    switch (outcome) {
      case 'unfence':
        unfenceBroker(draft, broker);
        if (draft.process(broker).status === 'starting') {
          draft.setProcess(broker, { ...draft.process(broker), status: 'running' });
        }
        break;
      case 'enter-controlled-shutdown':
        enterControlledShutdown(draft, broker);
        break;
      case 'shutdown-now':
        fenceBroker(draft, broker);
        draft.setProcess(broker, { ...draft.process(broker), status: 'stopping' });
        return;
      case 'touch':
      case 'stale':
        break;
    }
    if (tellsOfDirectory) takeDirectoryOffline(draft, broker);
    touch(draft, broker);
  },
});

function touch(draft: Draft, broker: number): void {
  const shutsDown = someoneShutsDown(draft.base) || draft.heartbeat(broker).controlledShutdownOffset >= 0;
  setHeartbeat(draft, broker, {
    ...draft.heartbeat(broker),
    sessionValid: true,
    metadataOffset: shutsDown ? draft.process(broker).metadataOffset : -1,
  });
}

/**
 * The next records of the metadata log, in order. More than one is applied as one delta, so that what lies between
 * is never seen. The first delta of a life brings everything up to at least its registration (`records` 0).
 */
export const applyMetadata = defineAction({
  kind: 'apply-metadata',
  under: onlyKraft,
  reads: ['metadata', 'controller', 'links'],
  readsOwn: ['processes'],
  who: 'broker',
  role: 'protocol',
  fault: 'lag',
  costs: (_m, _s, _broker, records) => records > 1,
  params: ['broker', 'records'],
  choices: (_model, state, visit, own) => {
    const newest = newestOffset(state.metadata);
    const { metadataOffset } = processOf(state, own);
    if (metadataOffset === NO_METADATA) visit(own, 0, 0);
    else for (let records = 1; metadataOffset + records <= newest; records++) visit(own, records, 0);
  },
  guards: [
    awake,
    world('a controller is active', controllerActive),
    world('the broker and the controller reach each other', reachesController),
    world('there are so many records', (_m, s, broker, records) => {
      const { metadataOffset } = processOf(s, broker);
      return metadataOffset === NO_METADATA
        ? records === 0
        : records > 0 && metadataOffset + records <= newestOffset(s.metadata);
    }),
    rule('a starting broker waits for the record of its own registration', (_m, s, broker) => {
      const process = processOf(s, broker);
      return process.brokerEpoch !== NO_BROKER_EPOCH && newestOffset(s.metadata) >= process.brokerEpoch;
    }),
  ],
  effect: (draft, broker, records) => {
    const process = draft.process(broker);
    const first = process.metadataOffset === NO_METADATA;
    const offset = first ? newestOffset(draft.metadata) : process.metadataOffset + records;
    draft.setProcess(broker, { ...process, metadataOffset: offset });
    if (records > 1) draft.emit({ type: 'metadata-skipped', broker, versions: records - 1 });
    draft.forEachPartition(() => {
      const before = first ? undefined : imageAt(draft.metadata, process.metadataOffset);
      applyDelta(draft, broker, before, imageAt(draft.metadata, offset));
    });
  },
});

/** Only a partition that the delta touches is applied (TopicDelta.localChanges). */
function applyDelta(
  draft: Draft,
  broker: number,
  before: MetadataImage | undefined,
  image: MetadataImage,
): void {
  const { replicas, partitionEpoch: told } = at(image.partitions, 0);
  if (!replicas.includes(broker)) {
    if (holdsReplica(draft, broker, before)) deleteReplica(draft, broker);
    return;
  }
  const known = before === undefined ? undefined : at(before.partitions, 0);
  if (known?.partitionEpoch !== told || known.replicas.length === 0) {
    applyPartitionMetadata(draft, broker, image);
  }
}

/** By the metadata of before, or for the first delta of a life by what is found on the disk. */
const holdsReplica = (draft: Draft, broker: number, before: MetadataImage | undefined): boolean =>
  before === undefined
    ? !logShape.equal(draft.log(broker), EMPTY_LOG)
    : at(before.partitions, 0).replicas.includes(broker);

/** `replication-offset-checkpoint`, every `replica.high.watermark.checkpoint.interval.ms`. */
export const checkpointHighWatermark = defineAction({
  kind: 'checkpoint-high-watermark',
  reads: [],
  readsOwn: ['lives', 'logs', 'highWatermarks'],
  who: 'broker',
  role: 'protocol',
  ofPartition: true,
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    logOnline,
    world('the checkpoint differs', (_m, s, broker) => {
      return logOf(s, broker).highWatermarkCheckpoint !== replicaOf(s, broker).highWatermark;
    }),
  ],
  effect: (draft, broker) => {
    draft.setLog(broker, {
      ...draft.log(broker),
      highWatermarkCheckpoint: draft.replica(broker).highWatermark,
    });
  },
});

/**
 * `flush.ms` has passed since the last fsync. Kafka does it only where log.flush.scheduler.interval.ms is set too.
 * Kafka: LogManager.flushDirtyLogs.
 */
export const flushLog = defineAction({
  kind: 'flush-log',
  reads: [],
  readsOwn: ['lives', 'logs'],
  who: 'broker',
  role: 'protocol',
  under: ({ config, powerMayFail }) => config.flushesInTime && powerMayFail,
  ofPartition: true,
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    logOnline,
    world('something is unflushed', (_m, s, broker) => {
      const log = logOf(s, broker);
      return log.recoveryPoint < logEnd(log);
    }),
  ],
  effect: (draft, broker) => {
    draft.setLog(broker, flush(draft.log(broker)));
  },
});

/** The operator asks for a clean stop; the broker tells the controller with its next heartbeat (KIP-631). */
export const beginControlledShutdown = defineAction({
  kind: 'begin-controlled-shutdown',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'clean-stop',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    world('the broker runs and is awake', (_m, s, broker) => {
      const process = processOf(s, broker);
      return process.status === 'running' && !process.paused;
    }),
  ],
  effect: (draft, broker) => {
    draft.setProcess(broker, { ...draft.process(broker), status: 'pending-controlled-shutdown' });
  },
});

/**
 * The controller agreed, or the broker waited its five minutes in vain: logs are flushed, the high watermark is
 * checkpointed, the clean-shutdown file gets the broker epoch. Kafka: KafkaBroker.shutdown, LogManager.shutdown.
 */
export const stopCleanly = defineAction({
  kind: 'stop-cleanly',
  under: onlyKraft,
  reads: ['controller', 'links'],
  readsOwn: ['lives'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).status !== 'running'),
  guards: [
    awake,
    world('the controller agreed or cannot be asked', (m, s, broker) => {
      const { status } = processOf(s, broker);
      if (status === 'stopping') return true;
      const silent = !s.controller.active || !reachesController(m, s, broker, 0, 0);
      return status === 'pending-controlled-shutdown' && silent;
    }),
  ],
  effect: (draft, broker) => {
    // It stands in every directory; where one has failed the stop does not count as clean.
    if (draft.process(broker).offline === undefined) {
      draft.setDisk(broker, { cleanShutdownEpoch: draft.process(broker).brokerEpoch });
    }
    stopFlushed(draft, broker);
  },
});

/** Logs are flushed, high watermark and log start are checkpointed, and the process ends. */
export function stopFlushed(draft: Draft, broker: number): void {
  draft.forEachPartition(() => {
    if (draft.hasLog(broker)) closeLog(draft, broker);
  });
  endProcess(draft, broker);
  draft.emit({ type: 'broker-stopped', broker, how: 'clean' });
}

function closeLog(draft: Draft, broker: number): void {
  const { highWatermark } = draft.replica(broker);
  const flushed = fsync(draft.model, synced(checkpointLogStart(draft.log(broker))));
  if (flushed.highWatermarkCheckpoint === highWatermark) draft.setLog(broker, flushed);
  else draft.setLog(broker, { ...flushed, highWatermarkCheckpoint: highWatermark });
}

/** A new incarnation: logs are loaded, the high watermark comes from the checkpoint. Kafka: LogManager, LogLoader. */
export const start = defineAction({
  kind: 'start-broker',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'healing',
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).status === 'down'),
  guards: [world('the broker is down', (_m, s, broker) => processOf(s, broker).status === 'down')],
  effect: (draft, broker) => {
    const process = draft.process(broker);
    draft.setProcess(broker, {
      status: 'starting',
      paused: false,
      incarnation: process.incarnation + 1,
      brokerEpoch: NO_BROKER_EPOCH,
      metadataOffset: NO_METADATA,
      alterPartition: null,
    });
    draft.emit({ type: 'broker-started', broker });
    draft.forEachPartition(() => {
      loadLog(draft, broker);
    });
  },
});

function loadLog(draft: Draft, broker: number): void {
  const before = draft.log(broker);
  const log = load(before, draft.model.rules['recovery-believes'] === 'batches');
  draft.setLog(broker, log);
  const highWatermark = Math.min(Math.max(log.highWatermarkCheckpoint, logStart(log)), logEnd(log));
  if (highWatermark > 0) draft.setReplica(broker, { ...NO_REPLICA, highWatermark });
  const [from, to] = [logEnd(before), logEnd(log)];
  if (to > from) draft.emit({ type: 'log-restarted', broker, from, to });
}
