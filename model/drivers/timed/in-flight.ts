/** When each message in flight arrives. Kept beside the state's channels, message by message. */
import { at } from '../../protocol/draft.ts';
import { channelOf, type Channel } from '../../protocol/state/channel.ts';
import { ABANDONED, type Message } from '../../protocol/state/message.ts';
import type { Clock } from './clock.ts';
import type { Latency } from './latency.ts';

/** Called for each message that is new in flight. */
export type OnSent = (message: Message) => void;

export interface Flight {
  /** As it is in the state now: a request that is given up is replaced by one that says so. */
  readonly message: Message;
  /** When it was sent (ms). */
  readonly sent: number;
  /** When it arrives (ms). A fetch that waits at the leader arrived when it was put there. */
  readonly due: number;
  /** Its creation number, which orders what is due at the same time. */
  readonly number: number;
}

/** A flight, to be changed only here. */
class Entry implements Flight {
  message: Message;
  readonly sent: number;
  due: number;
  readonly number: number;

  constructor(message: Message, sent: number, due: number, number: number) {
    this.message = message;
    this.sent = sent;
    this.due = due;
    this.number = number;
  }
}

export class InFlight {
  private readonly brokers: number;
  private readonly producers: number;
  private readonly latency: Latency;
  private readonly clock: Clock<() => void>;
  private readonly onSent: OnSent;
  private channels: readonly Channel[];
  /** By channel: the flights of its messages. */
  private readonly flights: Entry[][];
  private readonly fresh: Message[] = [];

  constructor(
    brokers: number,
    producers: number,
    channels: readonly Channel[],
    latency: Latency,
    clock: Clock<() => void>,
    onSent: OnSent,
  ) {
    this.brokers = brokers;
    this.producers = producers;
    this.channels = channels;
    this.latency = latency;
    this.clock = clock;
    this.onSent = onSent;
    this.flights = channels.map(() => []);
  }

  /** Follows the channels to the next state: what stayed keeps its times, what is new gets a latency. */
  follow(channels: readonly Channel[], now: number): void {
    const before = this.channels;
    if (channels === before) return;
    this.channels = channels;
    for (let i = 0; i < channels.length; i++) {
      if (channels[i] !== before[i]) this.flights[i] = this.next(at(this.flights, i), at(channels, i), now);
    }
    const { fresh } = this;
    for (let i = 0; i < fresh.length; i++) this.onSent(at(fresh, i));
    fresh.length = 0;
  }

  private next(flights: readonly Entry[], channel: Channel, now: number): Entry[] {
    const next: Entry[] = [];
    let from = 0;
    for (let i = 0; i < channel.length; i++) {
      const message = at(channel, i);
      let known = from;
      while (known < flights.length && flights[known]?.message !== message) known++;
      // A request given up is replaced by one that says so, at the same place; it is still under way.
      if (known === flights.length && isAbandoned(message)) known = from;
      const flight = flights[known];
      if (flight === undefined) {
        const waits = message.kind === 'DelayedFetch';
        const due = waits ? now : now + this.latency.draw(message.from, message.to, message.kind);
        next.push(new Entry(message, now, due, this.clock.number()));
        this.fresh.push(message);
      } else {
        flight.message = message;
        next.push(flight);
        from = known + 1;
      }
    }
    return next;
  }

  /** The n-th message of a kind between two parties. */
  find(kind: Message['kind'], from: number, to: number, nth: number): Flight | undefined {
    return this.entry(kind, from, to, nth);
  }

  private entry(kind: Message['kind'], from: number, to: number, nth: number): Entry | undefined {
    const flights = at(this.flights, channelOf(this.brokers, this.producers, kind, from, to));
    let seen = 0;
    for (let i = 0; i < flights.length; i++) {
      const flight = at(flights, i);
      const { message } = flight;
      if (message.kind === kind && message.from === from && message.to === to && seen++ === nth)
        return flight;
    }
    return undefined;
  }

  /** Which of its kind between its parties this very message is, or -1 once it has arrived. */
  nth(message: Message): number {
    const { kind, from, to } = message;
    const flights = at(this.flights, channelOf(this.brokers, this.producers, kind, from, to));
    let earlier = 0;
    for (let i = 0; i < flights.length; i++) {
      const other = at(flights, i).message;
      if (other === message) return earlier;
      if (other.kind === kind && other.from === from && other.to === to) earlier++;
    }
    return -1;
  }

  /** By channel: the flights of its messages. */
  all(): readonly (readonly Flight[])[] {
    return this.flights;
  }

  /** Lets the n-th message of a kind between two parties arrive `ms` later. */
  delay(kind: Message['kind'], from: number, to: number, nth: number, ms: number): void {
    const flight = this.entry(kind, from, to, nth);
    if (flight !== undefined) flight.due += ms;
  }
}

const isAbandoned = (message: Message): boolean =>
  'incarnation' in message && message.incarnation === ABANDONED;
