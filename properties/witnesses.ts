/**
 * What a run should reach: a set of runs that never commits, elects or truncates proves nothing by holding. Each says
 * under which configurations it can occur at all.
 */
import {
  errorClassOf,
  asksControllerForIsr,
  comparesLeaderEpochs,
  isFollowed,
  keepsEligibleLeaders,
  mayReadFollowers,
  NONE,
  recordOf,
  recordsOf,
  size,
  uncleanShutdownSign,
  usesZooKeeper,
  type Config,
  type Event,
} from '../model/index.ts';
import type { Moment } from './property.ts';

export interface Witness {
  readonly id: string;
  readonly says: string;
  readonly possible: (config: Config) => boolean;
  /** The events at which it can be met, and what must hold then. */
  readonly on: Event['type'];
  readonly met: (event: Event, moment: Moment) => boolean;
}

const always = (): boolean => true;
const replicated = (config: Config): boolean => config.assignment.length > 1;
const consumed = (config: Config): boolean => config.consumers.length > 0 && config.producers.length > 0;
const acking = (config: Config): boolean => config.producers.some(({ acks }) => acks !== 0);
const faults =
  (...kinds: readonly (keyof Config['faults']['budgets'])[]) =>
  (config: Config): boolean =>
    kinds.some((kind) => config.faults.budgets[kind] > 0);
const both =
  (...conditions: readonly ((config: Config) => boolean)[]) =>
  (config: Config): boolean =>
    conditions.every((condition) => condition(config));

const stops = faults('kill', 'power-loss', 'rack', 'wipe', 'clean-stop', 'fence', 'disk-error', 'stale-file');
const leaderMoves = both(
  replicated,
  faults('kill', 'power-loss', 'rack', 'wipe', 'clean-stop', 'fence', 'move', 'disk-error', 'stale-file'),
);
const lagging = both(
  replicated,
  faults('shrink', 'kill', 'pause', 'disk-stall', 'cut', 'power-loss', 'rack', 'wipe', 'ctrl', 'disk-error'),
);

/** A producer that waits for no answer never knows of anything to send again. */
const retrying = both(
  acking,
  consumed,
  (config) => config.producers.some(({ retries }) => retries > 0),
  (config) => leaderMoves(config) || faults('lost')(config),
);
const idempotent = (config: Config): boolean => config.producers.some(({ idempotence }) => idempotence);
const wroteRetry: Witness['met'] = (event, { after }) =>
  event.type === 'appended' &&
  after.producers.some(({ inFlight }) =>
    inFlight.some((batch) => batch.attempts > 1 && recordsOf(batch).includes(recordOf(event.entry))),
  );

/**
 * A record comes to a consumer before an earlier one with its key, which was written and has not come yet. The n-th record
 * of a producer has key n mod the most partitions that there may be.
 */
const keyOrderLost: Witness['met'] = (event, { model: { config }, seenOfAll }) => {
  if (event.type !== 'delivered' || seenOfAll === undefined) return false;
  const producers = config.producers.length;
  const keys = 1 + config.otherAssignments.length;
  for (let earlier = event.record - keys * producers; earlier >= 0; earlier -= keys * producers) {
    const written = seenOfAll.some(({ acks }) => acks.some(({ record }) => record === earlier));
    const read = seenOfAll.some(
      ({ firstOffset }) => (firstOffset[event.consumer]?.[earlier] ?? NONE) !== NONE,
    );
    if (written && !read) return true;
  }
  return false;
};

