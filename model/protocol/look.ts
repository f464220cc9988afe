/** Questions that guards ask of a state. */
import { CONTROLLER, producerOf } from './base/party.ts';
import { isOffline, type Model } from './config.ts';
import { at } from './draft.ts';
import { isAwake, type Process, type Proposal } from './state/broker.ts';
import {
  imageAt,
  newestImage,
  type MetadataImage,
  type PartitionRegistration,
  type Registration,
} from './state/metadata.ts';
import {
  channelOf,
  channelsOf,
  EMPTY_CHANNEL,
  firstChannelOf,
  positionOf,
  type Channel,
} from './state/channel.ts';
import { ABANDONED, type Message, type MessageOf } from './state/message.ts';
import type { Log } from './state/log.ts';
import type { Replica } from './state/replica.ts';
import type { State } from './state/state.ts';
import type { Choices, Test } from './define-action.ts';

export const processOf = (state: State, broker: number): Process => at(state.processes, broker);
export const replicaOf = (state: State, broker: number): Replica => at(state.replicas, broker);
export const logOf = (state: State, broker: number): Log => at(state.logs, broker);

/** The ISR change that AlterPartitionManager still has to bring through. */
export function alterPartitionOf(state: State, broker: number): Proposal | null {
  const { view } = state;
  return view === undefined
    ? processOf(state, broker).alterPartition
    : (view.alterPartitions[broker] ?? null);
}

/** The controller's view of the partition at hand. */
export const currentPartition = (state: State): PartitionRegistration =>
  at(newestImage(state.metadata).partitions, 0);
export const currentRegistration = (state: State, broker: number): Registration =>
  at(newestImage(state.metadata).registrations, broker);

export const brokerAwake: Test = (_model, state, broker) => isAwake(processOf(state, broker));

/** Whether what `from` sends reaches `to`. */
export const reaches = (state: State, from: number, to: number): boolean =>
  (at(state.links.cut, from) & (1 << to)) === 0;

/** The metadata of a broker, or undefined before it has any. */
function imageKnownTo(state: State, broker: number): MetadataImage | undefined {
  const { metadataOffset } = processOf(state, broker);
  if (metadataOffset < 0) return undefined;
  const { caches } = state;
  return caches === undefined ? imageAt(state.metadata, metadataOffset) : at(caches, broker).image;
}

/** What the metadata of a broker says of the partition, or undefined before it has any or there is none. */
export function partitionKnownTo(state: State, broker: number): PartitionRegistration | undefined {
  const image = imageKnownTo(state, broker);
  const known = image?.partitions[0];
  return known === undefined || known.replicas.length === 0 ? undefined : known;
}

/** Whether the metadata of a broker has another as registered and unfenced. */
export function isUnfencedTo(state: State, broker: number, other: number): boolean {
  const image = imageKnownTo(state, broker);
  return image !== undefined && !at(image.registrations, other).fenced;
}

/** An exchange needs both ways. */
export const connected = (state: State, a: number, b: number): boolean =>
  reaches(state, a, b) && reaches(state, b, a);

export const reachesController: Test = (_model, state, broker) => connected(state, broker, CONTROLLER);
export const controllerActive: Test = (_model, state) => state.controller.active;

/** The log directory with the partition has not failed. */
export const hasLog: Test = (model, state, broker) =>
  !isOffline(model, processOf(state, broker).offline, state.view?.partition ?? 0, broker);

/** Sockets for clients and other brokers are open from the unfencing on. Kafka: BrokerServer.startup. */
export const servesRequests = (process: Process): boolean =>
  isAwake(process) && process.status !== 'starting';

/** The channel of messages of this kind between two parties. */
export function channelBetween(state: State, kind: Message['kind'], from: number, to: number): Channel {
  // A trace may name parties between which there is none.
  return (
    state.channels[channelOf(state.processes.length, state.producers.length, kind, from, to)] ?? EMPTY_CHANNEL
  );
}

/** The n-th message of a kind between two parties. */
export function findMessage(
  state: State,
  kind: Message['kind'],
  from: number,
  to: number,
  nth: number,
): Message | undefined {
  const channel = channelBetween(state, kind, from, to);
  return channel.length === 0 ? undefined : channel[positionOf(channel, kind, from, to, nth)];
}

/** The same, of a message that the caller knows to exist. */
export function messageAt<K extends Message['kind']>(
  state: State,
  kind: K,
  from: number,
  to: number,
  nth: number,
): MessageOf<K> {
  const channel = channelBetween(state, kind, from, to);
  return at(channel, positionOf(channel, kind, from, to, nth)) as MessageOf<K>;
}

/** Visits (from, to, n-th) for each message of a kind, in all channels of that kind or in the one named by `own`. */
export const eachMessage =
  (kind: Message['kind']): Choices =>
  ({ config }, { channels }, visit, own) => {
    const { brokers, producers } = config;
    const first = own < 0 ? firstChannelOf(brokers, producers.length, kind) : own;
    const end = own < 0 ? first + channelsOf(brokers, producers.length, kind, channels.length) : own + 1;
    for (let i = first; i < end; i++) {
      const channel = at(channels, i);
      let nth = 0;
      for (let j = 0; j < channel.length; j++) {
        const message = at(channel, j);
        if (message.kind === kind) visit(message.from, message.to, nth++);
      }
    }
  };

export const inFlight =
  (kind: Message['kind']): Test =>
  (_model, state, from, to, nth) =>
    findMessage(state, kind, from, to, nth) !== undefined;

/**
 * Requests and answers of one producer on one live connection keep their order. So do the requests on dead ones of a
 * producer with several in flight: which of them shared a connection nobody remembers.
 */
export function firstOnConnection(
  { config }: Model,
  state: State,
  kind: 'Produce' | 'ProduceResponse',
  from: number,
  to: number,
  nth: number,
): boolean {
  const channel = channelBetween(state, kind, from, to);
  const position = positionOf(channel, kind, from, to, nth);
  const message = at(channel, position);
  if (message.kind === 'Produce' && message.incarnation === ABANDONED) {
    if (at(config.producers, producerOf(from)).maxInFlight === 1) return true;
    return (
      channel.findIndex((other) => other.kind === 'Produce' && other.incarnation === ABANDONED) === position
    );
  }
  for (let i = 0; i < position; i++) {
    const earlier = at(channel, i);
    if (earlier.kind === kind && !(earlier.kind === 'Produce' && earlier.incarnation === ABANDONED))
      return false;
  }
  return true;
}

/**
 * Whether a requester still waits: a request of this life of it, in flight or waiting at the server, or the answer to
 * one. One request of a kind is outstanding per connection.
 */
export function awaitsAnswer(
  state: State,
  request: 'Fetch' | 'AlterPartition',
  requester: number,
  server: number,
  incarnation: number,
): boolean {
  const channel = channelBetween(state, request, requester, server);
  for (let i = 0; i < channel.length; i++) {
    const message = at(channel, i);
    if (!('incarnation' in message) || message.incarnation === incarnation) return true;
  }
  return false;
}
