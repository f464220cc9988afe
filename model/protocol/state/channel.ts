/**
 * What is under way between those who ask and those who answer. Each pair of a requester and a server has one channel,
 * which holds requests, requests that wait at the server, and answers, in this order; within each, as they were sent.
 * No rule compares when two messages of different channels or kinds were sent, so the state does not tell either.
 */
import { producerOf } from '../base/party.ts';
import { list, type Infer } from '../base/shape.ts';
import { messageShape, type Message } from './message.ts';

export const channelShape = list(messageShape);
export type Channel = Infer<typeof channelShape>;

export const EMPTY_CHANNEL: Channel = [];

/**
 * Fetches between each two brokers, ISR changes of each broker, what each producer sends to each broker. In ZooKeeper
 * mode the queues of each broker as controller follow, behind the places of producers, which are never less than two.
 */
export const channelCount = (brokers: number, producers: number, zookeeper: boolean): number =>
  zookeeper
    ? controls(brokers, producers, brokers, 0)
    : brokers * (brokers - 1) + brokers + producers * brokers;

/**
 * Between followers and leaders: by follower, then by leader. A broker does not fetch from itself. One fetcher thread
 * sends fetches and queries, one request at a time.
 */
const fetches = (brokers: number, follower: number, leader: number): number =>
  follower * (brokers - 1) + (leader < follower ? leader : leader - 1);
const isrChanges = (brokers: number, leader: number): number => brokers * (brokers - 1) + leader;
const produces = (brokers: number, producer: number, broker: number): number =>
  brokers * (brokers + producer) + broker;

const placesOf = (producers: number): number => (producers < 2 ? 2 : producers);

/** Between a broker as controller and every broker, itself among them. */
const controls = (brokers: number, producers: number, controller: number, broker: number): number =>
  brokers * (brokers + placesOf(producers) + controller) + broker;

/** Where the channel of messages of this kind between two parties stands. */
export function channelOf(
  brokers: number,
  producers: number,
  kind: Message['kind'],
  from: number,
  to: number,
): number {
  switch (kind) {
    case 'Fetch':
    case 'DelayedFetch':
    case 'OffsetsForLeaderEpoch':
      return fetches(brokers, from, to);
    case 'FetchResponse':
    case 'OffsetsForLeaderEpochResponse':
      return fetches(brokers, to, from);
    case 'AlterPartition':
      return isrChanges(brokers, from);
    case 'AlterPartitionResponse':
      return isrChanges(brokers, to);
    case 'Produce':
      return produces(brokers, producerOf(from), to);
    case 'ProduceResponse':
      return produces(brokers, producerOf(to), from);
    case 'LeaderAndIsr':
    case 'UpdateMetadata':
    case 'StopReplica':
      return controls(brokers, producers, from, to);
  }
}

/** Whether messages to or from a broker or the controller can be in a channel; a broker can be the controller. */
export function isChannelOf(brokers: number, producers: number, channel: number, party: number): boolean {
  if (isControlChannel(brokers, producers, channel)) {
    const place = channel - controls(brokers, producers, 0, 0);
    return Math.floor(place / brokers) === party || place % brokers === party;
  }
  if (channel >= isrChanges(brokers, brokers)) return (channel - brokers * brokers) % brokers === party;
  if (channel >= isrChanges(brokers, 0)) return true;
  const follower = Math.floor(channel / (brokers - 1));
  const place = channel % (brokers - 1);
  return follower === party || (place < follower ? place : place + 1) === party;
}

/** The first channel that can hold messages of this kind. */
export function firstChannelOf(brokers: number, producers: number, kind: Message['kind']): number {
  switch (kind) {
    case 'Fetch':
    case 'DelayedFetch':
    case 'FetchResponse':
    case 'OffsetsForLeaderEpoch':
    case 'OffsetsForLeaderEpochResponse':
      return 0;
    case 'AlterPartition':
    case 'AlterPartitionResponse':
      return isrChanges(brokers, 0);
    case 'Produce':
    case 'ProduceResponse':
      return produces(brokers, 0, 0);
    case 'LeaderAndIsr':
    case 'UpdateMetadata':
    case 'StopReplica':
      return controls(brokers, producers, 0, 0);
  }
}

/** How many channels from there on can. */
export function channelsOf(brokers: number, producers: number, kind: Message['kind'], all: number): number {
  switch (kind) {
    case 'Fetch':
    case 'DelayedFetch':
    case 'FetchResponse':
    case 'OffsetsForLeaderEpoch':
    case 'OffsetsForLeaderEpochResponse':
      return brokers * (brokers - 1);
    case 'AlterPartition':
    case 'AlterPartitionResponse':
      return brokers;
    case 'Produce':
    case 'ProduceResponse':
      return Math.min(all - brokers * brokers, placesOf(producers) * brokers);
    case 'LeaderAndIsr':
    case 'UpdateMetadata':
    case 'StopReplica':
      return brokers * brokers;
  }
}

/** Whether a channel holds what a broker sends as controller. */
export const isControlChannel = (brokers: number, producers: number, channel: number): boolean =>
  channel >= controls(brokers, producers, 0, 0);

/** The broker that asks in this channel, or -1 for a producer. */
export function brokerAsking(brokers: number, channel: number): number {
  if (channel < brokers * (brokers - 1)) return Math.floor(channel / (brokers - 1));
  return channel < brokers * brokers ? channel - brokers * (brokers - 1) : -1;
}

const RANK: Readonly<Record<Message['kind'], number>> = {
  Fetch: 0,
  AlterPartition: 0,
  Produce: 0,
  OffsetsForLeaderEpoch: 0,
  DelayedFetch: 1,
  FetchResponse: 2,
  AlterPartitionResponse: 2,
  ProduceResponse: 2,
  OffsetsForLeaderEpochResponse: 2,
  LeaderAndIsr: 0,
  UpdateMetadata: 0,
  StopReplica: 0,
};

/** The channel with one more message, the last of its kind. */
export function withMessage(channel: Channel, message: Message): Channel {
  if (channel.length === 0) return [message];
  const rank = RANK[message.kind];
  let place = channel.length;
  for (; place > 0; place--) {
    const earlier = channel[place - 1];
    if (earlier !== undefined && RANK[earlier.kind] <= rank) break;
  }
  return [...channel.slice(0, place), message, ...channel.slice(place)];
}

/**
 * Position of the n-th message of a kind between two parties, or -1. The parties are compared because an action that
 * was read from a file may name any.
 */
export function positionOf(
  channel: Channel,
  kind: Message['kind'],
  from: number,
  to: number,
  nth: number,
): number {
  let seen = 0;
  for (let i = 0; i < channel.length; i++) {
    const message = channel[i];
    if (message?.kind === kind && message.from === from && message.to === to && seen++ === nth) return i;
  }
  return -1;
}
