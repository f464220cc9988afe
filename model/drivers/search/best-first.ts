/**
 * Best-first search: of all states that were met, the one that seems best is expanded next, and of those equally good
 * the one met first. Every state is stored exactly, so that the search finds its way back and expands none twice.
 */
import type { Explorable, Read } from './explorable.ts';
import { roomFor, type Break, type Hand, type HandReport } from './hand.ts';
import type { SearchEnd, SearchTotals } from './search.ts';

/** States that are to be expanded, equally good ones. */
interface Queue {
  readonly states: number[];
  next: number;
}

export interface BestFirstOptions {
  /** Ends after so many states. */
  readonly states?: number | undefined;
  /** Whether the way so far counts as well (A*): a break is found later, and is shorter. */
  readonly countsWay: boolean;
}

const STATES_PER_TURN = 64;

export class BestFirst {
  private readonly hand: Hand;
  private readonly distance: (read: Read) => number;
  private readonly options: BestFirstOptions;
  private readonly queues: Queue[] = [];
  private queued = 0;
  /** By state: transitions on the way to it. */
  private readonly depths: number[] = [];
  private expanded = 0;
  private transitions = 0;
  private readonly met = new Set<string>();
  private cuts: readonly number[] = [];
  readonly breaks: Break[] = [];
  /** The least distance of a state that was met. */
  closest = Infinity;

  constructor(hand: Hand, { towards }: Explorable, options: BestFirstOptions) {
    if (towards === undefined) throw new Error('a search towards nothing');
    this.hand = hand;
    this.distance = towards;
    this.options = options;
  }

  /** Runs until the end. `mayContinue` is asked often; false stops the search where it stands. */
  *run(mayContinue: () => boolean): Generator<undefined, SearchEnd, undefined> {
    const { hand, options } = this;
    this.queue(hand.begin(), 0);
    while (this.breaks.length === 0) {
      const state = this.best();
      if (state === undefined) return 'complete';
      if (options.states !== undefined && hand.store.count >= options.states) return 'states';
      const room = hand.store.room(roomFor(1));
      if (room === 'full') return 'memory';
      if (room === 'grow') hand.store.grow(roomFor(1));
      const before = hand.store.count;
      hand.expandOne(state);
      this.take(hand.report());
      for (let fresh = before; fresh < hand.store.count; fresh++) {
        this.queue(fresh, (this.depths[state] ?? 0) + 1);
      }
      if (++this.expanded % STATES_PER_TURN !== 0) continue;
      yield undefined;
      if (!mayContinue()) return 'stopped';
    }
    return 'broken';
  }

  private queue(state: number, depth: number): void {
    const values = this.hand.valuesOf(state);
    const distance = this.distance((slot) => values[slot]);
    this.closest = Math.min(this.closest, distance);
    this.depths[state] = depth;
    const cost = this.options.countsWay ? depth + distance : distance;
    while (this.queues.length <= cost) this.queues.push({ states: [], next: 0 });
    this.queues[cost]?.states.push(state);
    this.queued++;
  }

  private best(): number | undefined {
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
