/**
 * Whether all can become well again: from every state that a search has met, once nothing goes wrong any more. What is
 * well is followed backwards over the explored graph. A state from which nothing well was found is searched forward by
 * itself, action by action and without bounds, before it is called stuck: neither the grain nor a bound nor the end of
 * the search makes one.
 */
import type { Explorable, Read, Recovery } from './explorable.ts';
import { control, Hand } from './hand.ts';
import { Search, type SearchEnd } from './search.ts';
import { storeMemory } from './store.ts';

/** A state that cannot become well again. */
export interface Stuck {
  /** The actions that lead to it. */
  readonly actions: readonly number[];
  /** States that can still be met from there: all of them were. */
  readonly reachable: number;
  /** What no state that can still be met has. Empty where each has something, and none has everything. */
  readonly lacks: readonly string[];
}

export interface RecoveryResult {
  /** States in which nothing goes wrong any more; of every other state one of these is the calm continuation. */
  readonly calm: number;
  readonly stuck: Stuck | undefined;
  /** States of which nothing could be said: what follows them is too much to be searched. */
  readonly undecided: number;
}

export interface RecoveryLimits {
  /** Bytes that the search from one state may take. */
  readonly bytes: number;
  /** States of these searches together. */
  readonly states: number;
  /** Calm states from `expanded` on, and what follows them, count as well: the search has not come to them. */
  readonly expanded: number;
}

const OPEN = 0;
const FINE = 1;
const STATES_PER_TURN = 1 << 8;

export class RecoveryCheck {
  private readonly hand: Hand;
  private readonly recovery: Recovery;
  private readonly limits: RecoveryLimits;
  /** By state. */
  private readonly marks: Uint8Array;
  /** States that may still be searched. */
  private left: number;
  /** The search from one state that is under way. */
  private searching: Hand | undefined;

  constructor(hand: Hand, recovery: Recovery, limits: RecoveryLimits) {
    this.hand = hand;
    this.recovery = recovery;
    this.limits = limits;
    this.marks = new Uint8Array(hand.store.count);
    this.left = limits.states;
  }

  /** Bytes outside the heap of what the search from one state remembers. */
  get rememberedBytes(): number {
    return this.searching?.rememberedBytes ?? 0;
  }

  /** Forgets what it can work out again. */
  forget(): void {
    this.searching?.forget();
  }

  /** Gives turns, and is told whether to go on; undefined where it was not. */
  *run(): Generator<undefined, RecoveryResult | undefined, boolean> {
    const calm = yield* this.markWell();
    if (calm === undefined) return undefined;
    let undecided = 0;
    for (;;) {
      if (!(yield* this.spread())) return undefined;
      const first = this.marks.indexOf(OPEN);
      if (first < 0) return { calm, stuck: undefined, undecided };
      if (this.left <= 0) {
        const open = this.marks.reduce((count, mark) => (mark === OPEN ? count + 1 : count), 0);
        return { calm, stuck: undefined, undecided: undecided + open };
      }
      const state = this.nearest(first);
      const outcome = yield* this.searchFrom(state);
      if (outcome === undefined) return undefined;
      if (outcome.end === 'complete') {
        const { reachable, lacks } = outcome;
        return { calm, stuck: { actions: this.actionsTo(state), reachable, lacks }, undecided };
      }
      if (outcome.end !== 'broken') undecided++;
      this.marks[state] = FINE;
    }
  }

  /** Marks what is well, and what is not asked about; gives the number of calm states. */
  private *markWell(): Generator<undefined, number | undefined, boolean> {
    const { hand, recovery, marks, limits } = this;
    let calm = 0;
    for (let state = 0; state < marks.length; state++) {
      const values = hand.valuesOf(state);
      const read: Read = (slot) => values[slot];
      const isCalm = recovery.isCalm(read);
      if (isCalm) calm++;
      if (!isCalm || state >= limits.expanded || recovery.isWell(read)) marks[state] = FINE;
      if (state % STATES_PER_TURN === 0 && !(yield undefined)) return undefined;
    }
    return calm;
  }

  /** Marks every state from which a marked one can be reached. False where it was told to stop. */
  private *spread(): Generator<undefined, boolean, boolean> {
    const { hand, marks } = this;
    const last = marks.length - 1;
    // What follows a state was mostly met later, and sometimes earlier: passes go both ways.
    for (let changed = true, backwards = true; changed; backwards = !backwards) {
      changed = false;
      let turn = 0;
      for (let i = 0; i <= last; i++) {
        const state = backwards ? last - i : i;
        if (marks[state] !== OPEN) continue;
        hand.eachAfter(state, (next) => {
          if (marks[next] === FINE) marks[state] = FINE;
        });
        changed ||= marks.at(state) === FINE;
        if (++turn % STATES_PER_TURN === 0 && !(yield undefined)) return false;
      }
    }
    return true;
  }

  /** Of the open states that take as many transitions as the first one, that with the fewest actions. */
  private nearest(first: number): number {
    const { marks } = this;
    const way = this.wayTo(first);
    if (way.calmed) return first;
    for (let other = first + 1; other < marks.length; other++) {
      if (marks[other] !== OPEN) continue;
      const others = this.wayTo(other);
      if (others.transitions > way.transitions) break;
      if (others.calmed) return other;
    }
    return first;
  }

  /** Transitions on the way to a state, and whether one of them only ends what goes wrong. */
  private wayTo(state: number): { readonly transitions: number; readonly calmed: boolean } {
    const { hand } = this;
    let transitions = 0;
    let calmed = false;
    let values = hand.valuesOf(state);
    for (let at = hand.store.parentOf(state); at >= 0; at = hand.store.parentOf(at)) {
      const before = hand.valuesOf(at);
      calmed ||= this.isOnlyCalmer(before, values);
      values = before;
      transitions++;
    }
    return { transitions, calmed };
  }

  private isOnlyCalmer(before: readonly unknown[], after: readonly unknown[]): boolean {
    const { recovery } = this;
    const changed = after.filter((value, slot) => value !== before[slot]).length;
    return (
      changed === 1 && recovery.isCalm((slot) => after[slot]) && !recovery.isCalm((slot) => before[slot])
    );
  }

  private actionsTo(state: number): readonly number[] {
    return this.hand.pathTo(state).actions.filter((label) => label !== this.recovery.calms);
  }

  private *searchFrom(
    state: number,
  ): Generator<undefined, (Pick<Stuck, 'reachable' | 'lacks'> & { end: SearchEnd }) | undefined, boolean> {
    const machine: Explorable = this.recovery.from(this.hand.valuesOf(state));
    const hand = new Hand(machine, storeMemory(machine, this.limits.bytes), {
      symmetry: false,
      tolerated: [],
    });
    this.searching = hand;
    const run = new Search(hand, control(), { states: this.left }).run(() => true);
    let turn = run.next();
    while (turn.done !== true) {
      if (!(yield undefined)) return undefined;
      turn = run.next();
    }
    this.searching = undefined;
    this.left -= hand.store.count;
    return { end: turn.value, reachable: hand.store.count, lacks: this.lacking(hand) };
  }

  /** What no state of a search has. */
  private lacking(hand: Hand): readonly string[] {
    let lacking = this.recovery.wants;
    for (let state = 0; state < hand.store.count && lacking.length > 0; state++) {
      const values = hand.valuesOf(state);
      lacking = lacking.filter(({ holds }) => !holds((slot) => values[slot]));
    }
    return lacking.map(({ says }) => says);
  }
}
