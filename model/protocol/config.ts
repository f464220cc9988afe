/** What exists in a run, under Kafka's own names where Kafka has one, and which rules are in force. */
import {
  CONTROLLER,
  consumerParty,
  MAX_BROKERS,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  partiesWith,
  producerParty,
} from './base/party.ts';
import { MAX_RECORDS } from './state/log.ts';
import { MAX_PARTITIONS } from './state/partitions.ts';
import { FAULT_KINDS, UNLIMITED, type FaultKind } from './state/environment.ts';
import { leaveOut, type LeftOut } from './rules/clauses.ts';
import {
  checksBrokerEpochOf,
  honoursUncleanSetting,
  keepsEligibleLeaders,
  servesFromFollowers,
  usesZooKeeper,
} from './rules/shared-switches.ts';
import type { Rules } from './rules/switches.ts';

/**
 * What an application does about a record that its producer reports as failed. Sent elsewhere it goes to the last
 * partition, which gets nothing else; for the partition that it was meant for that is the same as to drop it.
 */
export const AFTER_FAILURE = ['drop', 'stop', 'send-again', 'send-elsewhere'] as const;
export type AfterFailure = (typeof AFTER_FAILURE)[number];

export interface ProducerConfig {
  /** `acks`: 0, 1, or -1 for all. */
  readonly acks: 0 | 1 | -1;
  /** `max.in.flight.requests.per.connection`. */
  readonly maxInFlight: number;
  /** `retries`. */
  readonly retries: number;
  /** `enable.idempotence`. */
  readonly idempotence: boolean;
  readonly afterFailure: AfterFailure;
  /** `buffer.memory`, counted in records that were handed over and are undecided; 0 where it holds all there are. */
  readonly bufferRecords: number;
  /** `batch.size`, counted in records. */
  readonly batchRecords: number;
}

export interface ConsumerConfig {
  /** `auto.offset.reset`. */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none';
  /** `client.rack` as the number of a rack of brokers, or NO_RACK. */
  readonly rack: number;
}

/** The rack of a client that names none, or one in which no broker stands. */
export const NO_RACK = -1;

export interface FaultPlan {
  readonly budgets: Readonly<Record<FaultKind, number>>;
  /** Brokers that may lose records to storage faults until the cluster is whole again. */
  readonly maxLossyBrokers: number;
  /** Unclean stops, kills included, until the cluster is whole again. */
  readonly maxUncleanStops: number;
}

export interface Config {
  readonly brokers: number;
  /** By broker, its `broker.rack`: what stands in one rack loses power together. */
  readonly racks: readonly number[];
  /** `replica.selector.class` is RackAwareReplicaSelector: a leader sends consumers to a replica in their own rack. */
  readonly rackAwareSelector: boolean;
  /** How many directories `log.dirs` names; each partition is in one of them. */
  readonly logDirs: number;
  /** Replicas of the first partition in assignment order; the head is the preferred leader. */
  readonly assignment: readonly number[];
  /** The same of the others, also of those that are added in the run; empty where there is one. */
  readonly otherAssignments: readonly (readonly number[])[];
  /** `num.partitions`: how many there are at the start. */
  readonly partitions: number;
  /** `min.insync.replicas`. */
  readonly minInsyncReplicas: number;
  /** `unclean.leader.election.enable`. */
  readonly uncleanLeaderElection: boolean;
  /** `flush.messages`: fsync once so many records are unflushed; 0 leaves it to the operating system. */
  readonly flushMessages: number;
  /** `flush.ms` is set: what is unflushed may be fsynced at any time. */
  readonly flushesInTime: boolean;
  readonly producers: readonly ProducerConfig[];
  readonly consumers: readonly ConsumerConfig[];
  /** Records that each producer sends. */
  readonly recordsPerProducer: number;
  readonly rules: Rules;
  readonly faults: FaultPlan;
  /** Ids of the clauses that a mutant leaves out; empty for the protocol itself. */
  readonly mutant: readonly string[];
}

/** Replicas of a partition. */
export const assignmentOf = (
  { assignment, otherAssignments }: Config,
  partition: number,
): readonly number[] => (partition === 0 ? assignment : (otherAssignments[partition - 1] ?? []));

