/** Switches that several rules follow, properties among them: read here, once each, and asked for by what they decide. */
import type { Rules } from './switches.ts';

interface Ruled {
  readonly rules: Rules;
}

/** KIP-101 (0.11), KIP-279 (2.0), KIP-595 (2.8): what tells a follower where its log leaves the leader's. */
export const truncatesBy = ({ rules }: Ruled): Rules['follower-truncation'] => rules['follower-truncation'];

/** KAFKA-14704 (3.4.1, 3.5): before, the high watermark of an answer that tells to truncate was taken first. */
export const takesHighWatermarkFirst = (ruled: Ruled): boolean =>
  truncatesBy(ruled) === 'on-fetch' && ruled.rules['diverging-answer-moves-high-watermark'] === 'yes';

/** The follower asks where its latest epoch ends before it fetches: KIP-101 (0.11) until KIP-595 (2.8). */
export const asksForEpochEnd = (ruled: Ruled): boolean =>
  truncatesBy(ruled) === 'epoch-end' || truncatesBy(ruled) === 'epoch-and-end';

/** KAFKA-7395 (2.1): leader epochs are carried and compared. */
export const comparesLeaderEpochs = ({ rules }: Ruled): boolean =>
  rules['fetch-fences-leader-epoch'] === 'yes';

/** KAFKA-9338 (2.5): before, a leader that compares epochs compared only the first fetch of a session. */
export const sessionForgetsEpoch = (ruled: Ruled): boolean =>
  comparesLeaderEpochs(ruled) && ruled.rules['fetch-session-keeps-epoch'] === 'no';

/** KAFKA-8443 (2.4) until KAFKA-9952 (2.6); when a waiting fetch is answered is for the clock to say. */
export const tellsHighWatermarkAtOnce = ({ rules }: Ruled): boolean =>
  rules['high-watermark-answers-waiting-fetch'] === 'yes';

/** KAFKA-15046 (3.7) took the fsync away, KAFKA-16541 (3.8) does it in the background. */
export const epochCheckpointAfterTruncation = ({
  rules,
}: Ruled): Rules['epoch-checkpoint-after-truncation'] => rules['epoch-checkpoint-after-truncation'];

/** KIP-841 (3.3): fenced and shutting-down brokers neither join an ISR nor, while they shut down, lead. */
export const keepsFencedOut = ({ rules }: Ruled): boolean => rules['fenced-replicas-kept-out'] === 'yes';

/** KAFKA-7415 (2.1): every leader has its own epoch in its cache, so the cache also answers for what lies before. */
export const recordsOwnEpoch = ({ rules }: Ruled): boolean => rules['leader-records-own-epoch'] === 'yes';

/** KAFKA-15583 (3.7): below min.insync.replicas nothing is committed. */
export const commitNeedsMinIsr = ({ rules }: Ruled): boolean =>
  rules['high-watermark-needs-min-isr'] === 'yes';

/** KAFKA-12670 (3.9): in KRaft mode `unclean.leader.election.enable` is obeyed, and unclean elections are counted. */
export const honoursUncleanSetting = ({ rules }: Ruled): boolean =>
  rules['controller-honours-unclean-setting'] === 'yes';

/** KIP-966 (4.0). */
export const keepsEligibleLeaders = ({ rules }: Ruled): boolean => rules['eligible-leader-replicas'] === 'on';

/** Our repair lets the last known leader be taken back only where unclean election is allowed. */
export const takesLastKnownLeaderBack = ({ rules }: Ruled): boolean =>
  rules['last-known-leader-election'] === 'always';

/** KAFKA-5494 (1.0): how many batches of a producer a leader knows again, and how many it may have in flight. */
export const batchesRemembered = ({ rules }: Ruled): number => Number(rules['producer-batches-remembered']);

/** KAFKA-2960 (0.10.0): before, requests went on waiting, and a later leadership completed them by their offset alone. */
export const waitingOutlivesLeadership = ({ rules }: Ruled): boolean =>
  rules['waiting-produce-ends-with-leadership'] === 'no';

/** KIP-360 (2.5): after a gap an idempotent producer raises its epoch and needs no other producer id. */
export const startsOverInNewEpoch = ({ rules }: Ruled): boolean =>
  rules['idempotent-producer-starts-over-with'] === 'new-epoch';

/** KAFKA-5793 (1.0), KIP-360 (2.5): to a batch that is not its first. */
export const answerToUnknownProducer = ({ rules }: Ruled): Rules['unknown-producer-with-sequence'] =>
  rules['unknown-producer-with-sequence'];

/** From 1.0 until KIP-360 (2.5) a producer that is unknown to the leader compares what was acknowledged with the log start. */
export const comparesWithLogStart = (ruled: Ruled): boolean =>
  answerToUnknownProducer(ruled) === 'unknown-producer-id' && !startsOverInNewEpoch(ruled);

/** KIP-392 (2.4). */
export const servesFromFollowers = ({ rules }: Ruled): boolean =>
  rules['followers-serve-consumers'] === 'yes';

/**
 * A follower of 2.4 or newer serves consumers, and a consumer of before 2.3 names no leader epoch: one that takes a follower
 * for the leader still is not told. Kafka: ReplicaManager.readFromLog, fetchOnlyFromLeader.
 */