export const WITNESSES: readonly Witness[] = [
  {
    id: 'commit',
    says: 'a record was committed',
    possible: (config) => config.producers.length > 0,
    on: 'high-watermark-advanced',
    met: always,
  },
  { id: 'acked', says: 'a producer was told of a success', possible: acking, on: 'acked', met: always },
  { id: 'delivered', says: 'a consumer got a record', possible: consumed, on: 'delivered', met: always },
  {
    id: 'read-from-follower',
    says: 'a consumer got a record from a follower',
    possible: both(consumed, replicated, mayReadFollowers),
    on: 'delivered',
    met: (event, { before }) =>
      event.type === 'delivered' && before.consumers[event.consumer]?.preferredReadReplica !== undefined,
  },
  {
    id: 'leader-change',
    says: 'another broker became leader',
    possible: leaderMoves,
    on: 'became-leader',
    met: (event) => event.type === 'became-leader' && event.leaderEpoch > 0,
  },
  {
    id: 'missed-epoch',
    says: 'a leader was re-elected without having seen an epoch between',
    possible: both(leaderMoves, (config) => faults(usesZooKeeper(config) ? 'ctrl' : 'lag')(config)),
    on: 'became-leader',
    met: (event) => event.type === 'became-leader' && event.missedEpochs,
  },
  {
    id: 'elr-election',
    says: 'a leader was elected from the ELR',
    possible: both(keepsEligibleLeaders, leaderMoves, (config) => config.minInsyncReplicas > 1),
    on: 'partition-changed',
    met: (event) => event.type === 'partition-changed' && event.election === 'elr',
  },
  {
    id: 'unclean-election',
    says: 'a leader was elected uncleanly',
    possible: both(leaderMoves, (config) => config.uncleanLeaderElection),
    on: 'partition-changed',
    met: (event) => event.type === 'partition-changed' && event.election === 'unclean',
  },
  {
    id: 'leaderless',
    says: 'the partition had no leader',
    possible: both(replicated, stops),
    on: 'partition-changed',
    met: (event) => event.type === 'partition-changed' && event.election === 'none-electable',
  },
  {
    id: 'isr-shrunk',
    says: 'the ISR shrank',
    possible: both(replicated, (config) => lagging(config) || leaderMoves(config)),
    on: 'partition-changed',
    met: (event) => event.type === 'partition-changed' && size(event.isr) < size(event.isrBefore),
  },
  {
    id: 'isr-expanded',
    says: 'the ISR grew',
    possible: both(replicated, (config) => lagging(config) || leaderMoves(config)),
    on: 'partition-changed',
    met: (event) =>
      event.type === 'partition-changed' &&
      (event.isr & ~event.isrBefore) !== 0 &&
      event.election === undefined,
  },
  {
    id: 'truncated',
    says: 'a follower truncated its log',
    possible: leaderMoves,
    on: 'truncated',
    met: always,
  },
  {
    id: 'fetch-fenced',
    says: 'a fetch was refused for its leader epoch',
    possible: both(leaderMoves, comparesLeaderEpochs),
    on: 'fetch-refused',
    met: (event) =>
      event.type === 'fetch-refused' &&
      (event.error === 'FENCED_LEADER_EPOCH' || event.error === 'UNKNOWN_LEADER_EPOCH'),
  },
  {
    id: 'stale-response-dropped',
    says: 'a follower dropped a stale fetch response',
    possible: leaderMoves,
    on: 'stale-response-dropped',
    met: always,
  },
  {
    id: 'isr-change-refused',
    says: 'the controller refused an ISR change',
    possible: both(replicated, lagging, leaderMoves, asksControllerForIsr),
    on: 'isr-change-refused',
    met: always,
  },
  { id: 'fenced', says: 'a broker was fenced', possible: stops, on: 'broker-fenced', met: always },
  { id: 'unfenced', says: 'a broker was unfenced', possible: stops, on: 'broker-unfenced', met: always },
  {
    id: 'clean-stop',
    says: 'a broker stopped cleanly',
    possible: faults('clean-stop'),
    on: 'broker-stopped',
    met: (event) => event.type === 'broker-stopped' && event.how === 'clean',
  },
  {
    id: 'unclean-return',
    says: 'the controller noticed an unclean shutdown',
    possible: both(
      faults('kill', 'power-loss', 'rack', 'wipe'),
      (config) => uncleanShutdownSign(config) !== 'nothing' && config.faults.maxUncleanStops > 0,
    ),
    on: 'broker-registered',
    met: (event) => event.type === 'broker-registered' && event.unclean,
  },
  {
    id: 'data-destroyed',
    says: 'a storage fault removed records',
    possible: both(
      faults('power-loss', 'rack', 'wipe'),
      ({ faults: plan }) => plan.maxUncleanStops > 0 && plan.maxLossyBrokers > 0,
    ),
    on: 'destroyed',
    met: always,
  },
  {
    id: 'metadata-skipped',
    says: 'a broker applied several metadata records as one delta',
    possible: both(faults('lag'), (config) => !usesZooKeeper(config)),
    on: 'metadata-skipped',
    met: always,
  },
  {
    id: 'controller-failover',
    says: 'a new controller was elected',
    possible: faults('ctrl'),
    on: 'controller-elected',
    met: always,
  },
  {
    id: 'retried',
    says: 'a record was sent again and written',
    possible: retrying,
    on: 'appended',
    met: wroteRetry,
  },
  {
    id: 'idempotent-retry',
    says: 'a record of an idempotent producer was sent again and written',
    possible: both(retrying, idempotent),
    on: 'appended',
    met: (event, moment) => idempotent(moment.model.config) && wroteRetry(event, moment),
  },
  {
    id: 'written-twice',
    says: 'a record of a plain producer was written twice',
    possible: both(acking, faults('lost'), (config) =>
      config.producers.some(({ idempotence, retries }) => !idempotence && retries > 0),
    ),
    on: 'appended',
    met: (event, { after }) => {
      if (event.type !== 'appended') return false;
      const entries = after.logs[event.broker]?.entries ?? [];
      return entries.findIndex((entry) => recordOf(entry) === recordOf(event.entry)) < event.offset;
    },
  },
  {
    id: 'batch-written',
    says: 'a batch of several records was written',
    possible: both(acking, ({ producers }) => producers.some(({ batchRecords }) => batchRecords > 1)),
    on: 'appended',
    met: (event) => event.type === 'appended' && isFollowed(event.entry),
  },
  {
    id: 'key-order-lost',
    says: 'a consumer got a record before an earlier one with the same key, from another partition',
    possible: both(acking, consumed, faults('add-partition')),
    on: 'delivered',
    met: keyOrderLost,
  },
  {
    id: 'not-sent',
    says: 'a record failed before it was sent',
    possible: both(({ producers }) => producers.length > 0, faults('bad-record')),
    on: 'failed',
    met: (event) => event.type === 'failed' && event.error === 'MESSAGE_TOO_LARGE',
  },
  {
    id: 'fatal-error',
    says: 'an idempotent producer got a fatal error, and all that it held failed',
    possible: both(idempotent, acking, faults('refused')),
    on: 'failed',
    met: (event) => event.type === 'failed' && errorClassOf(event.error) === 'fatal',
  },
  {
    id: 'records-deleted',
    says: 'records were deleted by retention or by an administrator',
    possible: both(acking, faults('retention', 'delete-records')),
    on: 'log-start-moved',
    met: always,
  },
  {
    id: 'truncation-undone',
    says: 'a stop left files as they were before a truncation',
    possible: both(replicated, faults('stale-file')),
    on: 'truncation-undone',
    met: always,
  },
  {
    id: 'directory-failed',
    says: 'a log directory failed, and its broker lived on',
    possible: both(faults('disk-error'), ({ logDirs }) => logDirs > 1),
    on: 'directory-failed',
    met: always,
  },
  {
    id: 'restarted-at-log-start',
    says: 'a follower dropped its log and went on where its leader’s starts',
    possible: both(acking, lagging, faults('retention', 'delete-records')),
    on: 'log-restarted',
    met: always,
  },
  {
    id: 'failed',
    says: 'a producer was told of a failure',
    possible: both(acking, faults('lost')),
    on: 'failed',
    met: always,
  },
  {
    id: 'failed-yet-visible',
    says: 'a record reported as failed was delivered: an error is not a no',
    possible: both(acking, consumed, faults('lost')),
    on: 'delivered',
    met: (event, { seen }) => event.type === 'delivered' && seen.failed.includes(event.record),
  },
];
