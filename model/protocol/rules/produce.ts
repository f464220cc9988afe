/** A produce request at the broker. Kafka: ReplicaManager.appendRecords, Partition.appendRecordsToLeader. */
import { size } from '../base/broker-set.ts';
import { producerOf } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import { recordsIn, recordsOf } from '../state/clients.ts';
import { append, entry, logEnd, logStart, type Entry } from '../state/log.ts';
import { ABANDONED, type ErrorCode, type MessageOf } from '../state/message.ts';
import { NO_METADATA } from '../state/broker.ts';
import { NO_STAMP, stampAfter } from '../state/stamp.ts';
import { effectiveMinIsr, replicasKnownTo } from './assignment.ts';
import { clause, holds } from './clauses.ts';
import { flushed } from './follow.ts';
import { completeProduces, maybeAdvanceHighWatermark } from './high-watermark.ts';
import { admit } from './producer-state.ts';

const enoughReplicas = clause('acks=all is refused while the committed ISR is below min.insync.replicas');

/** Produce carries no leader epoch: a deposed leader that has not heard of it appends. */
export function handleProduce(draft: Draft, broker: number, request: MessageOf<'Produce'>): void {
  const { model } = draft;
  const producer = producerOf(request.from);
  const { acks } = at(model.config.producers, producer);
  const replica = draft.replica(broker);
  const { leading } = replica;
  if (!draft.hasLog(broker)) {
    refuse(draft, broker, request, 'KAFKA_STORAGE_ERROR');
    return;
  }
  if (leading === null) {
    const known = replica.leaderEpoch >= 0 || draft.process(broker).metadataOffset !== NO_METADATA;
    refuse(draft, broker, request, known ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION');
    return;
  }
  if (
    acks === -1 &&
    !holds(
      model.leftOut,
      enoughReplicas,
      size(leading.committedIsr) >= effectiveMinIsr(model, replicasKnownTo(draft, broker).length),
    )
  ) {
    refuse(draft, broker, request, 'NOT_ENOUGH_REPLICAS');
    return;
  }
  const log = draft.log(broker);
  const admission =
    request.stamp === undefined ? undefined : admit(model, log, request.stamp, recordsIn(request));
  if (admission?.kind === 'refuse') {
    refuse(draft, broker, request, admission.error);
    return;
  }
  // A batch that stands in the log already counts as appended there: acks=all waits for it all the same.
  const duplicateOf = admission?.kind === 'duplicate' ? admission.offset : undefined;
  /** Of its last record. */
  const offset = duplicateOf ?? logEnd(log) + recordsIn(request) - 1;
  if (duplicateOf === undefined) {
    const entries = batchOf(request, replica.leaderEpoch);
    draft.setLog(broker, flushed(draft, append(log, entries)));
    for (let i = 0; i < entries.length; i++) {
      draft.emit({ type: 'appended', broker, offset: logEnd(log) + i, entry: at(entries, i) });
    }
    // With an ISR of one the record may be committed in this very step.
    maybeAdvanceHighWatermark(draft, broker);
  }

  if (acks === 0 || request.incarnation === ABANDONED) return;
  if (acks === 1) {
    draft.send({
      kind: 'ProduceResponse',
      from: broker,
      to: request.from,
      error: 'NONE',
      record: request.record,
      offset,
    });
    return;
  }
  const now = draft.replica(broker);
  if (now.leading === null) return;
  const waiting = { producer, record: request.record, requiredOffset: offset + 1 };
  draft.setReplica(broker, {
    ...now,
    leading: { ...now.leading, waiting: [...now.leading.waiting, waiting] },
  });
  completeProduces(draft, broker);
}

/** A batch is written as a whole. Kafka: MemoryRecords, DefaultRecordBatch. */
function batchOf(request: MessageOf<'Produce'>, leaderEpoch: number): readonly Entry[] {
  const { record, more, stamp = NO_STAMP } = request;
  if (more === undefined) return [entry(record, leaderEpoch, stamp)];
  return recordsOf(request).map((one, nth) =>
    entry(one, leaderEpoch, stampAfter(stamp, nth), nth < more.length),
  );
}

/** acks=0 gets no answer: the broker closes the connection, which loses nothing the producer waits for. */
export function refuse(draft: Draft, broker: number, request: MessageOf<'Produce'>, error: ErrorCode): void {
  const { acks } = at(draft.model.config.producers, producerOf(request.from));
  if (acks === 0 || request.incarnation === ABANDONED) return;
  draft.send({
    kind: 'ProduceResponse',
    from: broker,
    to: request.from,
    error,
    record: request.record,
    offset: -1,
    ...(error === 'UNKNOWN_PRODUCER_ID' ? { logStart: logStart(draft.log(broker)) } : {}),
  });
}
