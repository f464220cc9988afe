/** When each message in flight arrives. Kept beside the network's list, message by message. */
import { at } from '../../protocol/draft.ts';
import { ABANDONED, type Message } from '../../protocol/state/message.ts';
import type { Clock } from './clock.ts';
import type { Latency } from './latency.ts';

/** Called for each message that is new in flight. */
export type OnSent = (message: Message) => void;

/** By position in the network's list. */
class Times {
  /** When it was sent, when it arrives (ms), and its creation number. */
  readonly sent: number[] = [];
  readonly due: number[] = [];
  readonly numbers: number[] = [];
}

export class InFlight {
  private readonly latency: Latency;
  private readonly clock: Clock<() => void>;
  private readonly onSent: OnSent;
  private messages: readonly Message[] = [];
  /** The times of `messages`, and room for the times of the next list. */
  private is = new Times();
  private was = new Times();

  constructor(latency: Latency, clock: Clock<() => void>, onSent: OnSent) {
    this.latency = latency;
    this.clock = clock;
    this.onSent = onSent;
  }

  /** Follows the network to its next list: what stayed keeps its times, what is new gets a latency. */
  follow(messages: readonly Message[], now: number): void {
    const before = this.messages;
    if (messages === before) return;
    const { was, is } = this;
    let fresh = messages.length;
    let next = 0;
    for (let i = 0; i < messages.length; i++) {
      const message = at(messages, i);
      let known = next;
      while (known < before.length && before[known] !== message) known++;
      // A request given up is replaced by one that says so, at the same place; it is still under way.
      if (known === before.length && isAbandoned(message)) known = next;
      if (known < before.length) {
        next = known + 1;
        was.sent[i] = at(is.sent, known);
        was.due[i] = at(is.due, known);
        was.numbers[i] = at(is.numbers, known);
      } else {
        const waits = message.kind === 'DelayedFetch';
        was.sent[i] = now;
        was.due[i] = waits ? now : now + this.latency.draw(message.from, message.to, message.kind);
        was.numbers[i] = this.clock.number();
        // What is new stands at the end.
        fresh = Math.min(fresh, i);
      }
    }
    this.messages = messages;
    this.is = was;
    this.was = is;
    for (let i = fresh; i < messages.length; i++) this.onSent(at(messages, i));
  }

  /** Position of the n-th message of a kind between two parties, or -1. */
  find(kind: Message['kind'], from: number, to: number, nth: number): number {
    const { messages } = this;
    let seen = 0;
    for (let i = 0; i < messages.length; i++) {
      const message = at(messages, i);
      if (message.kind === kind && message.from === from && message.to === to && seen++ === nth) return i;
    }
    return -1;
  }

  /** Which of its kind between its parties the message at this position is. */
  nth(index: number): number {
    const { kind, from, to } = at(this.messages, index);
    let earlier = 0;
    for (let i = 0; i < index; i++) {
      const message = at(this.messages, i);
      if (message.kind === kind && message.from === from && message.to === to) earlier++;
    }
    return earlier;
  }

  /** Position of this very message, or -1 once it has arrived. */
  position(message: Message): number {
    return this.messages.indexOf(message);
  }

  all(): readonly Message[] {
    return this.messages;
  }

  /** When the message at this position was sent (ms). */
  sentAt(index: number): number {
    return at(this.is.sent, index);
  }

  /** When it arrives (ms). A fetch that waits at the leader arrived when it was put there. */
  dueAt(index: number): number {
    return at(this.is.due, index);
  }

  /** Its creation number, which orders what is due at the same time. */
  number(index: number): number {
    return at(this.is.numbers, index);
  }

  /** Lets the message at this position arrive `ms` later. */
  delay(index: number, ms: number): void {
    this.is.due[index] = at(this.is.due, index) + ms;
  }
}

const isAbandoned = (message: Message): boolean =>
  'incarnation' in message && message.incarnation === ABANDONED;
