/**
 * A run's configuration as people write it: Kafka's own keys, a release, how many actors, which faults. The model
 * works on `Config`; this is the way from one to the other.
 */
import { earlierDefaults } from './earlier-defaults.ts';
import { configFault, NO_FAULTS, NO_RACK, type AfterFailure, type Config } from './protocol/config.ts';
import { RELEASES, RELEASE_NAMES, type ReleaseName } from './protocol/rules/releases.ts';
import { batchesRemembered, servesFromFollowers } from './protocol/rules/shared-switches.ts';
import { withRule, type Rules } from './protocol/rules/switches.ts';
import { FAULT_KINDS, UNLIMITED, type FaultKind } from './protocol/state/environment.ts';

export type KafkaValue = string | number | boolean;

interface KeyInfo {
  readonly type: 'int' | 'bool' | 'enum' | 'names';
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
  /** What the pattern takes, in words, where that is not up to five short names. */
  readonly expects?: string;
  readonly min?: number;
  readonly max?: number;
  /** Value under `--preset suite`; `--preset kafka` takes Kafka's own default. */
  readonly suite: KafkaValue;
  readonly kafka: KafkaValue;
  readonly about: string;
}

const NEVER = Number.MAX_SAFE_INTEGER;

/** The keys that the model knows, Kafka's spelling. Times are in ms and only the timed simulation reads them. */
export const KAFKA_KEYS = {
  'default.replication.factor': {
    type: 'int',
    min: 1,
    max: 5,
    suite: 3,
    kafka: 1,
    about: 'replicas of the partition',
  },
  'num.partitions': {
    type: 'int',
    min: 1,
    max: 3,
    suite: 1,
    kafka: 1,
    about: 'partitions of the topic',
  },
  'broker.rack': {
    type: 'names',
    pattern: /^(?:[\w.-]{1,20}(?:,[\w.-]{1,20}){0,4})?$/,
    suite: '',
    kafka: '',
    about: 'racks of the brokers in order, as in a,b,c; fewer than brokers begin again, none is one for all',
  },
  'min.insync.replicas': {
    type: 'int',
    min: 1,
    max: 5,
    suite: 2,
    kafka: 1,
    about: 'ISR size that acks=all needs',
  },
  'unclean.leader.election.enable': {
    type: 'bool',
    suite: false,
    kafka: false,
    about: 'may a replica outside ISR and ELR lead',
  },
  'flush.messages': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: NEVER,
    kafka: NEVER,
    about: 'fsync after so many records',
  },
  'flush.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: NEVER,
    kafka: NEVER,
    about: 'fsync so long after the last one',
  },
  acks: {
    type: 'enum',
    values: ['0', '1', 'all'],
    suite: 'all',
    kafka: 'all',
    about: 'what a producer waits for',
  },
  'max.in.flight.requests.per.connection': {
    type: 'int',
    min: 1,
    max: 5,
    suite: 1,
    kafka: 5,
    about: 'requests in flight per connection',
  },
  retries: {
    type: 'int',
    min: 0,
    max: 2147483647,
    suite: 2147483647,
    kafka: 2147483647,
    about: 'how often a record is sent again',
  },
  'enable.idempotence': {
    type: 'bool',
    suite: false,
    kafka: true,
    about: 'does a producer number its batches, so that none is written twice',
  },
  'buffer.memory': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: NEVER,
    kafka: NEVER,
    about: 'how many records a producer holds; Kafka counts bytes',
  },
  'batch.size': {
    type: 'int',
    min: 1,
    max: 16,
    suite: 1,
    kafka: 1,
    about: 'the most records that a batch holds; Kafka counts bytes',
  },
  'max.block.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 60000,
    kafka: 60000,
    about: 'how long an application waits for room in buffer.memory',
  },
  'auto.offset.reset': {
    type: 'enum',
    values: ['earliest', 'latest', 'none'],
    suite: 'earliest',
    kafka: 'latest',
    about: 'where a consumer goes when out of range',
  },
  'client.rack': {
    type: 'names',
    pattern: /^(?:[\w.-]{1,20}(?:,[\w.-]{1,20}){0,4})?$/,
    suite: '',
    kafka: '',
    about: 'racks of the consumers in order, as in a,b; fewer than consumers begin again',
  },
  'replica.selector.class': {
    type: 'enum',
    values: ['none', 'org.apache.kafka.common.replica.RackAwareReplicaSelector'],
    suite: 'none',
    kafka: 'none',
    about: 'does a leader send consumers to a replica in their own rack',
  },
  'log.dirs': {
    type: 'names',
    pattern: /^[^,]{1,200}(?:,[^,]{1,200}){0,31}$/,
    expects: 'up to 32 paths with commas between them',
    suite: '/tmp/kafka-logs',
    kafka: '/tmp/kafka-logs',
    about:
      'log directories of each broker; the partition is in one of them, and with only one its failure halts',
  },
  'replica.lag.time.max.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 30000,
    kafka: 30000,
    about: 'how long an ISR member may lag',
  },
  'replica.fetch.wait.max.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 500,
    kafka: 500,
    about: 'how long an idle fetch waits',
  },
  'replica.fetch.backoff.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 1000,
    kafka: 1000,
    about: 'pause of a fetcher after an error',
  },
  'replica.high.watermark.checkpoint.interval.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 5000,
    kafka: 5000,
    about: 'how often the high watermark is checkpointed',
  },
  'broker.session.timeout.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 9000,
    kafka: 9000,
    about: 'silence after which a broker is fenced',
  },
  'broker.heartbeat.interval.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 2000,
    kafka: 2000,
    about: 'how often a broker sends heartbeats',
  },
  'zookeeper.session.timeout.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 18000,
    kafka: 18000,
    about: 'silence after which a broker loses its znodes (6000 before 2.5)',
  },
  'request.timeout.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 30000,
    kafka: 30000,
    about: 'how long a producer request may take',
  },
  'delivery.timeout.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 120000,
    kafka: 120000,
    about: 'how long a send may take in all',
  },
  'retry.backoff.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 100,
    kafka: 100,
    about: 'pause before a record is sent again, or metadata asked for again',
  },
  'retry.backoff.max.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 1000,
    kafka: 1000,
    about: 'what that pause grows to (3.7; before it did not grow)',
  },
  'reconnect.backoff.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 50,
    kafka: 50,
    about: 'pause of a consumer before it turns again to a follower that failed it',
  },
  'reconnect.backoff.max.ms': {
    type: 'int',
    min: 0,
    max: NEVER,
    suite: 1000,
    kafka: 1000,
    about: 'what that pause grows to',
  },
  'metadata.max.age.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 300000,
    kafka: 300000,
    about: 'how old the metadata of a client that meets no error may be',
  },
  'controller.quorum.fetch.timeout.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 2000,
    kafka: 2000,
    about: 'silence after which another controller is elected',
  },
  'leader.imbalance.check.interval.seconds': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 300,
    kafka: 300,
    about: 'how often preferred leaders are elected',
  },
  'unclean.leader.election.interval.ms': {
    type: 'int',
    min: 1,
    max: NEVER,
    suite: 300000,
    kafka: 300000,
    about: 'how often leaderless partitions are looked at',
  },
} as const satisfies Record<string, KeyInfo>;