/** A configuration made ready for the rules: what they ask on every step is worked out once. */
export interface Model {
  readonly config: Config;
  readonly rules: Rules;
  readonly leftOut: LeftOut;
  readonly elr: boolean;
  /** Replicas may move to other brokers. */
  readonly reassigns: boolean;
  /** Records may be deleted, by retention or by an administrator: logs need not start at 0. */
  readonly deletesRecords: boolean;
  /** Some fault can take what was not fsynced. */
  readonly powerMayFail: boolean;
  /** The fault class bounds unclean stops, or brokers that lose records, until the cluster is whole again. */
  readonly countsStops: boolean;
  /** A stop may leave files as they were before a truncation. */
  readonly staleFiles: boolean;
  /** Some producer keeps what it was handed and has not sent, by partition: `buffer.memory` may run out, or batches fill up. */
  readonly buffers: boolean;
  /** Some producer may send several records in one batch. */
  readonly batches: boolean;
  /** Some consumer may be sent to a follower. */
  readonly readsFollowers: boolean;
  /** The controller is a broker elected in ZooKeeper. */
  readonly zookeeper: boolean;
  /** By partition and broker: the log directory that has its replica, or would, as a set of one. */
  readonly directories: readonly (readonly number[])[];
  /** Every link that exists, as (a, b) pairs one after the other. */
  readonly links: readonly number[];
  /** By party, the set of parties it has a link with. */
  readonly linked: readonly number[];
  /** `unclean.leader.election.enable` as the controller honours it. */
  readonly uncleanElection: boolean;
}

/** Without a selector, or where no consumer says where it stands, all read from the leader. */
export const mayReadFollowers = (config: Config): boolean =>
  servesFromFollowers(config) &&
  config.rackAwareSelector &&
  config.consumers.some(({ rack }) => rack !== NO_RACK);

/** With several partitions, what comes next may be of another one: a batch fills up as records for its own come. */
export const keepsBuffer = (
  { otherAssignments }: Config,
  { bufferRecords, batchRecords }: ProducerConfig,
): boolean => bufferRecords > 0 || (batchRecords > 1 && otherAssignments.length > 0);

/** Faults that can take what was not fsynced. */
const POWER_FAULTS = ['power-loss', 'rack', 'stale-file'] as const;

export function compile(config: Config): Model {
  const fault = configFault(config);
  if (fault !== undefined) throw new RangeError(fault);
  const { rules } = config;
  const links = linksOf(config);
  const linked = Array.from({ length: partiesWith(config.producers.length) }, () => 0);
  for (let i = 0; i < links.length; i += 2) {
    const a = links[i] ?? 0;
    const b = links[i + 1] ?? 0;
    linked[a] = (linked[a] ?? 0) | (1 << b);
    linked[b] = (linked[b] ?? 0) | (1 << a);
  }
  return {
    config,
    rules,
    leftOut: leaveOut(config.mutant),
    elr: keepsEligibleLeaders(config),
    reassigns: config.faults.budgets.reassign > 0 && !usesZooKeeper(config),
    deletesRecords: config.faults.budgets.retention > 0 || config.faults.budgets['delete-records'] > 0,
    powerMayFail: POWER_FAULTS.some((kind) => config.faults.budgets[kind] > 0),
    countsStops: config.faults.maxUncleanStops < UNLIMITED || config.faults.maxLossyBrokers < config.brokers,
    staleFiles: config.faults.budgets['stale-file'] > 0,
    buffers: config.producers.some((producer) => keepsBuffer(config, producer)),
    batches: config.producers.some(({ batchRecords }) => batchRecords > 1),
    readsFollowers: mayReadFollowers(config),
    zookeeper: usesZooKeeper(config),
    directories: directoriesOf(config),
    links,
    linked,
    uncleanElection: config.uncleanLeaderElection && honoursUncleanSetting(config),
  };
}

