/**
 * What a leader knows of an idempotent producer, and what it makes of its next batch (KIP-98). All of it follows from the
 * batches in the log, so it is worked out from there: it is replicated, truncated and rebuilt with them.
 *
 * Kafka: ProducerStateManager, ProducerStateEntry, ProducerAppendInfo.
 */
import type { Model } from '../config.ts';
import { isFollowed, logStart, stampOf, type Log } from '../state/log.ts';
import type { ErrorCode } from '../state/message.ts';
import {
  nextSequence,
  producerEpochOf,
  producerIdOf,
  sequenceAfter,
  sequenceOf,
  type Stamp,
} from '../state/stamp.ts';
import { clause, holds, isLeftOut } from './clauses.ts';
import { answerToUnknownProducer, batchesRemembered } from './shared-switches.ts';

const answersDuplicates = clause('a batch that was appended before is answered and not appended again');
const fencesEpochs = clause('a batch of an earlier producer epoch is refused');
const checksSequence = clause('a batch that does not follow the last one of its producer is refused');

/** The newest batches of a producer in its newest epoch, newest first. */
interface ProducerEntry {
  readonly producerEpoch: number;
  readonly batches: readonly AppendedBatch[];
}

/** Sequences of its first and last record, and the offset of the last. Kafka: BatchMetadata. */
interface AppendedBatch {
  first: number;
  readonly last: number;
  readonly offset: number;
}

/** Up to 2.3 what stood in deleted batches was forgotten with them. */
const knownFrom = (model: Model, log: Log): number =>
  model.rules['deleted-batches-leave-producer-state'] === 'yes' ? 0 : logStart(log);

function producerEntry(log: Log, producerId: number, most: number, from: number): ProducerEntry | undefined {
  let producerEpoch = -1;
  const batches: AppendedBatch[] = [];
  for (let offset = log.entries.length - 1; offset >= from; offset--) {
    const packed = log.entries[offset] ?? 0;
    const followed = isFollowed(packed);
    if (batches.length === most && !followed) break;
    const stamped = stampOf(packed);
    if (producerIdOf(stamped) !== producerId) continue;
    if (producerEpoch < 0) producerEpoch = producerEpochOf(stamped);
    // A new epoch begins with no batches. Kafka: ProducerStateEntry.maybeUpdateProducerEpoch.
    if (producerEpochOf(stamped) !== producerEpoch) break;
    const sequence = sequenceOf(stamped);
    const batch = batches.at(-1);
    if (followed && batch !== undefined) batch.first = sequence;
    else batches.push({ first: sequence, last: sequence, offset });
  }
  return producerEpoch < 0 ? undefined : { producerEpoch, batches };
}

/** What a leader does with a batch: append it, refuse it, or tell where it stands already. */
export type Admission =
  | { readonly kind: 'append' }
  /** `offset` is that of its last record. */
  | { readonly kind: 'duplicate'; readonly offset: number }
  | { readonly kind: 'refuse'; readonly error: ErrorCode };

const APPEND: Admission = { kind: 'append' };
const refusal = (error: ErrorCode): Admission => ({ kind: 'refuse', error });

/** Only batches of clients are looked at; followers take what their leader has. Kafka: analyzeAndValidateProducerState. */
export function admit(model: Model, log: Log, batch: Stamp, records = 1): Admission {
  const { leftOut } = model;
  const known = producerEntry(log, producerIdOf(batch), batchesRemembered(model), knownFrom(model, log));
  const sequence = sequenceOf(batch);
  if (known === undefined) return unknownProducer(model, sequence);

  const sameEpoch = producerEpochOf(batch) === known.producerEpoch;
  const end = sequenceAfter(sequence, records - 1);
  const duplicate = sameEpoch
    ? known.batches.find(({ first, last }) => first === sequence && last === end)
    : undefined;
  if (duplicate !== undefined && !isLeftOut(leftOut, answersDuplicates)) {
    // 0.11 does not say where it stands. Kafka 0.11: DuplicateSequenceNumberException.
    return batchesRemembered(model) === 1
      ? refusal('DUPLICATE_SEQUENCE_NUMBER')
      : { kind: 'duplicate', offset: duplicate.offset };
  }
  if (!holds(leftOut, fencesEpochs, producerEpochOf(batch) >= known.producerEpoch)) {
    return refusal('INVALID_PRODUCER_EPOCH');
  }
  const last = known.batches[0]?.last ?? 0;
  const follows = sameEpoch ? sequence === nextSequence(last) : sequence === 0;
  return holds(leftOut, checksSequence, follows) ? APPEND : refusal('OUT_OF_ORDER_SEQUENCE_NUMBER');
}

/** The log tells nothing of the producer: it never wrote here, or what it wrote is gone (KIP-360, 2.5.0). */
function unknownProducer(model: Model, sequence: number): Admission {
  if (sequence === 0) return APPEND;
  switch (answerToUnknownProducer(model)) {
    case 'out-of-order':
    case 'refused':
      return refusal('OUT_OF_ORDER_SEQUENCE_NUMBER');
    case 'unknown-producer-id':
      return refusal('UNKNOWN_PRODUCER_ID');
    case 'accepted':
      return APPEND;
  }
}