export type KafkaKey = keyof typeof KAFKA_KEYS;
export const KAFKA_KEY_NAMES = Object.keys(KAFKA_KEYS) as readonly KafkaKey[];
export type KafkaSettings = Readonly<Record<KafkaKey, KafkaValue>>;
export type Preset = 'suite' | 'kafka';

/** Those of the suite are the same for every release, Kafka's own are not. */
export function presetSettings(preset: 'suite'): KafkaSettings;
export function presetSettings(preset: Preset, release: ReleaseName): KafkaSettings;
export function presetSettings(preset: Preset, release?: ReleaseName): KafkaSettings {
  const values = Object.fromEntries(KAFKA_KEY_NAMES.map((key) => [key, KAFKA_KEYS[key][preset]]));
  const earlier = preset === 'kafka' && release !== undefined ? earlierDefaults(release) : {};
  return { ...values, ...earlier } as KafkaSettings;
}

/** Why idempotence is not possible with these settings, or undefined. Kafka: ProducerConfig. */
function idempotenceFault(kafka: KafkaSettings, rules: Rules): string | undefined {
  if (kafka.retries === 0) return 'enable.idempotence needs retries above 0';
  if (kafka.acks !== 'all') return `enable.idempotence needs acks=all, got acks=${String(kafka.acks)}`;
  const most = batchesRemembered({ rules });
  if (most === 0) return 'enable.idempotence needs release 0.11.0 or newer (KIP-98)';
  const inFlight = kafka['max.in.flight.requests.per.connection'] as number;
  return inFlight > most
    ? `enable.idempotence needs max.in.flight.requests.per.connection of at most ${most}, got ${inFlight}`
    : undefined;
}

