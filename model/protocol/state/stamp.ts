/**
 * What an idempotent producer writes on each batch, packed into one number: its producer id, its producer epoch and
 * the sequence number of its first record (KIP-98). Every record of the batch is taken to carry its own. Kafka's ranges are larger; what happens at their ends is the same.
 */
export type Stamp = number;

const SEQUENCES = 0x800;
const EPOCHS = 0x40;
export const STAMPS = 0x100_0000;

/** After it a sequence starts at 0 again. */
export const MAX_SEQUENCE = SEQUENCES - 1;
export const MAX_PRODUCER_EPOCH = EPOCHS - 1;
export const MAX_PRODUCER_ID = STAMPS / SEQUENCES / EPOCHS - 1;

/** No producer has the id 0. */
export const NO_STAMP: Stamp = 0;

export const stamp = (producerId: number, producerEpoch: number, sequence: number): Stamp =>
  (producerId * EPOCHS + producerEpoch) * SEQUENCES + sequence;
export const producerIdOf = (packed: Stamp): number => Math.floor(packed / (EPOCHS * SEQUENCES));
export const producerEpochOf = (packed: Stamp): number => Math.floor(packed / SEQUENCES) % EPOCHS;
export const sequenceOf = (packed: Stamp): number => packed % SEQUENCES;

/** Sequences count records: the one of the record that comes so many after another. Kafka: DefaultRecordBatch.incrementSequence. */
export const sequenceAfter = (sequence: number, records: number): number => (sequence + records) % SEQUENCES;
export const nextSequence = (sequence: number): number => sequenceAfter(sequence, 1);

/** The stamp of the record that comes so many after the first of its batch; what carries none has none. */
export const stampAfter = (packed: Stamp, records: number): Stamp =>
  records === 0 || packed === NO_STAMP
    ? packed
    : stamp(producerIdOf(packed), producerEpochOf(packed), sequenceAfter(sequenceOf(packed), records));
