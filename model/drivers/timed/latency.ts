/**
 * How long messages take. Chance comes from named sub-streams, one per link and kind of message (`0>1 Fetch`, parties
 * by number: seeding a generator takes the longer the longer its name), and the n-th message
 * of a stream always gets the n-th draw: taking one fault out of a schedule leaves the latency of everything that
 * does not depend on it as it was.
 */
import { PARTIES } from '../../protocol/base/party.ts';
import type { Message } from '../../protocol/state/message.ts';

/** A stream of random whole numbers. */
export interface Stream {
  /** From 0 to `bound` − 1. */
  below(bound: number): number;
}

/** The seam through which chance enters a simulation: the same name gives the same stream. */
export interface Streams {
  stream(name: string): Stream;
}

/** Latency of a link in ms: mostly at least `least` and below `least + spread`, now and then up to `tail` more. */
export interface LatencyRange {
  readonly least: number;
  readonly spread: number;
  /** One in so many messages takes up to `tail` ms longer. */
  readonly tailOneIn: number;
  readonly tail: number;
}

/** What travels without being a message of the machine: its exchange is one step there. */
export type Traffic = Exclude<Message['kind'], 'DelayedFetch'> | 'Heartbeat' | 'Metadata' | 'Poll';

const PERFECT: LatencyRange = { least: 1, spread: 1, tailOneIn: 1, tail: 0 };

export class Latency {
  private readonly streams: Streams;
  /** The ranges that hold, the newest last; the first one is the network as it should be. */
  private ranges: readonly LatencyRange[];
  private readonly byLink: Map<Traffic, Stream>[];
  /** Extra ms by link, from a slow link. */
  private readonly extra = new Int32Array(PARTIES * PARTIES);

  constructor(streams: Streams, range: LatencyRange) {
    this.streams = streams;
    this.ranges = [range];
    this.byLink = Array.from({ length: PARTIES * PARTIES }, () => new Map<Traffic, Stream>());
  }

  /** How long the next message of this kind takes from one party to the other (ms, at least 1). */
  draw(from: number, to: number, kind: Traffic): number {
    const link = from * PARTIES + to;
    const stream = this.streamOf(link, from, to, kind);
    const { least, spread, tailOneIn, tail } = this.ranges[this.ranges.length - 1] ?? PERFECT;
    const usual = Math.max(1, least) + stream.below(Math.max(1, spread));
    // Two draws for every message, or the n-th draw would not be the n-th message's.
    const late = stream.below(tailOneIn * Math.max(1, tail));
    return usual + (late < tail ? late : 0) + (this.extra[link] ?? 0);
  }

  /** Makes a link slower by `ms`, or with a negative number as fast as before. */
  slow(from: number, to: number, ms: number): void {
    const link = from * PARTIES + to;
    this.extra[link] = (this.extra[link] ?? 0) + ms;
  }

  /** Gives every link another range of latency; to be undone by calling what this returns. */
  degrade(range: LatencyRange): () => void {
    const mine = { ...range };
    this.ranges = [...this.ranges, mine];
    return () => {
      this.ranges = this.ranges.filter((other) => other !== mine);
    };
  }

  private streamOf(link: number, from: number, to: number, kind: Traffic): Stream {
    const known = this.byLink[link]?.get(kind);
    if (known !== undefined) return known;
    const made = this.streams.stream(`${from}>${to} ${kind}`);
    this.byLink[link]?.set(kind, made);
    return made;
  }
}