/**
 * The settings once what nobody has asked for gives way: idempotence by default is switched off without a word where
 * another setting rules it out (KIP-679), and an idempotent producer has as many requests in flight as it may.
 */
export function withIdempotence(
  kafka: KafkaSettings,
  asked: (key: KafkaKey) => boolean,
  rules: Rules,
): KafkaSettings {
  if (kafka['enable.idempotence'] !== true) return kafka;
  const inFlight = 'max.in.flight.requests.per.connection';
  const most = batchesRemembered({ rules });
  const wanted = asked(inFlight) ? kafka : { ...kafka, [inFlight]: most };
  const gives = !asked('enable.idempotence') && idempotenceFault(wanted, rules) !== undefined;
  return gives ? { ...kafka, 'enable.idempotence': false } : wanted;
}

/** `value` as the key takes it, or one line that says what would be right. */
export function parseKafkaValue(key: string, value: string): KafkaValue | { readonly error: string } {
  if (!Object.hasOwn(KAFKA_KEYS, key)) {
    return { error: `unknown Kafka key "${key}"; the model knows ${KAFKA_KEY_NAMES.join(', ')}` };
  }
  const info: KeyInfo = KAFKA_KEYS[key as KafkaKey];
  switch (info.type) {
    case 'bool':
      if (value === 'true' || value === 'false') return value === 'true';
      return { error: `${key} must be true or false, got "${value}"` };
    case 'enum': {
      const wanted = key === 'acks' && value === '-1' ? 'all' : value;
      if (info.values?.includes(wanted) === true) return wanted;
      return { error: `${key} must be one of ${info.values?.join(', ') ?? ''}, got "${value}"` };
    }
    case 'names':
      if (info.pattern?.test(value) === true) return value;
      return {
        error: `${key} must be ${info.expects ?? 'up to five short names with commas between them'}, got "${value}"`,
      };
    case 'int': {
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      const { min = 0, max = NEVER } = info;
      if (number >= min && number <= max) return number;
      const upTo = max === NEVER ? `at least ${min}` : `${min} to ${max}`;
      return { error: `${key} must be a whole number, ${upTo}, got "${value}"` };
    }
  }
}

/** Names of the fault classes. */
export const FAULT_CLASSES = ['F0', 'F1', 'F1e', 'F2', 'F3', 'U'] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** What may go wrong in a run. */
export interface FaultSettings {
  readonly budgets: Readonly<Record<FaultKind, number>>;
  readonly maxLossyBrokers: number;
  readonly maxUncleanStops: number;
}

const F0_KINDS: readonly FaultKind[] = [
  'kill',
  'clean-stop',
  'pause',
  'cut',
  'fence',
  'move',
  'shrink',
  'lost',
  'lag',
  'ctrl',
];

const budgetsOf = (kinds: readonly FaultKind[], each: number): Record<FaultKind, number> => ({
  ...NO_FAULTS,
  ...Object.fromEntries(kinds.map((kind) => [kind, each])),
});

