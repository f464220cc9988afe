/**
 * An idempotent producer's book-keeping: which sequence each batch carries, what an error means for it, and what happens
 * when a gap cannot be explained (KIP-98, KIP-360). The producer id comes from InitProducerId, which is one with the
 * start of the producer here. Kafka: TransactionManager, TxnPartitionEntry, RecordAccumulator.
 */
import type { Model } from '../config.ts';
import { recordsIn, type Batch, type Idempotence, type Producer } from '../state/clients.ts';
import type { ErrorCode } from '../state/message.ts';
import { comparesWithLogStart, startsOverInNewEpoch } from './shared-switches.ts';
import {
  MAX_PRODUCER_EPOCH,
  MAX_PRODUCER_ID,
  producerIdOf,
  sequenceAfter,
  sequenceOf,
  stamp,
} from '../state/stamp.ts';

/** No batch was acknowledged yet in this epoch; no sequence is unresolved. */
const NONE = -1;

/** A producer that has just got a producer id. */
export const freshIdempotence = (producerId: number): Idempotence => ({
  producerId,
  producerEpoch: 0,
  nextSequence: 0,
  lastAcked: NONE,
  unresolved: NONE,
});

/** The producer ids that one producer gets, one after the other, never meet another's. */
export const firstProducerId = (producer: number): number => producer + 1;

/** The sequence that the batch carries; one that has none yet comes after all that have. */
export const sequenceOfBatch = ({ numbered }: Batch): number =>
  numbered === undefined ? Number.POSITIVE_INFINITY : sequenceOf(numbered.stamp);

/** The sequence of its last record. Kafka: ProducerBatch.lastSequence. */
const lastSequenceOf = (batch: Batch): number => sequenceOfBatch(batch) + recordsIn(batch) - 1;

/** Gives a batch that was never sent its sequence. It keeps it for as long as it is sent again. */
export function numberBatch(producer: Producer, batch: Batch): { producer: Producer; batch: Batch } {
  const { idempotence } = producer;
  if (idempotence === undefined) return { producer, batch };
  const { producerId, producerEpoch, nextSequence: sequence } = idempotence;
  return {
    producer: {
      ...producer,
      idempotence: { ...idempotence, nextSequence: sequenceAfter(sequence, recordsIn(batch)) },
    },
    batch: {
      ...batch,
      numbered: { stamp: stamp(producerId, producerEpoch, sequence), renumbered: false },
    },
  };
}

const isUnresolved = ({ unresolved }: Idempotence): boolean => unresolved !== NONE;

/** Nothing new goes out while it is unknown whether an expired batch was written. */
export const mayNumber = ({ idempotence }: Producer): boolean =>
  idempotence === undefined || !isUnresolved(idempotence);

/** The producer after a restart of its process: the id that it gets is a new one, and with it all is as at the start. */
export function restarted(model: Model, { idempotence }: Producer): Idempotence | undefined {
  return idempotence === undefined
    ? undefined
    : freshIdempotence(idempotence.producerId + model.config.producers.length);
}
export const hasIdLeft = (model: Model, { idempotence }: Producer): boolean =>
  idempotence === undefined || idempotence.producerId + model.config.producers.length <= MAX_PRODUCER_ID;

/** Every batch that is not decided, by sequence. */
const undecided = ({ inFlight, retries }: Producer): readonly Batch[] =>
  [...inFlight, ...retries].sort((a, b) => sequenceOfBatch(a) - sequenceOfBatch(b));

/** A batch is sent again only once every earlier one is decided. Kafka: shouldStopDrainBatchesForPartition. */
export function isFirstUndecided(producer: Producer, batch: Batch): boolean {
  return batch.numbered === undefined ? mayNumber(producer) : undecided(producer)[0] === batch;
}

/** Puts a batch back among those to be sent again, in the order of their sequences. Kafka: insertInSequenceOrder. */
export function requeued(retries: readonly Batch[], batch: Batch): readonly Batch[] {
  const sequence = sequenceOfBatch(batch);
  const place = retries.findIndex((other) => sequenceOfBatch(other) > sequence);
  return place < 0 ? [...retries, batch] : [...retries.slice(0, place), batch, ...retries.slice(place)];
}

/** What an error says of a batch: it goes out again or fails, and what becomes of the sequences after it. */
export interface Verdict {
  readonly again: boolean;
  readonly then: 'nothing' | 'start-over' | 'count-from-0';
}

const AGAIN: Verdict = { again: true, then: 'nothing' };
const AGAIN_ANEW: Verdict = { again: true, then: 'start-over' };
const AGAIN_FROM_0: Verdict = { again: true, then: 'count-from-0' };
const FAILED: Verdict = { again: false, then: 'nothing' };
const FAILED_ANEW: Verdict = { again: false, then: 'start-over' };

const isNext = ({ lastAcked }: Idempotence, sequence: number): boolean => sequence === lastAcked + 1;

