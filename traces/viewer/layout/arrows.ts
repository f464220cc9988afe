/** What passed between the parties of a run: messages with the steps of their life, and exchanges within one step. */
import {
  consumerParty,
  readsFrom,
  CONTROLLER,
  producerParty,
  recordOf,
  recordsOf,
  type Action,
  type Message,
  type State,
} from '../../../model/index.ts';
import { brokerList } from '../../words.ts';
import { isElsewhere, type Film } from '../film.ts';

/** `under way` has not arrived when the run ends. */
export type Fate = 'received' | 'lost' | 'under way';

export interface Arrow {
  readonly kind: Message['kind'];
  readonly from: number;
  readonly to: number;
  /** Step that sent it; 0 for none. */
  readonly sent: number;
  /** Step that received or lost it, or the last of the run. */
  readonly ended: number;
  readonly fate: Fate;
  /** Step at which the sender gave it up while it was still under way. */
  readonly givenUp?: number | undefined;
  readonly label: string;
  /** Leader epoch that it carries; -1 where it carries none. */
  readonly epoch: number;
}

/** A request with its answer within one step: registration, heartbeat, metadata, a poll. */
export interface Exchange {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A fetch that waits at its leader for data. */
export interface Wait {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Traffic {
  readonly arrows: readonly Arrow[];
  readonly exchanges: readonly Exchange[];
  readonly waits: readonly Wait[];
}

interface Flight {
  readonly message: Message;
  readonly sent: number;
  readonly givenUp?: number | undefined;
}

export function trafficOf(film: Film): Traffic {
  const flights = new Map<Message, Flight>();
  const arrows: Arrow[] = [];
  const waits: Wait[] = [];
  const exchanges: Exchange[] = [];
  const close = (flight: Flight, ended: number, fate: Fate): void => {
    const { message, sent, givenUp } = flight;
    if (message.kind === 'DelayedFetch') waits.push({ at: message.to, from: sent, to: ended });
    else arrows.push(arrowOf(message, { sent, ended, fate, givenUp }));
  };
  for (const [index, frame] of film.frames.entries()) {
    const { action, before, after } = frame;
    const step = index + 1;
    const elsewhere = isElsewhere(frame, film);
    if (!elsewhere) exchanges.push(...exchangesOf(action, before, step));
    if (before.channels === after.channels) continue;
    const still = new Set(after.channels.flat());
    const added = new Set([...still].filter((message) => !flights.has(message)));
    for (const [message, flight] of flights) {
      if (still.has(message)) continue;
      flights.delete(message);
      const same = action.kind.startsWith('abandon-') ? [...added].find(likeness(message)) : undefined;
      if (same === undefined) {
        close(flight, step, !elsewhere && isReceived(action, message) ? 'received' : 'lost');
      } else {
        added.delete(same);
        flights.set(same, { message: same, sent: flight.sent, givenUp: step });
      }
    }
    for (const message of added) flights.set(message, { message, sent: step });
  }
  for (const flight of flights.values()) close(flight, film.end, 'under way');
  return { arrows: arrows.sort((a, b) => a.sent - b.sent || a.ended - b.ended), exchanges, waits };
}

/** Whether another message is the given one, once its sender gave it up. */
const likeness =
  ({ kind, from, to }: Message) =>
  (other: Message): boolean =>
    other.kind === kind && other.from === from && other.to === to;

const kebab = (name: string): string => name.replaceAll(/(?!^)[A-Z]/g, '-$&').toLowerCase();

const isReceived = ({ kind, from, to }: Action, message: Message): boolean =>
  message.from === from &&
  message.to === to &&
  (kind === `handle-${kebab(message.kind)}` ||
    (kind === 'answer-delayed-fetch' && message.kind === 'DelayedFetch'));

function arrowOf(message: Message, life: Pick<Arrow, 'sent' | 'ended' | 'fate' | 'givenUp'>): Arrow {
  const { kind, from, to } = message;
  return { kind, from, to, ...life, label: labelOf(message), epoch: epochOf(message) };
}

/** A few characters beside the arrow; the sentences say the rest. */
function labelOf(message: Message): string {
  switch (message.kind) {
    case 'Fetch':
    case 'DelayedFetch':
      return `fetch ${message.fetchOffset}`;
    case 'FetchResponse': {
      if (message.error !== 'NONE') return message.error;
      if (message.diverging.length > 0) return 'diverging';
      return message.entries.length === 0 ? 'nothing new' : recordsIn(message.entries);
    }
    case 'AlterPartition':
      return `ISR ${brokerList(message.proposal.isr)}?`;
    case 'AlterPartitionResponse':
      return message.error === 'NONE' ? `ISR ${brokerList(message.isr)}` : message.error;
    case 'Produce':
      return recordsOf(message)
        .map((record) => `r${record}`)
        .join(' ');
    case 'ProduceResponse':
      return message.error === 'NONE' ? `ack r${message.record}` : message.error;
    case 'OffsetsForLeaderEpoch':
      return `end of e${message.leaderEpoch}?`;
    case 'OffsetsForLeaderEpochResponse': {
      const [known] = message.epochEnd;
      if (message.error !== 'NONE') return message.error;
      return known === undefined ? 'unknown' : `e${known.epoch} ends at ${known.start}`;
    }
    case 'LeaderAndIsr':
      return `${message.leader < 0 ? 'no leader' : `leader ${message.leader}`}, ISR ${brokerList(message.isr)}`;
    case 'UpdateMetadata':
      return `alive ${brokerList(message.live)}`;
    case 'StopReplica':
      return 'stop';
  }
}

function recordsIn(entries: readonly number[]): string {
  const names = entries.map((entry) => `r${recordOf(entry)}`);
  return names.length <= 3 ? names.join(' ') : `${names[0] ?? ''} … ${names.at(-1) ?? ''}`;
}

function epochOf(message: Message): number {
  switch (message.kind) {
    case 'Fetch':
    case 'DelayedFetch':
      return message.currentLeaderEpoch;
    case 'OffsetsForLeaderEpoch':
      return message.currentLeaderEpoch;
    case 'FetchResponse':
    case 'OffsetsForLeaderEpochResponse':
      return message.requestEpoch;
    case 'AlterPartition':
      return message.proposal.leaderEpoch;
    case 'AlterPartitionResponse':
    case 'LeaderAndIsr':
    case 'UpdateMetadata':
    case 'StopReplica':
      return message.leaderEpoch;
    case 'Produce':
    case 'ProduceResponse':
      return -1;
  }
}

function exchangesOf(action: Action, before: State, step: number): readonly Exchange[] {
  const number = (param: string): number => Number(action[param] ?? 0);
  const one = (from: number, to: number, label: string): readonly Exchange[] => [{ step, from, to, label }];
  switch (action.kind) {
    case 'register-broker':
    case 'register-in-zookeeper':
      return one(number('broker'), CONTROLLER, 'register');
    case 'become-controller':
      return one(number('broker'), CONTROLLER, 'controller');
    case 'notice-broker-change':
      return one(CONTROLLER, number('controller'), 'brokers');
    case 'ask-for-controlled-shutdown': {
      const controller = before.zookeeper?.controller ?? -1;
      return controller < 0 ? [] : one(number('broker'), controller, 'controlled shutdown');
    }
    case 'heartbeat':
      return one(number('broker'), CONTROLLER, 'heartbeat');
    case 'apply-metadata':
      return one(CONTROLLER, number('broker'), 'metadata');
    case 'poll':
    case 'poll-leader':
    case 'poll-follower': {
      const id = number('consumer');
      const consumer = before.consumers[id];
      const broker = consumer === undefined ? -1 : readsFrom(consumer);
      return broker < 0 ? [] : one(broker, consumerParty(id), 'poll');
    }
    case 'refresh-producer-metadata':
      return one(number('broker'), producerParty(number('producer')), 'metadata');
    case 'refresh-consumer-metadata':
      return one(number('broker'), consumerParty(number('consumer')), 'metadata');
    default:
      return [];
  }
}
