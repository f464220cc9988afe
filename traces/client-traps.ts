/**
 * What applications get wrong about producers and consumers, and what clients are promised and do not get: with the settings
 * that are safe.
 */
import { settingsOf, type CatalogEntry } from './catalog-entry.ts';

const twoBrokers = { 'default.replication.factor': 2, 'min.insync.replicas': 1 } as const;
const idempotent = { 'enable.idempotence': true, 'max.in.flight.requests.per.connection': 5 } as const;
const firstSequenceFirst = { 'unknown-producer-with-sequence': 'refused' } as const;

export const CLIENT_TRAPS: readonly CatalogEntry[] = [
  {
    name: 'retries-reorder',
    title: 'two requests in flight: the first is retried after the second was written',
    ref: 'V19, T07',
    source: 'Kafka producer configuration, max.in.flight.requests.per.connection',
    settings: settingsOf({
      release: '4.1',
      kafka: { 'max.in.flight.requests.per.connection': 2 },
      records: 2,
      faults: 'fence:1,move:1',
    }),
    property: 'producer-order',
    broken: ['producer-order'],
    actions: 200,
    by: 'walk',
    safe: [
      { kafka: { 'max.in.flight.requests.per.connection': 1 } },
      { kafka: idempotent, rules: firstSequenceFirst },
    ],
  },
  {
    name: 'retry-written-twice',
    title: 'the answer is lost, the producer sends again, and the record is there twice',
    ref: 'V20, T07',
    source: 'Kafka producer configuration, enable.idempotence',
    settings: settingsOf({ release: '4.1', records: 1, consumers: 0, faults: 'lost:1' }),
    property: null,
    witness: 'written-twice',
    broken: [],
    actions: 100,
    by: 'walk',
    safe: [{ kafka: { 'enable.idempotence': true } }, { kafka: { retries: 0 } }],
  },
  {
    name: 'idempotent-reorder',
    title: 'a leader that knows nothing of an idempotent producer takes its second batch first: order is lost',
    ref: 'X6',
    source: 'ProducerAppendInfo.checkSequence (KIP-360), RecordAccumulator.drainBatchesForOneNode',
    settings: settingsOf({
      release: '4.1',
      kafka: { ...twoBrokers, ...idempotent },
      brokers: 2,
      records: 2,
      faults: 'clean-stop:1,lost:1',
    }),
    property: 'producer-order',
    broken: ['producer-order'],
    actions: 200,
    by: 'walk',
    cure: firstSequenceFirst,
    safe: [{ kafka: { 'max.in.flight.requests.per.connection': 1 } }],
  },
  {
    name: 'idempotent-duplicate',
    title: 'the same, and what was written first is written again once it has got another sequence',
    ref: 'X6',
    source: 'ProducerAppendInfo.checkSequence (KIP-360), TransactionManager.canRetry',
    settings: settingsOf({
      release: '4.1',
      kafka: { ...twoBrokers, ...idempotent },
      brokers: 2,
      records: 2,
      faults: 'clean-stop:1,lost:1',
    }),
    property: 'no-duplicates',
    broken: ['producer-order', 'no-duplicates'],
    actions: 200,
    by: 'walk',
    cure: firstSequenceFirst,
    safe: [{ kafka: { 'max.in.flight.requests.per.connection': 1 } }],
  },
];
