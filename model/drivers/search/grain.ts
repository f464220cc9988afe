/**
 * Two grains. Message grain: every action is a transition. Exchange grain: what an action sends is handled, and
 * answered, and the answer handled, as one transition, and what others owe in consequence, as the followers of a log
 * that was written to, is done too. Up to `detached` times in a run something may be split off instead: it is left
 * under way, to be done, delayed or lost later. States in between are not stored. The machine knows nothing of it.
 */
import { size } from '../../protocol/base/broker-set.ts';
import type { Expander } from './expander.ts';
import type { Exchange, Judgement } from './explorable.ts';
import type { ValueTable } from './value-table.ts';
import { word } from './words.ts';

const UNKNOWN = -1;

/** A state within an exchange, and how it was reached. */
interface Between {
  readonly row: Int32Array;
  readonly path: readonly number[];
  /** Slots whose newest messages are to be handled. */
  readonly slots: readonly number[];
  /** Who owed a step before that was not part of this transition, as bits. */
  readonly late: number;
}

const NOTHING: Judgement = { broken: [], met: [] };

/** Called while the expander holds the next state; `rests` says whether it is a state to be kept. */
export type VisitTransition = (judgement: Judgement, rests: boolean) => void;

export class Transitions {
  private readonly expander: Expander;
  private readonly values: ValueTable;
  private readonly exchange: Exchange | undefined;
  private readonly slots: number;
  /** By times that something was split off: the number of that value. */
  private readonly splits: readonly number[];
  /** The state whose transitions are visited, who owed a step there, and the splits before it. */
  private source: Int32Array = new Int32Array(0);
  private sourceDebts = 0;
  private sourceSplits = 0;
  private readonly pending: Between[] = [];
  /** States within the exchanges of one state that were met already. */
  private readonly known = new Set<string>();
  /** By number of value: messages under way in it. */
  private weights = new Int16Array(1 << 10).fill(UNKNOWN);
  private readonly consumed = new Map<number, number>();
  private readonly settled = new Map<number, number>();
  /** Labels that led to the state in hand, the last one excluded. */
  private before: readonly number[] = [];
  private label = -1;
  /**
   * States that were passed through and not kept, because more was split off in them than may be. Where there are none,
   * both grains meet the same states.
   */
  cut = 0;

  /** Without `exchange`, every action is a transition. */
  constructor(
    expander: Expander,
    values: ValueTable,
    shapeOf: readonly number[],
    exchange: Exchange | undefined,
  ) {
    this.expander = expander;
    this.values = values;
    this.exchange = exchange;
    this.slots = shapeOf.length;
    this.splits =
      exchange === undefined
        ? []
        : Array.from({ length: exchange.detached + 1 }, (_, times) =>
            values.numberOf(word(shapeOf, exchange.splits), times),
          );
  }

  /** The actions of the transition that is visited. */
  path(): number[] {
    return [...this.before, this.label];
  }

  each(row: Int32Array, visit: VisitTransition): void {
    this.before = [];
    const { exchange, expander, pending } = this;
    if (exchange === undefined) {
      expander.expand(row, (label, judgement) => {
        this.label = label;
        visit(judgement, true);
      });
      return;
    }
    expander.hold(row);
    const debts = expander.debts();
    this.source = row;
    this.sourceDebts = debts;
    this.sourceSplits = this.splits.indexOf(word(row, exchange.splits));
    this.known.clear();
    expander.expand(row, (label, judgement) => {
      this.arrive(label, judgement, row, undefined, debts, exchange, visit);
    });
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) this.go(next, exchange, visit);
  }

  /** A state within an exchange: it may be kept, and what was sent or is owed on the way may be done. */
  private go({ row, path, slots, late }: Between, exchange: Exchange, visit: VisitTransition): void {
    const { expander } = this;
    expander.hold(row);
    const debts = expander.debts();
    const owed = debts & ~late;
    const key = `${row.join()};${slots.join()};${owed}`;
    if (this.known.has(key)) return;
    this.known.add(key);
    this.before = path.slice(0, -1);
    this.label = path.at(-1) ?? -1;
    const splits = this.sourceSplits + this.splitOff(row, debts, exchange);
    const rests = splits < this.splits.length;
    if (rests) {
      expander.put(exchange.splits, word(this.splits, splits));
      visit(NOTHING, true);
    }
    if (!rests) this.cut++;
    if (slots.length === 0 && owed === 0) return;
    this.before = path;
    expander.hold(row);
    expander.continue(
      (label) => {
        const slot = this.consumes(label, exchange);
        if (slot >= 0) return slots.includes(slot);
        const debtor = this.settles(label, exchange);
        return debtor >= 0 && (owed & (1 << debtor)) !== 0;
      },
      (label, judgement) => {
        this.arrive(label, judgement, row, slots, late & debts, exchange, visit);
      },
    );
  }

  /** The expander holds the state after an action, which may be within an exchange. */
  private arrive(
    label: number,
    judgement: Judgement,
    from: Int32Array,
    slotsBefore: readonly number[] | undefined,
    late: number,
    exchange: Exchange,
    visit: VisitTransition,
  ): void {
    const { slots } = this;
    const { next } = this.expander;
    this.label = label;
    visit(judgement, false);
    // Handling what was under way before is a transition of its own, unless it belongs to this one.
    const own = slotsBefore === undefined ? this.consumes(label, exchange) : -1;
    const open: number[] = [];
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = word(exchange.slots, i);
      const now = word(next, slots + slot);
      if (this.weight(now, exchange) === 0) continue;
      const grew =
        slot === own
          ? this.weight(now, exchange) >= this.weight(word(from, slot), exchange)
          : now !== word(from, slot);
      if (grew || slotsBefore?.includes(slot) === true) open.push(slot);
    }
    const settled = this.settles(label, exchange);
    // Who has done one step of what it owed goes on with the next, if there is one.
    const stillLate = settled < 0 ? late : late & ~(1 << settled);
    this.pending.push({ row: next.slice(slots, slots * 2), path: this.path(), slots: open, late: stillLate });
  }

  /** How much is under way that was not before the transition. */
  private splitOff(row: Int32Array, debts: number, exchange: Exchange): number {
    let sum = size(debts & ~this.sourceDebts);
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = word(exchange.slots, i);
      const now = word(row, slot);
      const before = word(this.source, slot);
      if (now !== before) sum += Math.max(0, this.weight(now, exchange) - this.weight(before, exchange));
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

  private settles(label: number, exchange: Exchange): number {
    let debtor = this.settled.get(label);
    if (debtor === undefined) this.settled.set(label, (debtor = exchange.settles(label)));
    return debtor;
  }
}
