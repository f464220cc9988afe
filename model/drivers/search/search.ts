/**
 * Breadth-first search, level by level: every state that is new is expanded in the level after the one it was met in,
 * so the first break found is a shortest one. Gives turns, so that whoever runs it can look at signals and clocks.
 */
import { roomFor, type Break, type Control, type Hand, type HandReport, type Left } from './hand.ts';
import type { StorePlaces } from './store.ts';

/** Other threads that work on the same levels. */
export interface Others {
  /** How many there are now; they join at the beginning of a level. */
  readonly size: number;
  /** Lets them work on what is to be expanded; `places` are tables that have grown since. */
  begin(places: StorePlaces | undefined): void;
  /** Reports of all of them once they have stopped, or undefined while some still work. */
  finished(): readonly HandReport[] | undefined;
}

export interface SearchLimits {
  /** Distinct states. */
  readonly states?: number | undefined;
  /** Actions from the first state; transitions in exchange grain. */
  readonly depth?: number | undefined;
}

export interface SearchTotals {
  readonly states: number;
  readonly transitions: number;
  /** Levels that were expanded completely; the first state is the first level. */
  readonly depth: number;
  /** States that are known and not expanded. */
  readonly frontier: number;
  readonly met: readonly string[];
  readonly brokenTolerated: Readonly<Record<string, number>>;
  /** By bound, and last for exchanges: how often it cut a transition off. */
  readonly cuts: readonly number[];
}

/** How far a search has come while all threads rest: with what is stored, all that it takes to go on. */
export interface SearchProgress {
  /** States from here on are still to be expanded, up to this one in the present level. */
  readonly next: number;
  readonly end: number;
  readonly transitions: number;
  readonly depth: number;
  readonly met: readonly string[];
  readonly brokenTolerated: Readonly<Record<string, number>>;
  readonly cuts: readonly number[];
}

/**
 * How a search ended: with every state expanded, with a break, at a limit, without memory, at an exchange that does not
 * come to rest, or because it was asked to.
 */
export type SearchEnd = 'complete' | 'broken' | 'states' | 'depth' | 'memory' | 'endless' | 'stopped';

/**
 * What the search wants from whoever runs it: only its turn, or that it waits for the other threads. It says when they
 * all rest because that was asked for.
 */
export type Turn = 'working' | 'waiting' | 'resting';

const ALONE: Others = { size: 0, begin: () => undefined, finished: () => [] };
/** Claims of states after which signals and clocks get their turn. */
const CLAIMS_PER_TURN = 16;

export class Search {
  private readonly hand: Hand;
  private readonly control: Control;
  private readonly limits: SearchLimits;
  private readonly others: Others;
  private transitions = 0;
  private depth = 0;
  private restWanted = false;
  private endless = 0;
  private resumed: SearchProgress | undefined;
  private readonly met = new Set<string>();
  private readonly brokenTolerated = new Map<string, number>();
  private cuts: number[] = [];
  /** States of this level that were claimed and are still to be expanded. */
  private left: Left[] = [];
  /** Tables that have grown since the beginning. */
  private places: StorePlaces | undefined;
  /** Breaks met in the last level. */
  readonly breaks: Break[] = [];

  constructor(hand: Hand, control: Control, limits: SearchLimits, others: Others = ALONE) {
    this.hand = hand;
    this.control = control;
    this.limits = limits;
    this.others = others;
  }

  /** Runs until the end. `mayContinue` is asked often; false stops the search where it stands. */
  *run(mayContinue: () => boolean): Generator<Turn, SearchEnd, undefined> {
    const { hand, control, limits } = this;
    const { cursor } = control;
    if (this.resumed === undefined) hand.begin();
    let start = this.resumed?.next ?? 0;
    let end = this.resumed?.end ?? hand.store.count;
    for (;;) {
      Atomics.store(cursor, 0, start);
      Atomics.store(cursor, 1, end);
      Atomics.store(cursor, 3, this.depth & 1);
      if (limits.depth !== undefined && this.depth >= limits.depth) return 'depth';
      const stopped = yield* this.level(mayContinue);
      if (this.breaks.length > 0) return 'broken';
      if (stopped !== undefined) return stopped;
      hand.endLevel(this.depth & 1, end - start);
      start = end;
      end = hand.store.count;
      this.depth++;
      if (start === end) return 'complete';
    }
  }

