/**
 * Ways in which Kafka breaks, or is said to break, that the suite must find: each with the configuration it needs and
 * the exact set of properties that its shortest run breaks. Data, so that a find that stays out fails as loudly as one
 * that nobody expected.
 */
import { defaultSettings, parseFaults, type Settings } from '../model/index.ts';

export interface CatalogEntry {
  /** Name of its trace under saved/. */
  readonly name: string;
  readonly title: string;
  /** Scenario of the project's protocol notes; used only in tables. */
  readonly ref: string;
  /** Kafka's issue or proposal. */
  readonly source: string;
  readonly settings: Settings;
  /** The property that a search looks for; null where nothing breaks and `witness` is what it looks for. */
  readonly property: string | null;
  readonly witness?: string;
  /** Every property that the saved trace breaks. */
  readonly broken: readonly string[];
  /** Longest run of a search, in actions. */
  readonly actions: number;
  /**
   * How it is found: by random walks from any seed, or so rarely that its run was made or chosen by hand. A saved trace
   * that is shorter says by what.
   */
  readonly by: 'walk' | 'hand';
}

interface Sketch {
  readonly release: Settings['release'];
  readonly rules?: Readonly<Record<string, string>>;
  readonly kafka?: Partial<Settings['kafka']>;
  readonly brokers?: number;
  readonly producers?: number;
  readonly consumers?: number;
  readonly records: number;
  readonly faults: string;
  readonly maxLossyBrokers?: number;
}

function settingsOf(sketch: Sketch): Settings {
  const faults = parseFaults(sketch.faults, 2, 3);
  if ('error' in faults) throw new Error(faults.error);
  return {
    ...defaultSettings,
    release: sketch.release,
    rules: sketch.rules ?? {},
    kafka: { ...defaultSettings.kafka, ...sketch.kafka },
    brokers: sketch.brokers ?? 3,
    producers: sketch.producers ?? 1,
    consumers: sketch.consumers ?? 1,
    records: sketch.records,
    faults: { ...faults, maxLossyBrokers: sketch.maxLossyBrokers ?? faults.maxLossyBrokers },
  };
}

