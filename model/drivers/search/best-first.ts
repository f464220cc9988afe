/**
 * Best-first search: of all states that were met, the one that seems nearest to a break is expanded next, and of those
 * equally near the one met first. Every state is stored exactly, so that it finds its way back and expands none twice;
 * it ends far from having met all.
 */
import type { Explorable, Read } from './explorable.ts';
import { roomFor, type Break, type Hand, type HandReport } from './hand.ts';
import type { SearchEnd, SearchTotals } from './search.ts';

/** States that are to be expanded, by distance. */
interface Queue {
  readonly states: number[];
  next: number;
}

const STATES_PER_TURN = 64;

export class BestFirst {
  private readonly hand: Hand;
  private readonly distance: (read: Read) => number;
  private readonly most: number | undefined;
  private readonly queues: Queue[] = [];
  private queued = 0;
  private expanded = 0;
  private transitions = 0;
  private readonly met = new Set<string>();
  private cuts: readonly number[] = [];
  readonly breaks: Break[] = [];

  /** `most`: ends after so many states. */
  constructor(hand: Hand, { towards }: Explorable, most?: number) {
    if (towards === undefined) throw new Error('a search towards nothing');
    this.hand = hand;
    this.distance = towards;
    this.most = most;
  }

  /** Runs until the end. `mayContinue` is asked often; false stops the search where it stands. */
  *run(mayContinue: () => boolean): Generator<undefined, SearchEnd, undefined> {
    const { hand } = this;
    this.queue(hand.begin());
    while (this.breaks.length === 0) {
      const state = this.nearest();
      if (state === undefined) return 'complete';
      if (this.most !== undefined && hand.store.count >= this.most) return 'states';
      const room = hand.store.room(roomFor(1));
      if (room === 'full') return 'memory';
      if (room === 'grow') hand.store.grow(roomFor(1));
      const before = hand.store.count;
      hand.expandOne(state);
      this.take(hand.report());
      for (let fresh = before; fresh < hand.store.count; fresh++) this.queue(fresh);
      if (++this.expanded % STATES_PER_TURN !== 0) continue;
      yield undefined;
      if (!mayContinue()) return 'stopped';
    }
    return 'broken';
  }

  private queue(state: number): void {
    const values = this.hand.valuesOf(state);
    const distance = this.distance((slot) => values[slot]);
    while (this.queues.length <= distance) this.queues.push({ states: [], next: 0 });
    this.queues[distance]?.states.push(state);
    this.queued++;
  }

  private nearest(): number | undefined {
    const queue = this.queues.find(({ states, next }) => next < states.length);
    if (queue === undefined) return undefined;
    this.queued--;
    return queue.states[queue.next++];
  }

  private take({ transitions, breaks, met, cuts }: HandReport): void {
    this.transitions += transitions;
    this.breaks.push(...breaks);
    for (const id of met) this.met.add(id);
    this.cuts = cuts.map((count, i) => count + (this.cuts[i] ?? 0));
  }

  /** The least distance of a state that was met. */
  get closest(): number {
    return this.queues.findIndex(({ states }) => states.length > 0);
  }

  totals(): SearchTotals {
    return {
      states: this.hand.store.count,
      transitions: this.transitions,
      depth: 0,
      frontier: this.queued,
      met: [...this.met].sort(),
      brokenTolerated: {},
      cuts: this.cuts,
    };
  }
}
