/**
 * ISR changes of a leader in ZooKeeper mode: written to the znode by itself (up to 2.6), or asked of the controller.
 * Kafka: Partition.expandIsr, shrinkIsr, ReplicationUtils.updateLeaderAndIsr; AlterIsrManager.
 */
import { NO_BROKERS, type BrokerSet } from '../base/broker-set.ts';
import { CONTROLLER } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import { connected } from '../look.ts';
import { clause, holds } from '../rules/clauses.ts';
import type { Model } from '../config.ts';
import { ABANDONED } from '../state/message.ts';
import { channelOf } from '../state/channel.ts';
import type { State } from '../state/state.ts';
import { NO_CONTROLLER } from './state.ts';

const sameVersion = clause('a leader writes its ISR only over the version that it knows', 'zookeeper');

/** Whether a leader that writes its ISR now would succeed: it reaches ZooKeeper, and nobody else has written since. */
export function mayWriteIsr(model: Model, state: State, leader: number): boolean {
  const image = at(state.metadata.images, 0);
  const { partitionEpoch } = at(image.partitions, 0);
  const known = at(state.replicas, leader).partitionEpoch;
  return connected(state, leader, CONTROLLER) && holds(model.leftOut, sameVersion, known === partitionEpoch);
}

/** The conditional write of the znode, which the leader waits for. The leader epoch stays. */
export function writeIsr(draft: Draft, leader: number, isr: BrokerSet): void {
  const image = draft.newestImage();
  const before = at(image.partitions, 0);
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null) throw new Error('only a leader writes its ISR');
  const partitionEpoch = before.partitionEpoch + 1;
  const { leaderEpoch } = replica;
  draft.writeZnodes({ ...image, partitions: [{ ...before, leader, leaderEpoch, isr, partitionEpoch }] });
  draft.zookeeper = { ...draft.zookeeper, decidedIn: draft.cache(leader).decidedIn };
  draft.emit({ type: 'isr-change-proposed', broker: leader, isrBefore: leading.committedIsr, isr });
  draft.emit({
    type: 'partition-changed',
    ...{ leader, leaderEpoch, isrBefore: before.isr, isr, elr: NO_BROKERS },
    assignment: undefined,
    election: undefined,
  });
  draft.setReplica(leader, { ...replica, partitionEpoch, leading: { ...leading, committedIsr: isr } });
}

/** The broker that an ISR change goes to: the controller that the leader has last heard of. */
export function controllerKnownTo(state: State, leader: number): number {
  return state.caches === undefined ? CONTROLLER : at(state.caches, leader).controller;
}

/** The leader turns to another controller: nobody waits any more for the answer of the former one. */
export function abandonIsrChange(draft: Draft, leader: number): void {
  const { controller } = draft.cache(leader);
  if (controller === NO_CONTROLLER) return;
  const { brokers, producers } = draft.model.config;
  const channel = draft.channel(channelOf(brokers, producers.length, 'AlterPartition', leader, controller));
  let nth = 0;
  for (const message of channel) {
    if (message.kind !== 'AlterPartition') continue;
    if (message.to === controller && message.incarnation !== ABANDONED) {
      draft.abandon('AlterPartition', leader, controller, nth);
    }
    if (message.to === controller) nth++;
  }
}
