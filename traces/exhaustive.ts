/**
 * Bounds within which an exhaustive search finds each known bug, and within which nothing is left of it once what cured
 * it is in force. They are as small as they could be made: two brokers where two are enough, acks=0 and no retries where
 * answers to the producer take no part. What a search finds there is kept in exhaustive.json.
 */
import { z } from 'zod';
import { defaultSettings, type Settings } from '../model/index.ts';
import type { BoundSettings, Grain, RecoveryBy } from '../properties/index.ts';
import { settingsOf, type Safe, type Sketch } from './catalog-entry.ts';
import kept from './exhaustive.json' with { type: 'json' };

export interface ExhaustiveFind {
  /** Entry of the project's list. One that breaks several things has several finds. */
  readonly ref: string;
  /** The saved run of the same bug; or Kafka's issue, where no run breaks a property. */
  readonly shownBy: string;
  readonly settings: Settings;
  /** What breaks: a property, or `can-recover`. */
  readonly property: string;
  /** Who is asked whether all can become well again, where that is what breaks. */
  readonly recovery?: RecoveryBy;
  readonly grain: Grain;
  readonly bounds: BoundSettings;
  /** With this in force the same search breaks nothing. */
  readonly cure: Pick<Safe, 'rules' | 'kafka'>;
}

/** Bounds of the find by a name of its own. */
export const nameOf = ({ shownBy, property }: ExhaustiveFind): string => `${shownBy} ${property}`;

const measuredSchema = z.strictObject({
  /** Actions of the run that is found. */
  actions: z.int(),
  /** No run with fewer breaks the property; null where it is asked of each state what can follow. */
  transitions: z.int().nullable(),
  states: z.int(),
  /** Seconds of one core, when it was measured. */
  seconds: z.number(),
  /** The search with the cure: states, and up to how many transitions every run was looked at, or null for all of them. */
  cured: z.strictObject({ states: z.int(), upTo: z.int().nullable() }),
});
export type Measured = z.infer<typeof measuredSchema>;

/** What was measured, by name of the find. */
export const MEASURED: Readonly<Partial<Record<string, Measured>>> = z
  .record(z.string(), measuredSchema)
  .parse(kept);

type Rules = Readonly<Record<string, string>>;
interface Where extends Omit<Partial<Sketch>, 'rules' | 'faults'> {
  readonly faults: string;
  readonly older?: Rules;
  readonly newer?: Rules;
  readonly safe?: Safe['kafka'];
  readonly bounds?: BoundSettings;
  readonly by?: RecoveryBy;
}

/** What a state breaks from which nothing leads to where all is well. */
export const CAN_RECOVER = 'can-recover';

const PAIR: Sketch['kafka'] = { 'default.replication.factor': 2, 'min.insync.replicas': 1 };
/** Nobody waits for an answer to the producer, and nothing is sent again. */
const QUIET: Sketch['kafka'] = { acks: '0', retries: 0 };

/** A move that fences nobody takes two wishes of an administrator: another order of the replicas, and an election. */
const MOVE = 'reassign:1,move:1';
const MOVES = 'reassign:2,move:2';

const MESSAGE: Grain = { name: 'message' };
const exchange = (detached: number): Grain => ({ name: 'exchange', detached });

function find(
  [ref, shownBy]: readonly [ref: string, shownBy: string],
  property: string,
  grain: Grain,
  { older: rules = {}, newer, safe, bounds = {}, by = 'everyone', ...where }: Where,
): ExhaustiveFind {
  const { brokers = 2 } = where;
  const kafka = { ...(brokers === 2 ? PAIR : {}), ...QUIET, ...where.kafka };
  const settings = settingsOf({
    ...{ release: '4.1-repaired', consumers: 0, records: 1 },
    ...where,
    ...{ brokers, rules, kafka },
  });
  const cure = {
    ...(newer === undefined ? {} : { rules: newer }),
    ...(safe === undefined ? {} : { kafka: safe }),
  };
  const recovery = property === CAN_RECOVER ? { recovery: by } : {};
  return { ref, shownBy, settings, property, ...recovery, grain, bounds, cure };
}

/** Followers that ask for the end of their last epoch, as up to 2.7. */
const ASKS: Rules = { 'follower-truncation': 'epoch-and-end' };