  /** Goes on where another search stood; what it had stored must be in the store. To be called before it runs. */
  resume(progress: SearchProgress): void {
    this.resumed = progress;
    this.depth = progress.depth;
    this.hand.resumeLevel(progress.depth & 1, progress.end);
    this.take({ ...progress, breaks: [], left: [], endless: 0 });
  }

  /** Asks for a turn in which all threads rest. */
  rest(): void {
    this.restWanted = true;
  }

  /** Only while all threads rest, or after the end. */
  progress(): SearchProgress {
    const { cursor } = this.control;
    const { transitions, depth, met, brokenTolerated, cuts } = this.totals();
    const end = Atomics.load(cursor, 1);
    // What was left is expanded again, and with it what was claimed later.
    const next = Math.min(Atomics.load(cursor, 0), end, ...this.left.map(({ from }) => from));
    return { next, end, transitions, depth, met, brokenTolerated, cuts };
  }

  /** Expands all states of a level. */
  private *level(mayContinue: () => boolean): Generator<Turn, SearchEnd | undefined, undefined> {
    const { hand, control, others } = this;
    const { cursor } = control;
    for (;;) {
      const threads = others.size + 1;
      Atomics.store(cursor, 2, 0);
      others.begin(this.places);
      const end = yield* this.work(threads, mayContinue);
      if (end !== undefined || this.restWanted) Atomics.store(cursor, 2, 1);
      let reports = others.finished();
      while (reports === undefined) {
        yield 'waiting';
        reports = others.finished();
      }
      for (const report of [...reports, hand.report()]) this.take(report);
      if (this.endless > 0) return 'endless';
      if (end !== undefined) return end;
      if (this.restWanted) {
        this.restWanted = false;
        // With a break in hand, the search is over at the end of this level.
        if (this.breaks.length === 0) yield 'resting';
      }
      const room = hand.store.room(roomFor(threads));
      if (room === 'full') return 'memory';
      if (room === 'grow') this.places = hand.store.grow(roomFor(threads));
      if (this.left.length === 0 && Atomics.load(cursor, 0) >= Atomics.load(cursor, 1)) return undefined;
    }
  }

  /** This thread's own part of a level. */
  private *work(
    threads: number,
    mayContinue: () => boolean,
  ): Generator<Turn, SearchEnd | undefined, undefined> {
    const { hand, control, limits } = this;
    const overLimit = (): boolean => limits.states !== undefined && hand.store.count >= limits.states;
    const { left } = this;
    this.left = [];
    if (!hand.catchUp(left, control, threads)) return undefined;
    let claims = 0;
    const asked = (): boolean => overLimit() || ++claims > CLAIMS_PER_TURN;
    while (hand.work(control, threads, asked) === 'asked') {
      if (overLimit()) return 'states';
      yield 'working';
      if (!mayContinue()) return 'stopped';
      if (this.restWanted || Atomics.load(control.cursor, 2) === 1) return undefined;
      claims = 0;
    }
    return undefined;
  }

  private take(report: HandReport): void {
    this.transitions += report.transitions;
    this.endless += report.endless;
    this.breaks.push(...report.breaks);
    this.left.push(...report.left);
    for (const id of report.met) this.met.add(id);
    for (const [id, count] of Object.entries(report.brokenTolerated)) {
      this.brokenTolerated.set(id, (this.brokenTolerated.get(id) ?? 0) + count);
    }
    this.cuts = report.cuts.map((count, i) => count + (this.cuts[i] ?? 0));
  }

  totals(): SearchTotals {
    const { cursor } = this.control;
    const { count } = this.hand.store;
    const claimed = Math.min(Atomics.load(cursor, 0), Atomics.load(cursor, 1));
    return {
      states: count,
      transitions: this.transitions,
      depth: this.depth,
      frontier: count - claimed,
      met: [...this.met].sort(),
      brokenTolerated: Object.fromEntries(this.brokenTolerated),
      cuts: this.cuts,
    };
  }
}
