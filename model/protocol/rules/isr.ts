/** Who is in sync, as the leader sees it. Kafka: Partition. */
import { has, type BrokerSet } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import type { Model } from '../config.ts';
import { logEnd } from '../state/log.ts';
import { NO_METADATA, type Proposal } from '../state/broker.ts';
import type { MetadataImage } from '../state/metadata.ts';
import type { Leading, Remote, Replica } from '../state/replica.ts';
import { clause, holds } from './clauses.ts';
import { checksBrokerEpochOf, keepsFencedOut } from './shared-switches.ts';

const notFenced = clause('a replica that joins the ISR is not fenced');
const notShuttingDown = clause('a replica that joins the ISR is not in controlled shutdown');
const sameBrokerEpoch = clause(
  'a replica that joins the ISR fetched with the broker epoch it is registered with',
);
const reachedHighWatermark = clause('a replica that joins the ISR has reached the high watermark');
const reachedEpochStart = clause('a replica that joins the ISR has reached the start of the leader epoch');
const oneChangeAtATime = clause('an ISR change is proposed only while none is pending');
const managerIsFree = clause('the manager of ISR changes takes one only while it holds none');

/**
 * The ISR that the high watermark waits for while a change is pending: nobody leaves and everybody joins before
 * the controller has answered. Kafka: PartitionState.maximalIsr (KIP-497, 2.7).
 */
export function maximalIsr(model: Model, leading: Leading): BrokerSet {
  const { pending, committedIsr } = leading;
  if (pending === null || model.rules['high-watermark-waits-for'] === 'committed-isr') return committedIsr;
  return committedIsr | pending.isr;
}

/** Caught up by time, or by log end. Kafka: ReplicaState.isCaughtUp. */
export function isCaughtUp(model: Model, remote: Remote, leaderLogEnd: number): boolean {
  return (
    remote.caughtUpRecently ||
    (model.rules['shrink-spares-equal-log-end'] === 'yes' && remote.logEndOffset === leaderLogEnd)
  );
}

/** May this follower join the ISR, by what the leader's metadata says of it? Kafka: isReplicaIsrEligible. */
export function isIsrEligible(model: Model, image: MetadataImage, broker: number, remote: Remote): boolean {
  const { leftOut } = model;
  const registration = at(image.registrations, broker);
  if (keepsFencedOut(model)) {
    if (!holds(leftOut, notFenced, !registration.fenced)) return false;
    if (!holds(leftOut, notShuttingDown, !registration.inControlledShutdown)) return false;
  }
  if (!checksBrokerEpochOf(model, 'isr-change')) return true;
  // An epoch of -1 skips the comparison; a follower that never fetched has none.
  return holds(
    leftOut,
    sameBrokerEpoch,
    remote.brokerEpoch === -1 || (remote.brokerEpoch === registration.epoch && !registration.fenced),
  );
}

/** Whether the follower's fetch lets the leader propose it for the ISR. Kafka: Partition.needsExpandIsr. */
export function mayExpand(draft: Draft, leader: number, follower: number): boolean {
  const { model } = draft;
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null) return false;
  const remote = at(leading.remotes, follower);
  if (!holds(model.leftOut, oneChangeAtATime, leading.pending === null)) return false;
  // Kafka: DefaultAlterPartitionManager.submit, unsentIsrUpdates.putIfAbsent.
  if (!holds(model.leftOut, managerIsFree, draft.alterPartition(leader) === null)) return false;
  if (has(maximalIsr(model, leading), follower)) return false;
  if (!isIsrEligible(model, draft.imageOf(leader), follower, remote)) return false;
  if (!holds(model.leftOut, reachedHighWatermark, remote.logEndOffset >= replica.highWatermark)) return false;
  return (
    model.rules['expansion-needs-epoch-start'] === 'no' ||
    holds(model.leftOut, reachedEpochStart, remote.logEndOffset >= leading.epochStart)
  );
}

/**
 * ISR members that lag: log end differs from the leader's and the last time they were caught up lies beyond
 * `replica.lag.time.max.ms`. Kafka: Partition.getOutOfSyncReplicas.
 */
export function outOfSync(model: Model, replica: Replica, leaderLogEnd: number, self: number): BrokerSet {
  const { leading } = replica;
  if (leading === null || leading.pending !== null) return 0;
  let out = 0;
  for (let id = 0; id < leading.remotes.length; id++) {
    if (id === self || !has(leading.committedIsr, id)) continue;
    if (!isCaughtUp(model, at(leading.remotes, id), leaderLogEnd)) out |= 1 << id;
  }
  return out;
}

/**
 * Proposes `isr`: the change is pending until the controller answers. Kafka: Partition.prepareIsrExpand,
 * prepareIsrShrink, DefaultAlterPartitionManager.submit. Broker epochs go along from 3.5 (KIP-903).
 */
export function propose(draft: Draft, leader: number, isr: BrokerSet): void {
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null) throw new Error('only a leader proposes an ISR');
  const withEpochs = checksBrokerEpochOf(draft.model, 'isr-change');
  const self = draft.process(leader);
  const proposal: Proposal = {
    leaderEpoch: replica.leaderEpoch,
    partitionEpoch: replica.partitionEpoch,
    isr,
    brokerEpochs: leading.remotes.map((remote, id) => {
      if (!withEpochs || !has(isr, id)) return -1;
      return id === leader ? self.brokerEpoch : Math.max(remote.brokerEpoch, -1);
    }),
  };
  draft.setReplica(leader, { ...replica, leading: { ...leading, pending: proposal } });
  draft.setAlterPartition(leader, proposal);
  draft.emit({ type: 'isr-change-proposed', broker: leader, isrBefore: leading.committedIsr, isr });
}

/** The leader's log end, for rules that take it apart from the log. */
export const leaderEnd = (draft: Draft, leader: number): number => logEnd(draft.log(leader));

/** A broker without metadata cannot have been made leader. */
export const hasMetadata = (draft: Draft, broker: number): boolean =>
  draft.process(broker).metadataOffset !== NO_METADATA;
