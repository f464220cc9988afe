/** What deletes records: retention, and administrators. Kafka: UnifiedLog.deleteOldSegments, Partition.deleteRecordsOnLeader. */
import { defineAction, ownBrokerIf, whereBudgeted, world, type Choices } from '../define-action.ts';
import { awake, logOnline } from '../guards.ts';
import { logOf, processOf, replicaOf, servesRequests } from '../look.ts';
import type { Model } from '../config.ts';
import type { Draft } from '../draft.ts';
import { carriesLogStart } from '../rules/shared-switches.ts';
import {
  checkpointLogStart,
  deleteBelow,
  endOfBatches,
  logEnd,
  logStart,
  moveLogStart,
} from '../state/log.ts';
import type { State } from '../state/state.ts';

/** Where retention has to stop. */
function retentionBound(model: Model, state: State, broker: number): number {
  return model.rules['retention-bounded-by'] === 'high-watermark'
    ? replicaOf(state, broker).highWatermark
    : logEnd(logOf(state, broker));
}

/** Records that go at once at the most; more go with the next time. */
const MOST = 99;

/** Any number of records from the log start up to a bound. */
const upTo =
  (bound: (model: Model, state: State, broker: number) => number): Choices =>
  (model, state, visit, own) => {
    const there = bound(model, state, own) - logStart(logOf(state, own));
    for (let records = 1; records <= Math.min(there, MOST); records++) visit(own, records, 0);
  };

/** A log starts between batches. An administrator may name an offset within one in Kafka (KAFKA-6975, KAFKA-7104). */
const wholeBatches = world('no batch is deleted in part', (_m, s, broker, records) => {
  const log = logOf(s, broker);
  const start = logStart(log) + records;
  return endOfBatches(log, start) === start;
});

/**
 * The first records are older than `retention.ms`, or the log is larger than `retention.bytes`. Each replica
 * deletes its own, but nothing beyond its high watermark (0.11.0.1). Kafka: LogManager.cleanupLogs.
 */
export const deleteOldSegments = defineAction({
  kind: 'delete-old-segments',
  reads: [],
  readsOwn: ['lives', 'logs', 'highWatermarks'],
  who: 'broker',
  role: 'perturbation',
  fault: 'retention',
  under: whereBudgeted('retention'),
  ofPartition: true,
  params: ['broker', 'records'],
  choices: upTo(retentionBound),
  guards: [
    awake,
    logOnline,
    world('retention may go so far', (m, s, broker, records) => {
      return records > 0 && logStart(logOf(s, broker)) + records <= retentionBound(m, s, broker);
    }),
    wholeBatches,
  ],
  effect: (draft, broker, records) => {
    const offset = logStart(draft.log(broker)) + records;
    draft.setLog(broker, deleteBelow(draft.log(broker), offset));
    moved(draft, broker, offset, 'retention');
  },
});

/**
 * An administrator has the first records deleted: the leader moves its log start, followers hear of it with
 * their next fetch (KIP-107, 0.11). Segments stay on the disk for retention to find.
 */
export const deleteRecords = defineAction({
  kind: 'delete-records',
  reads: [],
  readsOwn: ['lives', 'logs', 'roles', 'highWatermarks'],
  who: 'leader',
  role: 'perturbation',
  fault: 'delete-records',
  under: (model) => whereBudgeted('delete-records')(model) && carriesLogStart(model),
  ofPartition: true,
  params: ['broker', 'records'],
  choices: upTo((_model, state, broker) => replicaOf(state, broker).highWatermark),
  guards: [
    world('the broker serves requests', (_m, s, broker) => servesRequests(processOf(s, broker))),
    world('the broker believes that it leads', (_m, s, broker) => replicaOf(s, broker).leading !== null),
    world('so many records are below the high watermark', (_m, s, broker, records) => {
      return records > 0 && logStart(logOf(s, broker)) + records <= replicaOf(s, broker).highWatermark;
    }),
    wholeBatches,
  ],
  effect: (draft, broker, records) => {
    const offset = logStart(draft.log(broker)) + records;
    draft.setLog(broker, moveLogStart(draft.log(broker), offset));
    moved(draft, broker, offset, 'delete-records');
  },
});

function moved(draft: Draft, broker: number, to: number, why: 'retention' | 'delete-records'): void {
  draft.emit({ type: 'log-start-moved', broker, to, why });
}

const isCheckpointOld = (state: State, broker: number): boolean =>
  checkpointLogStart(logOf(state, broker)) !== logOf(state, broker);

/** `log-start-offset-checkpoint`, every `log.flush.start.offset.checkpoint.interval.ms`. Kafka: LogManager. */
export const checkpointStart = defineAction({
  kind: 'checkpoint-log-start',
  reads: [],
  readsOwn: ['lives', 'logs'],
  who: 'broker',
  role: 'protocol',
  under: ({ deletesRecords }) => deletesRecords,
  ofPartition: true,
  params: ['broker'],
  choices: ownBrokerIf(isCheckpointOld),
  guards: [awake, logOnline, world('the checkpoint differs', (_m, s, broker) => isCheckpointOld(s, broker))],
  effect: (draft, broker) => {
    draft.setLog(broker, checkpointLogStart(draft.log(broker)));
  },
});