/** A broker puts its replicas into its directories in turn. Kafka: LogManager.nextLogDirs, which takes the emptiest. */
function directoriesOf(config: Config): number[][] {
  const { brokers, logDirs, assignment, otherAssignments } = config;
  const partitions = [assignment, ...otherAssignments];
  return partitions.map((_, partition) =>
    Array.from({ length: brokers }, (__, broker) => {
      const before = partitions.slice(0, partition).filter((replicas) => replicas.includes(broker));
      return 1 << (before.length % logDirs);
    }),
  );
}

/** Whether a set of failed directories has the one in which a broker keeps the partition. */
export const isOffline = (
  { directories }: Model,
  failed: number | undefined,
  partition: number,
  broker: number,
): boolean => failed !== undefined && (failed & (directories[partition]?.[broker] ?? 0)) !== 0;

/** Between brokers, broker and controller, client and broker. */
function linksOf({ brokers, producers, consumers }: Config): number[] {
  const links: number[] = [];
  for (let a = 0; a < brokers; a++) {
    for (let b = a + 1; b < brokers; b++) links.push(a, b);
    links.push(a, CONTROLLER);
    for (let id = 0; id < producers.length; id++) links.push(a, producerParty(id));
    for (let id = 0; id < consumers.length; id++) links.push(a, consumerParty(id));
  }
  return links;
}

/** What is wrong with a configuration, in one line, or undefined. */
export function configFault(config: Config): string | undefined {
  const { brokers } = config;
  if (!(brokers >= 1 && brokers <= MAX_BROKERS)) return `brokers must be 1 to ${MAX_BROKERS}, got ${brokers}`;
  for (const assignment of [config.assignment, ...config.otherAssignments]) {
    if (assignment.length < 1 || new Set(assignment).size !== assignment.length) {
      return 'the assignment must name at least one broker, each once';
    }
    const stranger = assignment.find((id) => !(id >= 0 && id < brokers));
    if (stranger !== undefined) return `the assignment names broker ${stranger}, which does not exist`;
  }
  const crowded = partitionsFault(config);
  if (crowded !== undefined) return crowded;
  if (config.racks.length !== brokers) return `each of the ${brokers} brokers must stand in a rack`;
  if (config.minInsyncReplicas < 1) return `min.insync.replicas must be at least 1`;
  if (config.producers.length > MAX_PRODUCERS) return `at most ${MAX_PRODUCERS} producers`;
  if (config.consumers.length > MAX_CONSUMERS) return `at most ${MAX_CONSUMERS} consumers`;
  if (config.producers.length * config.recordsPerProducer > MAX_RECORDS)
    return `at most ${MAX_RECORDS} records`;
  if (!usesZooKeeper(config)) return undefined;
  if (config.logDirs > 1 && config.faults.budgets['disk-error'] > 0) {
    return 'the fault disk-error with several log.dirs needs controller=kraft: what ZooKeeper mode does when one fails is left out';
  }
  if (keepsEligibleLeaders(config)) {
    return 'eligible-leader-replicas=on needs controller=kraft: ZooKeeper keeps no ELR';
  }
  if (checksBrokerEpochOf(config, 'isr-change')) {
    return 'broker-epoch-checked-in must be nothing with controller=zookeeper: brokers are not told of broker epochs';
  }
  return undefined;
}

/** What several partitions cannot be together with. */
function partitionsFault(config: Config): string | undefined {
  const all = 1 + config.otherAssignments.length;
  if (all > MAX_PARTITIONS) {
    return `at most ${MAX_PARTITIONS} partitions, those that the fault add-partition adds among them, got ${all}`;
  }
  if (config.producers.some(({ afterFailure }) => afterFailure === 'send-elsewhere')) {
    if (all === 1) {
      return 'after a failure send-elsewhere needs num.partitions=2 or more: the last is where it goes; with one it is drop';
    }
    if (all > config.partitions) return 'after a failure send-elsewhere goes without the fault add-partition';
  }
  if (all === 1) return undefined;
  if (usesZooKeeper(config)) {
    return 'several partitions need controller=kraft: ZooKeeper mode knows one';
  }
  return undefined;
}

export const NO_FAULTS: Readonly<Record<FaultKind, number>> = Object.fromEntries(
  FAULT_KINDS.map((kind) => [kind, 0]),
) as Record<FaultKind, number>;