export const followersServeAnybody = (ruled: Ruled): boolean =>
  servesFromFollowers(ruled) && !consumersNameLeaderEpoch(ruled);

/** KAFKA-14372 (3.3.2, 3.4): a follower that lags would be named again and again. */
export const preferredReplicaIsInSync = ({ rules }: Ruled): boolean =>
  rules['preferred-replica-must-be-in-sync'] === 'yes';

/** KAFKA-15390 (3.7); in ZooKeeper mode a leader never named a replica that is down. */
export const preferredReplicaIsUnfenced = ({ rules }: Ruled): boolean =>
  rules['preferred-replica-must-be-unfenced'] === 'yes';

/** KIP-320 (2.3 of the client). */
export const validatesPosition = ({ rules }: Ruled): boolean =>
  rules['consumer-validates-position'] === 'yes';

/** It came with that, though brokers of 2.1 would have heard: before, any leader serves. Kafka: Fetcher.prepareFetchRequests. */
export const consumersNameLeaderEpoch = validatesPosition;

/** KAFKA-15586 (3.8), KAFKA-18635 (4.0): what shows the controller that a broker stopped uncleanly. */
export const uncleanShutdownSign = ({ rules }: Ruled): Rules['unclean-shutdown-detected-by'] =>
  rules['unclean-shutdown-detected-by'];

/** KIP-903 (3.5): fetches carry the broker epoch for ISR changes; from KAFKA-15221 (3.7) on progress looks at it too. */
export function checksBrokerEpochOf({ rules }: Ruled, what: 'isr-change' | 'progress'): boolean {
  switch (rules['broker-epoch-checked-in']) {
    case 'nothing':
      return false;
    case 'isr-expansion':
      return what === 'isr-change';
    case 'isr-expansion-and-fetch-state':
      return true;
  }
}

/** KIP-966: in the releases a replica that a reassignment drops stays among the eligible leader replicas. */
export const keepsDroppedEligible = ({ rules }: Ruled): boolean =>
  rules['elr-keeps-dropped-replicas'] === 'yes';

/** KAFKA-7164 (2.0.1), KAFKA-7395 (2.1.0): what makes a follower start its fetcher over. */
export const restartsFetchingAt = ({ rules }: Ruled): Rules['follower-restarts-fetching'] =>
  rules['follower-restarts-fetching'];

/** KIP-500: the controller is a broker elected in ZooKeeper, not a quorum of its own. */
export const usesZooKeeper = ({ rules }: Ruled): boolean => rules['controller'] === 'zookeeper';

/** KIP-497 (2.7): up to 2.6 a leader in ZooKeeper mode writes its ISR itself. */
export const asksControllerForIsr = (ruled: Ruled): boolean =>
  !usesZooKeeper(ruled) || ruled.rules['isr-change-goes-through'] === 'controller';

/** KIP-380 (2.2): control requests carry the broker epoch, and a broker that came back quickly is noticed by it. */
export const namesBrokerLives = ({ rules }: Ruled): boolean =>
  rules['broker-epoch-in-control-requests'] === 'yes';

/** KIP-107 (0.11): followers hear where their leader's log starts, leaders where theirs do, and DeleteRecords exists. */
export const carriesLogStart = ({ rules }: Ruled): boolean => rules['log-start-in-fetch'] === 'yes';

/** KIP-858 (3.7): a broker tells the controller of a log directory that has failed. */
export const tellsOfFailedDirectory = ({ rules }: Ruled): boolean => rules['failed-directory'] === 'told';

/** KIP-570 (2.6). */
export const fencesStopReplica = ({ rules }: Ruled): boolean =>
  rules['stop-replica-fenced-by'] === 'leader-epoch';

/** KAFKA-14154 (3.3): a controller that is behind the sender of an ISR change says that it is not the controller. */
export const admitsBeingBehind = ({ rules }: Ruled): boolean =>
  rules['newer-alter-partition-answer'] === 'not-controller';

/**
 * KAFKA-5642 (1.1): a new session begins only once the controller has heard that the last is over; until then it reaches
 * no znode. Before, another thread begins it, and what the controller has yet to do goes on in it.
 */
export const stopsWithSession = ({ rules }: Ruled): boolean => rules['expired-controller'] === 'stops';

/** KAFKA-6082 (2.1): a controller that was replaced writes nothing more. */
export const fencesController = ({ rules }: Ruled): boolean =>
  rules['controller-writes-fenced-by'] === 'controller-epoch';

/**
 * Older partition epochs are refused from 3.3 (KAFKA-13790). An equal one is applied again: the answer to an
 * AlterPartition may have come before the record.
 */
export function refusesMetadata({ rules }: Ruled, local: number, told: number): boolean {
  switch (rules['metadata-refused-by-partition-epoch']) {
    case 'never':
      return false;
    case 'older':
      return told < local;
    case 'older-or-equal':
      return told <= local;
  }
}

/** A follower that is ahead of its leader stops its broker, unless unclean elections explain it. Kafka: KAFKA-7414. */
export const exitsWhereAhead = ({
  rules,
  uncleanLeaderElection,
}: Ruled & { readonly uncleanLeaderElection: boolean }): boolean =>
  rules['follower-ahead-of-leader'] === 'exits' && !uncleanLeaderElection;