/** Of a batch that may still be sent again. Kafka: TransactionManager.canRetry. */
export function judge(
  model: Model,
  idempotence: Idempotence,
  batch: Batch,
  error: ErrorCode,
  retriable: boolean,
  logStart = 0,
): Verdict {
  const bumps = startsOverInNewEpoch(model);
  // After a new producer id nothing can be said of batches that carry the old one.
  if (!bumps && producerIdOf(batch.numbered?.stamp ?? 0) !== idempotence.producerId) return FAILED;
  const renumbered = batch.numbered?.renumbered === true;
  switch (error) {
    case 'OUT_OF_ORDER_SEQUENCE_NUMBER': {
      const sequence = sequenceOfBatch(batch);
      // An earlier batch is missing, and it will be sent again.
      if (!isUnresolved(idempotence) && (renumbered || !isNext(idempotence, sequence))) return AGAIN;
      if (!bumps) return FAILED_ANEW;
      return !isUnresolved(idempotence) || sequence === idempotence.unresolved ? AGAIN_ANEW : AGAIN;
    }
    case 'UNKNOWN_PRODUCER_ID':
      if (renumbered) return AGAIN;
      if (bumps) return AGAIN_ANEW;
      // What was acknowledged is deleted, so it takes this batch for one that was never written.
      return (idempotence.lastAckedOffset ?? NONE) < logStart ? AGAIN_FROM_0 : FAILED_ANEW;
    default:
      if (retriable) return AGAIN;
      // What the broker refused for good has left a gap.
      return FAILED_ANEW;
  }
}

/** The acknowledged batch may be earlier than others that were acknowledged. */
export function acknowledged(
  model: Model,
  idempotence: Idempotence,
  batch: Batch,
  offset: number,
): Idempotence {
  const lastAckedOffset = Math.max(idempotence.lastAckedOffset ?? NONE, offset);
  return {
    ...idempotence,
    lastAcked: Math.max(idempotence.lastAcked, lastSequenceOf(batch)),
    ...(comparesWithLogStart(model) && lastAckedOffset !== NONE ? { lastAckedOffset } : {}),
  };
}

/** A batch was given up that went out at least twice: whether it was written is not known. Kafka: markSequenceUnresolved. */
export function markUnresolved(idempotence: Idempotence, batch: Batch): Idempotence {
  return { ...idempotence, unresolved: Math.max(idempotence.unresolved, lastSequenceOf(batch) + 1) };
}

/**
 * Once everything is decided: if the last sequence was acknowledged then so were those before it, and all is well; else
 * there is a gap. Kafka: maybeResolveSequences.
 */
export function resolved(model: Model, producer: Producer): Producer {
  const { idempotence } = producer;
  if (idempotence === undefined || !isUnresolved(idempotence)) return producer;
  if (undecided(producer).some(({ numbered }) => numbered !== undefined)) return producer;
  return isNext(idempotence, idempotence.nextSequence)
    ? { ...producer, idempotence: { ...idempotence, unresolved: NONE } }
    : startedOver(model, producer);
}

/**
 * From 2.5 the epoch is raised and every undecided batch gets a new sequence from 0 on (KIP-360), although an earlier
 * one may still be written under its old one (KAFKA-14034). Before, a new producer id is asked for.
 */
export function startedOver(model: Model, producer: Producer): Producer {
  const { idempotence } = producer;
  if (idempotence === undefined) return producer;
  const producers = model.config.producers.length;
  const newEpoch = startsOverInNewEpoch(model);
  if (!newEpoch || idempotence.producerEpoch === MAX_PRODUCER_EPOCH) {
    const producerId = idempotence.producerId + producers;
    if (producerId > MAX_PRODUCER_ID) throw new RangeError('there are no more producer ids');
    return renumbered(producer, freshIdempotence(producerId), newEpoch);
  }
  const fresh = freshIdempotence(idempotence.producerId);
  return renumbered(producer, { ...fresh, producerEpoch: idempotence.producerEpoch + 1 }, true);
}

/**
 * Up to 2.4, where the leader has forgotten the producer with what was deleted: the same producer id and epoch, and every
 * undecided batch gets a new sequence. Kafka: TransactionManager.startSequencesAtBeginning.
 */
export function countingFrom0(producer: Producer): Producer {
  const { idempotence } = producer;
  return idempotence === undefined
    ? producer
    : renumbered(producer, { ...idempotence, lastAcked: NONE }, true);
}

function renumbered(producer: Producer, idempotence: Idempotence, everything: boolean): Producer {
  if (!everything) return { ...producer, idempotence };
  const order = undecided(producer);
  const { producerId, producerEpoch } = idempotence;
  const recordsUpTo = (batches: readonly Batch[]): number =>
    batches.reduce((sum, batch) => sum + recordsIn(batch), 0);
  const anew = (batch: Batch): Batch => ({
    ...batch,
    numbered: {
      stamp: stamp(producerId, producerEpoch, recordsUpTo(order.slice(0, order.indexOf(batch)))),
      renumbered: true,
    },
  });
  return {
    ...producer,
    inFlight: producer.inFlight.map(anew),
    retries: producer.retries.map(anew),
    idempotence: { ...idempotence, nextSequence: recordsUpTo(order) },
  };
}
