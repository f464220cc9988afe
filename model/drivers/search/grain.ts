/**
 * Two grains. Message grain: every action is a transition. Exchange grain: what an action sends is handled, and
 * answered, and the answer handled, as one transition, so that states in between are not stored; up to `detached`
 * messages may be left under way, to be handled, delayed or lost later. The machine knows nothing of it.
 */
import type { Expander } from './expander.ts';
import type { Exchange, Judgement } from './explorable.ts';
import type { ValueTable } from './value-table.ts';
import { word } from './words.ts';

const UNKNOWN = -1;

/** A state within an exchange, and how it was reached. */
interface Between {
  readonly row: Int32Array;
  readonly path: readonly number[];
  /** Slots whose newest messages have yet to be handled. */
  readonly focus: readonly number[];
}

/** Called while the expander holds the next state; `rests` says whether it is a state to be kept. */
export type VisitTransition = (judgement: Judgement, rests: boolean) => void;

export class Transitions {
  private readonly expander: Expander;
  private readonly values: ValueTable;
  private readonly exchange: Exchange | undefined;
  private readonly slots: number;
  private readonly detached: number;
  private readonly pending: Between[] = [];
  /** By number of value: messages under way in it. */
  private weights = new Int16Array(1 << 10).fill(UNKNOWN);
  private readonly consumed = new Map<number, number>();
  /** Labels that led to the state in hand, the last one excluded. */
  private before: readonly number[] = [];
  private label = -1;
  /**
   * States that were passed through and not kept, because more was under way in them than may be left. Where there are
   * none, both grains meet the same states.
   */
  cut = 0;

  /** Without `exchange`, every action is a transition. */
  constructor(expander: Expander, values: ValueTable, slots: number, exchange: Exchange | undefined) {
    this.expander = expander;
    this.values = values;
    this.exchange = exchange;
    this.slots = slots;
    this.detached = exchange?.detached ?? 0;
  }

  /** The actions of the transition that is visited. */
  path(): number[] {
    return [...this.before, this.label];
  }

  each(row: Int32Array, visit: VisitTransition): void {
    this.before = [];
    const { exchange, expander } = this;
    if (exchange === undefined) {
      expander.expand(row, (label, judgement) => {
        this.label = label;
        visit(judgement, true);
      });
      return;
    }
    const { pending } = this;
    expander.expand(row, (label, judgement) => {
      this.arrive(label, judgement, [], row, exchange, visit);
    });
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { row: from, path, focus } = next;
      this.before = path;
      expander.expand(from, (label, judgement) => {
        if (!focus.includes(this.consumes(label, exchange))) return;
        this.arrive(label, judgement, focus, from, exchange, visit);
      });
    }
  }

  /** The expander holds a state: it may be kept, and what was sent on the way to it may be handled. */
  private arrive(
    label: number,
    judgement: Judgement,
    focusBefore: readonly number[],
    from: Int32Array,
    exchange: Exchange,
    visit: VisitTransition,
  ): void {
    const { next } = this.expander;
    this.label = label;
    const rests = this.underWay(next, this.slots, exchange) <= this.detached;
    if (!rests) this.cut++;
    visit(judgement, rests);
    const focus: number[] = [];
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = word(exchange.slots, i);
      const now = word(next, this.slots + slot);
      if (this.weight(now, exchange) === 0) continue;
      if (focusBefore.includes(slot) || now !== word(from, slot)) focus.push(slot);
    }
    // Handling what was under way before is a transition of its own.
    const consumed = focusBefore.length === 0 ? this.consumes(label, exchange) : -1;
    const sent =
      consumed < 0 || focus.some((slot) => slot !== consumed) || this.grew(next, from, consumed, exchange);
    if (focus.length === 0 || !sent) return;
    this.pending.push({ row: next.slice(this.slots, this.slots * 2), path: this.path(), focus });
  }

  /** Whether handling a message put as much into its channel as it took out. */
  private grew(next: Int32Array, from: Int32Array, slot: number, exchange: Exchange): boolean {
    return this.weight(word(next, this.slots + slot), exchange) >= this.weight(word(from, slot), exchange);
  }

  private underWay(row: Int32Array, from: number, exchange: Exchange): number {
    let sum = 0;
    for (let i = 0; i < exchange.slots.length; i++) {
      sum += this.weight(word(row, from + word(exchange.slots, i)), exchange);
    }
    return sum;
  }

  private weight(number: number, exchange: Exchange): number {
    if (number >= this.weights.length) {
      const bigger = new Int16Array(Math.max(this.weights.length * 2, number + 1)).fill(UNKNOWN);
      bigger.set(this.weights);
      this.weights = bigger;
    }
    const known = word(this.weights, number);
    if (known !== UNKNOWN) return known;
    const weight = exchange.underWay(this.values.valueOf(number));
    this.weights[number] = weight;
    return weight;
  }

  private consumes(label: number, exchange: Exchange): number {
    let slot = this.consumed.get(label);
    if (slot === undefined) this.consumed.set(label, (slot = exchange.consumes(label)));
    return slot;
  }
}
