/** A broker applies partition metadata. Kafka: ReplicaManager.applyDelta, Partition.makeLeader, makeFollower. */
import { has } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import { assignEpoch, EMPTY_LOG, logEnd, logShape } from '../state/log.ts';
import type { MetadataImage, PartitionRegistration } from '../state/metadata.ts';
import {
  EMPTY_REMOTE,
  NO_LEADER,
  NO_REPLICA,
  replicaShape,
  UNKNOWN_OFFSET,
  UNSEEN_BROKER_EPOCH,
  waitingAt,
  type Remote,
  type Replica,
} from '../state/replica.ts';
import { clause, isLeftOut } from './clauses.ts';
import { sessionWith } from './fetch-session.ts';
import { answerProduce, maybeAdvanceHighWatermark } from './high-watermark.ts';
import {
  recordsOwnEpoch,
  refusesMetadata,
  restartsFetchingAt,
  waitingOutlivesLeadership,
} from './shared-switches.ts';
import { startedFetcher, truncateBeforeFetching } from './truncate.ts';

const forgetsOnNewLeadership = clause('a new leader forgets what it knew of its followers');

/**
 * The broker holds no replica any more: the log goes, and so does one that is found at a start. Kafka:
 * ReplicaManager.stopPartitions, LogManager.isStrayKraftReplica.
 */
export function deleteReplica(draft: Draft, broker: number): void {
  if (!draft.hasLog(broker)) return;
  for (const waiting of waitingAt(draft.replica(broker))) {
    answerProduce(draft, broker, waiting, 'NOT_LEADER_OR_FOLLOWER');
  }
  const log = draft.log(broker);
  draft.setReplica(broker, NO_REPLICA);
  if (logShape.equal(log, EMPTY_LOG)) return;
  draft.setLog(broker, EMPTY_LOG);
  draft.emit({ type: 'log-deleted', broker, to: logEnd(log) });
}

/** The broker takes the partition's state of `image` as one delta, whatever lay between it and the last. */
export function applyPartitionMetadata(draft: Draft, broker: number, image: MetadataImage): void {
  const partition = at(image.partitions, 0);
  if (!partition.replicas.includes(broker) || !draft.hasLog(broker)) return;
  const before = draft.replica(broker);
  if (refusesMetadata(draft.model, before.partitionEpoch, partition.partitionEpoch)) return;
  if (skipsMetadata(draft, partition, image)) return;
  if (partition.leader === broker) makeLeader(draft, broker, partition);
  else makeFollower(draft, broker, partition, image);
  // Metadata that a leader knows already from an answer often changes nothing.
  if (replicaShape.equal(draft.replica(broker), before)) draft.setReplica(broker, before);
}

/** Up to 3.2 a replica that heard of no leader, or of one not registered, stayed what it was: a leader led on. */
function skipsMetadata(draft: Draft, { leader }: PartitionRegistration, image: MetadataImage): boolean {
  if (draft.model.rules['metadata-without-leader'] === 'applied') return false;
  return leader === NO_LEADER || at(image.registrations, leader).epoch < 0;
}

/** The local replica leads. Remote state and epoch start move only with the leader epoch (3.3, KAFKA-13790). */
function makeLeader(draft: Draft, broker: number, partition: PartitionRegistration): void {
  const { model } = draft;
  const replica = draft.replica(broker);
  const log = draft.log(broker);
  const wasLeading = replica.leading;
  const newEpoch = partition.leaderEpoch > replica.leaderEpoch;
  const everyChange = model.rules['leader-state-resets'] === 'every-partition-change';
  const resets = newEpoch || everyChange;
  const epochStart = resets || wasLeading === null ? logEnd(log) : wasLeading.epochStart;

  if (newEpoch && recordsOwnEpoch(model)) {
    draft.setLog(broker, assignEpoch(log, partition.leaderEpoch, epochStart));
  }
  const known = wasLeading?.remotes ?? draft.base.processes.map(() => EMPTY_REMOTE);
  // A leader that skipped an epoch was never told that it had been deposed, and keeps what it knew.
  const forgets =
    !isLeftOut(model.leftOut, forgetsOnNewLeadership) &&
    (wasLeading === null || model.rules['re-elected-leader-keeps-log-ends'] === 'no');
  const remotes = resets
    ? known.map((remote, id) => {
        // A leader does not follow itself, and nobody else but the replicas follows it.
        if (id === broker || !partition.replicas.includes(id)) return EMPTY_REMOTE;
        const inSync = has(partition.isr, id);
        return newEpoch && forgets
          ? forgottenRemote(inSync)
          : resetRemote(remote, inSync, everyChange || inSync, epochStart);
      })
    : known;
  draft.setReplica(broker, {
    leader: broker,
    leaderEpoch: Math.max(partition.leaderEpoch, replica.leaderEpoch),
    partitionEpoch: partition.partitionEpoch,
    highWatermark: replica.highWatermark,
    leading: {
      epochStart,
      committedIsr: partition.isr,
      pending: null,
      remotes,
      waiting: waitingAt(replica),
    },
    fetcher: null,
  });
  if (newEpoch) {
    draft.emit({
      type: 'became-leader',
      broker,
      leaderEpoch: partition.leaderEpoch,
      missedEpochs: wasLeading !== null,
    });
  }
  maybeAdvanceHighWatermark(draft, broker);
}

