/** Questions that guards ask of a state. */
import { CONTROLLER } from './base/party.ts';
import { at } from './draft.ts';
import { isAwake, type Process } from './state/broker.ts';
import { newestImage, type PartitionRegistration, type Registration } from './state/metadata.ts';
import { ABANDONED, type Message, type MessageOf } from './state/message.ts';
import type { Log } from './state/log.ts';
import type { Replica } from './state/replica.ts';
import type { State } from './state/state.ts';
import type { Choices, Test } from './define-action.ts';

export const processOf = (state: State, broker: number): Process => at(state.processes, broker);
export const replicaOf = (state: State, broker: number): Replica => at(state.replicas, broker);
export const logOf = (state: State, broker: number): Log => at(state.logs, broker);

/** The controller's view of partition 0. */
export const currentPartition = (state: State): PartitionRegistration =>
  at(newestImage(state.metadata).partitions, 0);
export const currentRegistration = (state: State, broker: number): Registration =>
  at(newestImage(state.metadata).registrations, broker);

export const brokerAwake: Test = (_model, state, broker) => isAwake(processOf(state, broker));

/** Whether what `from` sends reaches `to`. */
export const reaches = (state: State, from: number, to: number): boolean =>
  (at(state.links.cut, from) & (1 << to)) === 0;

/** An exchange needs both ways. */
export const connected = (state: State, a: number, b: number): boolean =>
  reaches(state, a, b) && reaches(state, b, a);

export const reachesController: Test = (_model, state, broker) => connected(state, broker, CONTROLLER);
export const controllerActive: Test = (_model, state) => state.controller.active;

/** Sockets for clients and other brokers are open from the unfencing on. Kafka: BrokerServer.startup. */
export const servesRequests = (process: Process): boolean =>
  isAwake(process) && process.status !== 'starting';

/** Position in the network of the n-th message of a kind between two parties, or -1. */
export function findMessage(
  state: State,
  kind: Message['kind'],
  from: number,
  to: number,
  nth: number,
): number {
  const { messages } = state.network;
  let seen = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = at(messages, i);
    if (message.kind === kind && message.from === from && message.to === to && seen++ === nth) return i;
  }
  return -1;
}

export function messageAt<K extends Message['kind']>(
  state: State,
  kind: K,
  from: number,
  to: number,
  nth: number,
): { readonly index: number; readonly message: MessageOf<K> } {
  const index = findMessage(state, kind, from, to, nth);
  return { index, message: at(state.network.messages, index) as MessageOf<K> };
}

/** Visits (from, to, n-th) for each message of a kind. */
export const eachMessage =
  (kind: Message['kind']): Choices =>
  (_model, state, visit) => {
    const { messages } = state.network;
    for (let i = 0; i < messages.length; i++) {
      const message = at(messages, i);
      if (message.kind !== kind) continue;
      let nth = 0;
      for (let j = 0; j < i; j++) {
        const earlier = at(messages, j);
        if (earlier.kind === kind && earlier.from === message.from && earlier.to === message.to) nth++;
      }
      visit(message.from, message.to, nth);
    }
  };

export const inFlight =
  (kind: Message['kind']): Test =>
  (_model, state, from, to, nth) =>
    findMessage(state, kind, from, to, nth) >= 0;

/** Requests and answers of one producer on one live connection keep their order. */
export function firstOnConnection(
  state: State,
  kind: 'Produce' | 'ProduceResponse',
  from: number,
  to: number,
  nth: number,
): boolean {
  const index = findMessage(state, kind, from, to, nth);
  const message = at(state.network.messages, index);
  if (message.kind === 'Produce' && message.incarnation === ABANDONED) return true;
  for (let i = 0; i < index; i++) {
    const earlier = at(state.network.messages, i);
    if (earlier.kind !== kind || earlier.from !== from || earlier.to !== to) continue;
    if (!(earlier.kind === 'Produce' && earlier.incarnation === ABANDONED)) return false;
  }
  return true;
}
