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
    title:
      'a leader that knows nothing of an idempotent producer takes its second batch first: order is lost',
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
  {
    name: 'idempotent-restart',
    title:
      'an idempotent producer is killed before it hears of its record, and its next life sends that again',
    ref: 'V20, T08',
    source: 'KIP-98; Kafka producer configuration, transactional.id',
    settings: settingsOf({
      release: '4.1',
      kafka: { ...twoBrokers, 'enable.idempotence': true },
      brokers: 2,
      records: 1,
      faults: 'client-kill:1',
    }),
    property: 'no-duplicates',
    broken: ['no-duplicates'],
    actions: 100,
    by: 'walk',
  },
  {
    name: 'latest-after-restart',
    title: 'a consumer without committed offset begins at the end, past records that it never got',
    ref: 'T12',
    source: 'Kafka consumer configuration, auto.offset.reset; KAFKA-12261',
    settings: settingsOf({
      release: '4.1',
      kafka: { ...twoBrokers, 'auto.offset.reset': 'latest' },
      brokers: 2,
      records: 2,
      faults: 'client-kill:1',
    }),
    property: 'no-skip',
    broken: ['no-skip'],
    actions: 100,
    by: 'walk',
    safe: [{ kafka: { 'auto.offset.reset': 'earliest' } }, { kafka: { 'auto.offset.reset': 'none' } }],
  },
  {
    name: 'read-on-in-another-history',
    title:
      'after an unclean election a consumer reads on at its old position, in a log that is another one by then',
    ref: 'V16, KAFKA-7747',
    source: 'KIP-320, KAFKA-7440 (2.3.0)',
    settings: settingsOf({
      release: '4.1',
      rules: { 'consumer-validates-position': 'no' },
      kafka: { ...twoBrokers, 'unclean.leader.election.enable': true },
      brokers: 2,
      records: 4,
      faults: 'shrink:3,kill:1',
    }),
    property: 'position-valid',
    broken: ['agreement', 'durability/holder', 'visible-stays', 'acked-durable', 'no-skip', 'position-valid'],
    actions: 200,
    by: 'walk',
    cure: { 'consumer-validates-position': 'yes' },
    safe: [{ kafka: { 'unclean.leader.election.enable': false } }],
  },
  {
    name: 'latest-offset-falls',
    title: 'a new leader calls an offset the latest that lies before what clients have read already',
    ref: 'V23, KAFKA-2334',
    source: 'KIP-207 (2.2.0)',
    settings: settingsOf({
      release: '4.1',
      rules: { 'latest-offset-waits-for-epoch-start': 'no' },
      kafka: { 'auto.offset.reset': 'latest' },
      records: 1,
      faults: 'client-kill:1,fence:1,kill:1',
    }),
    property: 'latest-covers-commits',
    broken: ['latest-covers-commits'],
    actions: 200,
    by: 'walk',
    cure: { 'latest-offset-waits-for-epoch-start': 'yes' },
  },
];