/** ISR members get the full grace of the lag limit, others none. Kafka: Replica.resetReplicaState. */
const forgottenRemote = (inSync: boolean): Remote => ({
  logEndOffset: UNKNOWN_OFFSET,
  lastFetchLeaderLogEndOffset: UNKNOWN_OFFSET,
  caughtUpRecently: inSync,
  fetchedRecently: false,
  brokerEpoch: UNSEEN_BROKER_EPOCH,
});

/** The same for a leader that led before. Up to 3.2 everybody counted as having fetched just now. */
const resetRemote = (remote: Remote, inSync: boolean, fetched: boolean, epochStart: number): Remote => ({
  ...remote,
  lastFetchLeaderLogEndOffset: epochStart,
  caughtUpRecently: inSync,
  fetchedRecently: fetched,
});

/** The local replica follows, or nobody leads; waiting requests of a former leader fail (0.10.0, KAFKA-2960). */
function makeFollower(
  draft: Draft,
  broker: number,
  partition: PartitionRegistration,
  image: MetadataImage,
): void {
  const replica = draft.replica(broker);
  const newEpoch = partition.leaderEpoch > replica.leaderEpoch;
  const waiting = waitingAt(replica);
  const outlives = waiting.length > 0 && waitingOutlivesLeadership(draft.model);
  const next: Replica = {
    leader: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    highWatermark: replica.highWatermark,
    leading: null,
    fetcher: replica.fetcher,
    ...(outlives ? { outlived: waiting } : {}),
  };
  draft.setReplica(broker, { ...next, fetcher: nextFetcher(draft, broker, replica, partition, image) });
  if (!outlives) {
    for (const one of waiting) answerProduce(draft, broker, one, 'NOT_LEADER_OR_FOLLOWER');
  }
  if (newEpoch) {
    draft.emit({
      type: 'became-follower',
      broker,
      leader: partition.leader,
      leaderEpoch: partition.leaderEpoch,
    });
  }
}

/** The fetcher starts over at every new leader epoch (2.1); before, only when the leader was another one. */
function nextFetcher(
  draft: Draft,
  broker: number,
  before: Replica,
  partition: PartitionRegistration,
  image: MetadataImage,
): Replica['fetcher'] {
  const shuttingDown =
    draft.process(broker).status === 'pending-controlled-shutdown' ||
    draft.process(broker).status === 'stopping';
  // In ZooKeeper mode one that shuts down starts no fetcher at all.
  if (
    shuttingDown &&
    (draft.model.zookeeper || partition.leader === NO_LEADER || !has(partition.isr, broker))
  )
    return null;
  if (!restartsFetching(draft, before, partition)) return inNewEpoch(before, partition);
  if (partition.leader === NO_LEADER) return null;
  if (at(image.registrations, partition.leader).epoch < 0) return null;
  truncateBeforeFetching(draft, broker);
  return {
    ...startedFetcher(draft, partition.leader, partition.leaderEpoch),
    ...sessionWith(before.fetcher, partition.leader),
  };
}

/** A fetcher that does not start over goes on in the new epoch; one that waited for it goes on again. */
function inNewEpoch({ fetcher, leaderEpoch }: Replica, partition: PartitionRegistration): Replica['fetcher'] {
  if (fetcher === null || partition.leaderEpoch <= leaderEpoch) return fetcher;
  return {
    ...fetcher,
    state: fetcher.state === 'failed' ? 'fetching' : fetcher.state,
    leaderEpoch: partition.leaderEpoch,
  };
}

function restartsFetching(draft: Draft, before: Replica, partition: PartitionRegistration): boolean {
  const grew = partition.leaderEpoch > before.leaderEpoch;
  const moved = partition.leader !== before.leader;
  switch (restartsFetchingAt(draft.model)) {
    case 'leader-changed':
      return moved;
    case 'leader-changed-or-epoch-skipped':
      return moved || partition.leaderEpoch > before.leaderEpoch + 1;
    case 'epoch-grew':
      return grew;
  }
}