export const EXHAUSTIVE: readonly ExhaustiveFind[] = [
  find(['B01', 'kip-101-data-loss'], 'candidates-complete', exchange(1), {
    older: { 'follower-truncation': 'high-watermark' },
    newer: { 'follower-truncation': 'epoch-end' },
    faults: MOVES,
  }),
  // It is the cut of what had been committed that is found first; that the logs differ takes a record more.
  find(['B02', 'kip-101-divergence'], 'log-matching', exchange(0), {
    older: { 'follower-truncation': 'high-watermark', 'eligible-leader-replicas': 'off' },
    newer: { 'follower-truncation': 'epoch-end' },
    records: 3,
    faults: 'kill:1,power-loss:1',
  }),
  find(['B03', 'kip-279-fast-failover'], 'candidates-complete', exchange(0), {
    older: { 'follower-truncation': 'epoch-end' },
    newer: ASKS,
    records: 2,
    faults: MOVES,
  }),
  find(['B04', 'kafka-7415-unrecorded-epoch'], 'candidates-complete', exchange(1), {
    older: { ...ASKS, 'leader-records-own-epoch': 'no' },
    newer: { 'leader-records-own-epoch': 'yes' },
    records: 2,
    faults: MOVES,
  }),
  // Two records in one log are not needed, and would make six times as many states.
  find(['B05', 'kafka-7164-same-leader'], 'candidates-complete', exchange(1), {
    older: { ...ASKS, 'follower-restarts-fetching': 'leader-changed' },
    newer: { 'follower-restarts-fetching': 'epoch-grew' },
    brokers: 3,
    records: 2,
    faults: 'fence:1,move:1,lag:1',
    bounds: { epochs: 2, 'log-length': 1 },
  }),
  find(['B06', 'kip-320-unfenced-fetch'], 'candidates-complete', exchange(1), {
    older: { ...ASKS, 'fetch-fences-leader-epoch': 'no' },
    newer: { 'fetch-fences-leader-epoch': 'yes' },
    records: 2,
    faults: MOVES,
  }),
  find(['B07', 'kip-320-first-try'], 'candidates-complete', exchange(1), {
    older: { 'fetch-fences-leader-epoch': 'no', 'follower-appends-newer-epochs': 'yes' },
    newer: { 'fetch-fences-leader-epoch': 'yes' },
    records: 2,
    faults: MOVES,
  }),
  find(['B08', 'kafka-9338-session-forgets-epoch'], 'candidates-complete', exchange(1), {
    older: { ...ASKS, 'fetch-session-keeps-epoch': 'no' },
    newer: { 'fetch-session-keeps-epoch': 'yes' },
    records: 2,
    faults: MOVES,
  }),
  find(['B09', 'kafka-13207-late-divergence'], 'candidates-complete', exchange(1), {
    older: { 'diverging-answer-counts': 'whenever-it-comes' },
    newer: { 'diverging-answer-counts': 'while-still-fetching' },
    faults: MOVES,
  }),
  // Where two of three brokers have replicas, the third joins with the order that is asked for.
  find(['B13', 'kafka-7128-lagging-high-watermark'], 'expansion-reaches-commits', exchange(1), {
    older: { 'expansion-needs-epoch-start': 'no' },
    newer: { 'expansion-needs-epoch-start': 'yes' },
    kafka: PAIR,
    brokers: 3,
    faults: MOVE,
  }),
  find(['B14', 'kip-497-committed-isr'], 'commit-on-isr', MESSAGE, {
    older: { 'high-watermark-waits-for': 'committed-isr' },
    newer: { 'high-watermark-waits-for': 'maximal-isr' },
    faults: 'shrink:2',
  }),
  find(['B15', 'kafka-13790-older-metadata'], 'epochs-only-grow', MESSAGE, {
    older: { 'metadata-refused-by-partition-epoch': 'never' },
    newer: { 'metadata-refused-by-partition-epoch': 'older' },
    producers: 0,
    records: 0,
    faults: 'shrink:1',
  }),
  // The high watermark that waits for whoever is caught up hides it where two brokers shrink the ISR once.
  find(['B15', 'kafka-13790-older-metadata'], 'commit-on-isr', MESSAGE, {
    older: { 'metadata-refused-by-partition-epoch': 'never', 'high-watermark-waits-for-caught-up': 'no' },
    newer: { 'metadata-refused-by-partition-epoch': 'older-or-equal' },
    faults: 'shrink:1',
  }),
  find(['B16', 'kip-841-fenced-member'], 'fenced-not-in-isr', MESSAGE, {
    older: { 'fenced-replicas-kept-out': 'no' },
    newer: { 'fenced-replicas-kept-out': 'yes' },
    producers: 0,
    records: 0,
    faults: 'clean-stop:1',
  }),
  find(['B17', 'kip-903-earlier-life'], 'unclean-excluded', MESSAGE, {
    older: { 'broker-epoch-checked-in': 'nothing' },
    newer: { 'broker-epoch-checked-in': 'isr-expansion' },
    faults: 'power-loss:1',
  }),
  // With the first half of the cure the second bug loses the record: a fetch of an earlier life counts as progress.
  find(['B17', 'kip-903-earlier-life'], 'durability/holder', exchange(1), {
    older: { 'broker-epoch-checked-in': 'nothing' },
    newer: { 'broker-epoch-checked-in': 'isr-expansion-and-fetch-state' },
    faults: `power-loss:1,${MOVE}`,
  }),
  find(['B17', 'kafka-15221-earlier-fetch'], 'candidates-complete', exchange(1), {
    older: { 'broker-epoch-checked-in': 'isr-expansion' },
    newer: { 'broker-epoch-checked-in': 'isr-expansion-and-fetch-state' },
    faults: 'power-loss:1,fence:1',
  }),
  // A lost record is found as well, but in the same bounds with the newer rule too: there X3 loses it.
  find(['B18', 'kip-380-unseen-bounce-in-2-1'], CAN_RECOVER, MESSAGE, {
    release: '2.1',
    newer: { 'broker-epoch-in-control-requests': 'yes' },
    producers: 0,
    records: 0,
    faults: 'kill:1',
  }),
  find(['B19', 'last-replica-standing'], 'acked-durable', MESSAGE, {
    older: { 'eligible-leader-replicas': 'off' },
    newer: { 'eligible-leader-replicas': 'on' },
    kafka: { 'min.insync.replicas': 2, acks: 'all' },
    faults: 'power-loss:1,shrink:1',
  }),
  find(['B20', 'kafka-15583-elr-without-gate'], 'commit-on-isr', MESSAGE, {
    older: { 'high-watermark-needs-min-isr': 'no' },
    newer: { 'high-watermark-needs-min-isr': 'yes' },
    kafka: { 'min.insync.replicas': 2 },
    faults: 'shrink:1',
  }),
  find(['B20', 'kafka-15583-elr-without-gate'], 'durability/no-storage-fault', MESSAGE, {
    older: { 'high-watermark-needs-min-isr': 'no' },
    newer: { 'high-watermark-needs-min-isr': 'yes' },
    kafka: { 'min.insync.replicas': 2 },
    faults: 'kill:1,shrink:1',
  }),
  find(['B21', 'KAFKA-6082'], CAN_RECOVER, exchange(1), {
    release: '3.9-zk',
    older: { 'controller-writes-fenced-by': 'partition-state', 'isr-change-goes-through': 'zookeeper' },
    newer: { 'controller-writes-fenced-by': 'controller-epoch' },
    producers: 0,
    records: 0,
    faults: 'fence:1,move:1,ctrl:1',
  }),
  find(['B24', 'KAFKA-13091'], CAN_RECOVER, exchange(0), {
    older: { 'isr-answer-advances-high-watermark': 'no', 'high-watermark-waits-for-caught-up': 'no' },
    newer: { 'isr-answer-advances-high-watermark': 'yes' },
    by: 'survivors',
    faults: 'kill:1,shrink:1',
  }),
  find(['B26', 'KAFKA-7786'], CAN_RECOVER, exchange(1), {
    older: { 'fenced-answer-counts': 'in-any-epoch', 'fetch-answer-counts': 'in-any-epoch' },
    newer: { 'fenced-answer-counts': 'in-the-epoch-it-was-asked-in' },
    producers: 0,
    records: 0,
    faults: 'fence:1,move:1',
  }),
  find(['B26', 'KAFKA-10706'], CAN_RECOVER, exchange(0), {
    older: { 'truncation-to-log-end': 'does-nothing' },
    newer: { 'truncation-to-log-end': 'cleans-epochs' },
    faults: 'fence:2',
  }),
  find(['B31', 'kafka-14704-high-watermark-before-truncation'], 'committed-reads', exchange(1), {
    older: { 'diverging-answer-moves-high-watermark': 'yes', 'consumer-validates-position': 'no' },
    newer: { 'diverging-answer-moves-high-watermark': 'no' },
    consumers: 1,
    records: 2,
    faults: 'fence:1',
  }),
  find(['B32', 'latest-offset-falls'], 'latest-covers-commits', MESSAGE, {
    older: { 'latest-offset-waits-for-epoch-start': 'no' },
    newer: { 'latest-offset-waits-for-epoch-start': 'yes' },
    kafka: { 'auto.offset.reset': 'latest' },
    consumers: 1,
    faults: `${MOVE},client-kill:1`,
  }),
  find(['B33', 'reset-by-a-follower'], 'no-skip', exchange(0), {
    older: { 'out-of-range-at-a-follower': 'resets' },
    newer: { 'out-of-range-at-a-follower': 'asks-the-leader' },
    kafka: {
      'broker.rack': 'a,b',
      'client.rack': 'b',
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
      'auto.offset.reset': 'latest',
    },
    consumers: 1,
    records: 3,
    faults: 'power-loss:1',
  }),
  find(['B35', 'read-on-in-another-history'], 'position-valid', exchange(0), {
    older: { 'consumer-validates-position': 'no' },
    newer: { 'consumer-validates-position': 'yes' },
    kafka: { 'unclean.leader.election.enable': true },
    consumers: 1,
    records: 3,
    faults: 'kill:1,shrink:1',
  }),
  find(['B36', 'kafka-2960-somebody-elses-record'], 'acked-durable', exchange(1), {
    older: { 'waiting-produce-ends-with-leadership': 'no' },
    newer: { 'waiting-produce-ends-with-leadership': 'yes' },
    kafka: { acks: 'all' },
    producers: 2,
    faults: MOVES,
  }),
  find(['B39', 'kafka-7190-forgotten-producer'], 'no-duplicates', MESSAGE, {
    older: { 'deleted-batches-leave-producer-state': 'no' },
    newer: { 'deleted-batches-leave-producer-state': 'yes' },
    kafka: {
      'default.replication.factor': 1,
      'min.insync.replicas': 1,
      'enable.idempotence': true,
      acks: 'all',
      retries: defaultSettings.kafka.retries,
    },
    brokers: 1,
    consumers: 1,
    faults: 'lost:1,retention:1',
  }),
  find(['B41', 'renumbered-batch-written-twice'], 'no-duplicates', MESSAGE, {
    release: '4.1',
    older: { 'unknown-producer-with-sequence': 'refused' },
    safe: { 'max.in.flight.requests.per.connection': 1 },
    kafka: {
      'default.replication.factor': 1,
      'min.insync.replicas': 1,
      'max.in.flight.requests.per.connection': 5,
      'enable.idempotence': true,
      acks: 'all',
      retries: defaultSettings.kafka.retries,
    },
    brokers: 1,
    consumers: 1,
    records: 2,
    faults: 'lost:2',
  }),
  find(['V18', 'dead-last-known-leader'], 'fenced-not-in-isr', MESSAGE, {
    older: { 'last-known-leader-must-be-alive': 'no', 'last-known-leader-election': 'always' },
    newer: { 'last-known-leader-must-be-alive': 'yes' },
    kafka: { 'min.insync.replicas': 2 },
    producers: 0,
    records: 0,
    faults: 'kill:2',
  }),
  find(['X1', 'stale-isr-record-ends-proposal'], 'commit-on-isr', MESSAGE, {
    older: { 'metadata-refused-by-partition-epoch': 'older' },
    newer: { 'metadata-refused-by-partition-epoch': 'older-or-equal' },
    faults: 'shrink:2',
  }),
  find(['X2', 'kafka-18106-registration-gap'], 'unclean-excluded', MESSAGE, {
    release: '3.9',
    newer: { 'registration-removes-old-incarnation': 'yes' },
    faults: 'power-loss:1',
  }),
  // Three brokers and four epochs: whoever is shaped otherwise than its shortest run is left out.
  find(['X4', 're-elected-leader'], 'candidates-complete', exchange(1), {
    older: { 're-elected-leader-keeps-log-ends': 'yes' },
    newer: { 're-elected-leader-keeps-log-ends': 'no' },
    brokers: 3,
    faults: 'fence:2,move:1,lag:1',
    bounds: { epochs: 3, 'isr-changes': 1, messages: 2, 'log-length': 1 },
  }),
  find(['X5', 'late-duplicate-alter-partition'], 'replication-quorum', MESSAGE, {
    older: { 'late-alter-partition-copy': 'handled' },
    newer: { 'late-alter-partition-copy': 'refused' },
    producers: 0,
    records: 0,
    faults: 'fence:1,lost:1',
  }),
  find(['X7', 'kafka-18991-late-answer'], 'candidates-complete', exchange(1), {
    older: { 'fetch-answer-counts': 'in-any-epoch' },
    newer: { 'fetch-answer-counts': 'in-the-epoch-it-was-asked-in' },
    faults: 'reassign:3,move:3',
  }),
];