/** The faults of a class, each kind at most `each` times. Class U also allows unclean election. */
export function faultsOfClass(name: FaultClass, minInsyncReplicas: number, each: number): FaultSettings {
  const unbounded = { maxLossyBrokers: 5, maxUncleanStops: UNLIMITED };
  switch (name) {
    case 'F0':
    case 'U':
      return { budgets: budgetsOf(F0_KINDS, each), ...unbounded };
    case 'F1':
      return { budgets: budgetsOf([...F0_KINDS, 'power-loss'], each), ...unbounded, maxLossyBrokers: 1 };
    case 'F1e':
      return {
        budgets: budgetsOf([...F0_KINDS, 'power-loss'], each),
        maxLossyBrokers: 1,
        maxUncleanStops: Math.max(minInsyncReplicas - 1, 0),
      };
    case 'F2':
      return { budgets: budgetsOf([...F0_KINDS, 'power-loss'], each), ...unbounded };
    case 'F3':
      return { budgets: { ...budgetsOf(F0_KINDS, each), wipe: 1 }, ...unbounded };
  }
}

/** Reads `kill:1,power-loss:1` or `F1`: a list of kinds with budgets, or the name of a class. */
export function parseFaults(
  text: string,
  minInsyncReplicas: number,
  each: number,
): FaultSettings | { readonly error: string } {
  const named = FAULT_CLASSES.find((name) => name === text);
  if (named !== undefined) return faultsOfClass(named, minInsyncReplicas, each);
  const budgets: Record<FaultKind, number> = { ...NO_FAULTS };
  for (const part of text.split(',').filter((item) => item !== '' && item !== 'none')) {
    const [kind = '', budget = '1', ...rest] = part.split(':');
    const known = FAULT_KINDS.find((name) => name === kind);
    if (known === undefined) {
      return {
        error: `unknown fault "${kind}"; known are ${FAULT_KINDS.join(', ')} and the classes ${FAULT_CLASSES.join(', ')}`,
      };
    }
    if (!/^\d+$/.test(budget) || Number(budget) > 99 || rest.length > 0) {
      return { error: `the budget of ${kind} must be a whole number from 0 to 99, got "${part}"` };
    }
    budgets[known] = Number(budget);
  }
  return { budgets, maxLossyBrokers: 5, maxUncleanStops: UNLIMITED };
}

export interface Settings {
  readonly release: ReleaseName;
  /** Rules that differ from the release's. */
  readonly rules: Readonly<Record<string, string>>;
  readonly kafka: KafkaSettings;
  readonly brokers: number;
  readonly producers: number;
  readonly consumers: number;
  /** Records that each producer sends. */
  readonly records: number;
  /** What applications do about records that failed. */
  readonly afterFailure: AfterFailure;
  readonly faults: FaultSettings;
  /** Ids of clauses left out; empty but for mutants. */
  readonly mutant: readonly string[];
}

/** The rules in force: the release's, with what is overridden. */
export function rulesOf(
  release: ReleaseName,
  overrides: Readonly<Record<string, string>>,
): Rules | { readonly error: string } {
  let rules: Rules = RELEASES[release];
  for (const name of Object.keys(overrides).sort()) {
    const changed = withRule(rules, name, overrides[name] ?? '');
    if ('error' in changed) return changed;
    rules = changed;
  }
  return rules;
}

/** By broker, the number of its rack. */
function racksOf(names: string, brokers: number): number[] {
  const given = names.split(',');
  const numbers = given.map((name) => given.indexOf(name));
  return Array.from({ length: brokers }, (_, id) => numbers[id % numbers.length] ?? 0);
}

/** By consumer, the number of the rack that it names, as the brokers' are numbered. */
function clientRacks(names: string, racksOfBrokers: string, consumers: number): number[] {
  const known = racksOfBrokers.split(',');
  const given = names.split(',').map((name) => (name === '' ? NO_RACK : known.indexOf(name)));
  return Array.from({ length: consumers }, (_, id) => given[id % given.length] ?? NO_RACK);
}