export const CATALOG: readonly CatalogEntry[] = [
  {
    name: 'last-replica-standing',
    title: 'the last in-sync replica loses power and comes back without what all had',
    ref: 'V10',
    source: 'KIP-966, KAFKA-15332',
    settings: settingsOf({ release: '4.0', records: 2, faults: 'shrink:3,power-loss:1', maxLossyBrokers: 1 }),
    property: 'acked-durable',
    broken: ['durability/holder', 'acked-durable'],
    actions: 200,
    by: 'walk',
  },
  {
    name: 'unclean-election',
    title: 'a replica outside the ISR is elected and erases what was committed',
    ref: 'V12',
    source: 'KIP-106',
    settings: settingsOf({
      release: '4.1',
      kafka: {
        'unclean.leader.election.enable': true,
        'min.insync.replicas': 1,
        'default.replication.factor': 2,
      },
      brokers: 2,
      records: 2,
      faults: 'shrink:3,kill:1',
    }),
    property: 'agreement',
    broken: ['agreement', 'durability/holder', 'acked-durable'],
    actions: 200,
    by: 'walk',
  },
  {
    name: 'zombie-leader',
    title: 'a leader that was replaced uncleanly goes on committing alone',
    ref: 'V22',
    source: 'KIP-106',
    settings: settingsOf({
      release: '4.1',
      kafka: {
        'unclean.leader.election.enable': true,
        'min.insync.replicas': 1,
        'default.replication.factor': 2,
      },
      brokers: 2,
      producers: 2,
      consumers: 2,
      records: 2,
      faults: 'shrink:3,fence:1,cut:1',
    }),
    property: 'consistent-reads',
    broken: [
      'agreement',
      'commit-on-isr',
      'durability/in-sync',
      'durability/holder',
      'consistent-reads',
      'visible-stays',
      'acked-durable',
    ],
    actions: 200,
    by: 'walk',
  },
  {
    name: 'acks-1-loss',
    title: 'acks=1: the leader answers, dies, and nobody else has the record',
    ref: 'V13',
    source: 'Kafka producer configuration, acks',
    settings: settingsOf({ release: '4.1', kafka: { acks: '1' }, records: 2, faults: 'kill:1' }),
    property: 'acked-durable',
    broken: ['acked-durable'],
    actions: 150,
    by: 'walk',
  },
  {
    name: 'visible-below-min-isr',
    title: 'a record is read although the ISR is below min.insync.replicas, and is gone after',
    ref: 'V15',
    source: 'KAFKA-15583',
    settings: settingsOf({
      release: '3.6',
      rules: { 'registration-removes-old-incarnation': 'yes' },
      records: 2,
      faults: 'shrink:3,power-loss:1',
      maxLossyBrokers: 1,
    }),
    property: 'visible-stays',
    broken: ['visible-stays'],
    actions: 200,
    by: 'walk',
  },
  {
    name: 'dead-last-known-leader',
    title: 'with ELR, a dead broker is elected because it led last',
    ref: 'V18',
    source: 'KAFKA-19522',
    settings: settingsOf({ release: '4.0+elr', records: 2, faults: 'kill:2,power-loss:2' }),
    property: 'fenced-not-in-isr',
    broken: ['fenced-not-in-isr'],
    actions: 300,
    by: 'walk',
  },
  {
    name: 'last-known-leader-truncates',
    title:
      'one power loss and one kill: the last known leader comes back without a record that another still has',
    ref: 'V18',
    source: 'KIP-966, PartitionChangeBuilder.canElectLastKnownLeader',
    settings: settingsOf({
      release: '4.1',
      rules: { 'metadata-refused-by-partition-epoch': 'older-or-equal' },
      records: 2,
      faults: 'kill:1,power-loss:1,shrink:1',
      maxLossyBrokers: 1,
    }),
    property: 'acked-durable',
    broken: ['durability/holder', 'acked-durable'],
    actions: 300,
    by: 'walk',
  },
  {
    name: 'retries-reorder',
    title: 'two requests in flight: the first is retried after the second was written',
    ref: 'V19',
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
  },
  {
    name: 'error-yet-visible',
    title: 'the producer is told of a failure, and the record is read all the same',
    ref: 'V14',
    source: 'Kafka producer configuration, delivery.timeout.ms',
    settings: settingsOf({ release: '4.1', kafka: { retries: 0 }, records: 1, faults: 'lost:1' }),
    property: null,
    witness: 'failed-yet-visible',
    broken: [],
    actions: 150,
    by: 'walk',
  },
  {
    name: 'stale-isr-record-ends-proposal',
    title: 'an ISR record with an equal partition epoch makes the leader forget a pending ISR change',
    ref: 'X1',
    source: 'Partition.makeLeader, updateAssignmentAndIsr',
    settings: settingsOf({
      release: '4.1',
      kafka: { 'min.insync.replicas': 1, 'default.replication.factor': 2 },
      brokers: 2,
      records: 2,
      faults: 'shrink:3,move:1',
    }),
    property: 'commit-on-isr',
    broken: ['commit-on-isr', 'replication-quorum', 'candidates-complete', 'strong-isr'],
    actions: 300,
    by: 'walk',
  },
  {
    name: 're-elected-leader',
    title: 'a leader that missed an epoch commits on what it knew of its followers before',
    ref: 'V26',
    source: 'Partition.makeLeader, Replica.resetReplicaState',
    settings: settingsOf({ release: '4.1', records: 1, faults: 'fence:1,move:1,clean-stop:1,lag:1,kill:1' }),
    property: 'durability/no-storage-fault',
    broken: [
      'commit-on-isr',
      'durability/in-sync',
      'durability/holder',
      'durability/no-storage-fault',
      'candidates-complete',
      'leader-completeness',
      'weak-isr',
      'strong-isr',
    ],
    actions: 400,
    by: 'hand',
  },
  {
    name: 'late-duplicate-alter-partition',
    title:
      'an ISR change that was sent twice is refused, and accepted after: the leader waits for too few replicas',
    ref: 'X5',
    source: 'Partition.handleAlterPartitionError, INELIGIBLE_REPLICA',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'late-alter-partition-copy': 'handled' },
      producers: 0,
      consumers: 0,
      records: 0,
      faults: 'fence:1,lost:1',
    }),
    property: 'replication-quorum',
    broken: ['replication-quorum'],
    actions: 300,
    by: 'hand',
  },
  {
    name: 'late-alter-partition-loses-record',
    title: 'the same, and then a kill: a committed record is lost',
    ref: 'X5',
    source: 'Partition.handleAlterPartitionError, INELIGIBLE_REPLICA',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'late-alter-partition-copy': 'handled' },
      consumers: 0,
      records: 1,
      faults: 'shrink:1,fence:1,lost:1,kill:1',
    }),
    property: 'durability/no-storage-fault',
    broken: [
      'commit-on-isr',
      'durability/in-sync',
      'durability/holder',
      'durability/no-storage-fault',
      'replication-quorum',
      'candidates-complete',
      'leader-completeness',
      'strong-isr',
    ],
    actions: 400,
    by: 'hand',
  },
  {
    name: 'lost-rack',
    title:
      'all replicas stand in one rack: its power loss takes every copy of what was acknowledged and read',
    ref: 'T05',
    source: 'Kafka broker configuration, broker.rack (KIP-36)',
    settings: settingsOf({ release: '4.1', records: 1, faults: 'rack:1' }),
    property: 'visible-stays',
    broken: ['visible-stays'],
    actions: 200,
    by: 'hand',
  },
  {
    name: 'power-loss-of-every-replica',
    title:
      'every replica loses power before it has flushed: no copy is left of what was acknowledged and read',
    ref: 'T06',
    source: 'Kafka topic configuration, flush.messages',
    settings: settingsOf({ release: '4.1', records: 1, faults: 'power-loss:3' }),
    property: 'visible-stays',
    broken: ['visible-stays'],
    actions: 200,
    by: 'walk',
  },
];
