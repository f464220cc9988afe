/** Producers and assigned consumers. */
import { bool, int, list, optional, struct, type Infer } from '../base/shape.ts';
import { STAMPS } from './stamp.ts';

/** `retries` from here on never run out within any run. */
export const UNCOUNTED = 0x7fff;

/** A batch that is sent or waits to be sent again. */
const batchShape = struct({
  /** Its first record. */
  record: int(0, 0x3fff),
  /** The broker it was last sent to. */
  broker: int(0, 31),
  /** Times sent so far; with so many `retries` that nobody counts, 2 for every time but the first. */
  attempts: int(1, UNCOUNTED),
  /** Only with enable.idempotence. */
  numbered: optional(
    'numbered batch',
    struct({
      stamp: int(1, STAMPS - 1),
      /** It got another sequence since it was last sent. Kafka: ProducerBatch.sequenceHasBeenReset. */
      renumbered: bool,
    }),
  ),
  /** Its other records, where `batch.size` lets it have more than one. */
  more: optional('more records of a batch', list(int(0, 0x3fff))),
});
export type Batch = Infer<typeof batchShape>;

export const recordsIn = ({ more }: Pick<Batch, 'more'>): number => 1 + (more?.length ?? 0);

/** Calls `visit` with each record of a batch and its place among them. */
export function eachRecord(
  { record, more }: Pick<Batch, 'record' | 'more'>,
  visit: (record: number, nth: number) => void,
): void {
  visit(record, 0);
  for (let i = 0; i < (more?.length ?? 0); i++) visit(more?.[i] ?? 0, i + 1);
}

export const recordsOf = ({ record, more = [] }: Pick<Batch, 'record' | 'more'>): readonly number[] => [
  record,
  ...more,
];

/** Leader as the client's metadata has it; the client ignores metadata with a lower leader epoch. */
const knownLeader = { leader: int(-1, 31), leaderEpoch: int(-1, 0x7fff) };

/** What an idempotent producer keeps of the partition. Kafka: TxnPartitionEntry. */
const idempotenceShape = struct({
  producerId: int(1, STAMPS - 1),
  producerEpoch: int(0, STAMPS - 1),
  /** The sequence that the next new batch gets. */
  nextSequence: int(0, STAMPS - 1),
  /** Highest sequence acknowledged in this epoch, or -1. */
  lastAcked: int(-1, STAMPS - 1),
  /** The sequence after those that were given up in doubt, or -1. Kafka: partitionsWithUnresolvedSequences. */
  unresolved: int(-1, STAMPS - 1),
  /** Highest offset acknowledged, where the producer compares it with a log start (1.0 until 2.4). */
  lastAckedOffset: optional('last acknowledged offset', int(0, 0xffff)),
});
export type Idempotence = Infer<typeof idempotenceShape>;

export const producerShape = struct({
  ...knownLeader,
  /** Records the application has handed over so far. */
  sent: int(0, 0x3fff),
  /** Oldest first. */
  inFlight: list(batchShape),
  /** Batches to be sent again, head first. */
  retries: list(batchShape),
  /** Only with enable.idempotence. */
  idempotence: optional('idempotence', idempotenceShape),
  /** Records handed over that were never sent, oldest first; only where `buffer.memory` may run out. Kafka: RecordAccumulator. */
  buffer: optional('record buffer', list(int(0, 0x3fff))),
  /** It got a fatal error, and is of no use until the application has closed it and opened another. Absent while it is false. */
  fatal: optional('fatal producer', bool),
  /** The application hands over nothing more, because a record failed. Absent while it is false. */
  stopped: optional('stopped producer', bool),
});
export type Producer = Infer<typeof producerShape>;

export const consumerShape = struct({
  ...knownLeader,
  /** Offset of the next record wanted. */
  position: int(0, 0xffff),
  /** Leader epoch of the record before the position, where it was told one. Absent while it is 0, that of the first leader. */
  offsetEpoch: optional('offset epoch', int(1, 0x7fff)),
  /** Nothing tells where to begin, as there are no committed offsets here: auto.offset.reset decides. Absent while it is false. */
  unset: optional('unset position', bool),
  /** The follower that it reads from; absent where it reads from the leader (KIP-392). */
  preferredReadReplica: optional('preferred read replica', int(0, 31)),
  /** auto.offset.reset=none met an offset out of range: the application got an exception. */
  stopped: bool,
});
export type Consumer = Infer<typeof consumerShape>;

/** The broker that a consumer fetches from. */
export const readsFrom = ({ leader, preferredReadReplica }: Consumer): number =>
  preferredReadReplica ?? leader;