/**
 * Replicas go over the racks in turn, so that two share one only where there are fewer racks than replicas. The next
 * partition begins one broker further on in that round. Kafka: StripedReplicaPlacer, which begins at a rack and a broker
 * that it draws; here it is always the first.
 */
function placeReplicas(racks: readonly number[], replicas: number, partition: number): number[] {
  const placed: number[] = [];
  for (let turn = 0; placed.length < racks.length; turn++) {
    for (const rack of new Set(racks)) {
      const id = racks.flatMap((other, broker) => (other === rack ? [broker] : []))[turn];
      if (id !== undefined) placed.push(id);
    }
  }
  const first = partition % placed.length;
  return [...placed.slice(first), ...placed.slice(0, first)].slice(0, replicas);
}

/** The model's configuration for these settings, or one line that says what is wrong. */
export function configOf(settings: Settings): Config | { readonly error: string } {
  const { kafka, brokers } = settings;
  const rules = rulesOf(settings.release, settings.rules);
  if ('error' in rules) return rules;
  const replicas = kafka['default.replication.factor'] as number;
  if (replicas > brokers) {
    return { error: `default.replication.factor is ${replicas}, but there are only ${brokers} brokers` };
  }
  const idempotence = kafka['enable.idempotence'] as boolean;
  const refused = idempotence ? idempotenceFault(kafka, rules) : undefined;
  if (refused !== undefined) return { error: refused };
  const rackAwareSelector = kafka['replica.selector.class'] !== 'none';
  if (rackAwareSelector && !servesFromFollowers({ rules })) {
    return { error: 'replica.selector.class needs release 2.4 or newer (KIP-392)' };
  }
  const flush = kafka['flush.messages'] as number;
  const buffer = kafka['buffer.memory'] as number;
  const acks = kafka.acks === 'all' ? -1 : kafka.acks === '1' ? 1 : 0;
  const racks = racksOf(kafka['broker.rack'] as string, brokers);
  const partitions = kafka['num.partitions'] as number;
  const config: Config = {
    brokers,
    racks,
    rackAwareSelector,
    logDirs: (kafka['log.dirs'] as string).split(',').length,
    assignment: placeReplicas(racks, replicas, 0),
    otherAssignments: Array.from(
      { length: partitions - 1 + settings.faults.budgets['add-partition'] },
      (_, i) => placeReplicas(racks, replicas, i + 1),
    ),
    partitions,
    minInsyncReplicas: kafka['min.insync.replicas'] as number,
    uncleanLeaderElection: kafka['unclean.leader.election.enable'] as boolean,
    flushMessages: flush === NEVER ? 0 : flush,
    flushesInTime: kafka['flush.ms'] !== NEVER,
    producers: Array.from({ length: settings.producers }, () => ({
      acks,
      maxInFlight: kafka['max.in.flight.requests.per.connection'] as number,
      retries: kafka.retries as number,
      idempotence,
      afterFailure: settings.afterFailure,
      bufferRecords: buffer < settings.records ? buffer : 0,
      batchRecords: kafka['batch.size'] as number,
    })),
    consumers: clientRacks(
      kafka['client.rack'] as string,
      kafka['broker.rack'] as string,
      settings.consumers,
    ).map((rack) => ({
      autoOffsetReset: kafka['auto.offset.reset'] as 'earliest' | 'latest' | 'none',
      rack,
    })),
    recordsPerProducer: settings.records,
    rules,
    faults: settings.faults,
    mutant: settings.mutant,
  };
  const fault = configFault(config);
  return fault === undefined ? config : { error: fault };
}

export const defaultSettings: Settings = {
  release: '4.1',
  rules: {},
  kafka: presetSettings('suite'),
  brokers: 3,
  producers: 1,
  consumers: 1,
  records: 20,
  afterFailure: 'drop',
  faults: faultsOfClass('F1e', 2, 3),
  mutant: [],
};

export const isReleaseName = (name: string): name is ReleaseName =>
  (RELEASE_NAMES as readonly string[]).includes(name);
