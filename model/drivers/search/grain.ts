/**
 * Two grains. Message grain: every action is a transition. Exchange grain: what an action sends is handled, and
 * answered, and the answer handled, as one transition, and what others owe in consequence, as the followers of a log
 * that was written to, is done too. It goes in a fixed order, messages as they were sent, then those who owe, one actor
 * after the other; only what one actor chooses between is tried in every way. Up to `detached` times in a run something
 * is split off instead: it is left under way, to be done, delayed or lost later (delay-bounded scheduling: Emmi,
 * Qadeer, Rakamarić, POPL 2011). States in between are not stored. The machine knows nothing of it.
 */
import { size } from '../../protocol/base/broker-set.ts';
import type { Expander } from './expander.ts';
import type { Exchange, Judgement } from './explorable.ts';
import type { NextRow } from './next-row.ts';
import { Passed } from './passed.ts';
import { Sequences } from './sequences.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

const UNKNOWN = -1;
/** Actions of one transition, and moments gone through from one state, at the most: some exchanges never come to rest. */
const MOST_ACTIONS = 200;
const MOST_MOMENTS = 1 << 17;

/** Where a transition stands after some of its actions. */
class Moment {
  readonly row: Int32Array;
  /** The action that led here. */
  label = -1;
  /** Slots whose newest messages are to be handled, in the order in which they were sent. */
  readonly open: number[] = [];
  /** Who owes a step, and whose step is not part of this transition, as bits. */
  debts = 0;
  late = 0;
  /** What may be done next, each with the tree of its outcomes. */
  readonly labels: number[] = [];
  readonly trees: number[] = [];

  constructor(slots: number) {
    this.row = new Int32Array(slots);
  }

  /** The same as another, without what is split off there. */
  leave({ row, label, open, late }: Moment, thing: number, slots: number): void {
    this.row.set(row);
    this.label = label;
    this.open.length = 0;
    for (const slot of open) if (slot !== thing) this.open.push(slot);
    this.late = thing < slots ? late : late | (1 << (thing - slots));
  }

  equals({ row, open, late }: Moment): boolean {
    if (late !== this.late || open.length !== this.open.length) return false;
    for (let slot = row.length - 1; slot >= 0; slot--) if (row[slot] !== this.row[slot]) return false;
    return open.every((slot, i) => slot === this.open[i]);
  }
}

const NOTHING: Judgement = { broken: [], met: [] };

/**
 * Called while the expander holds the next state; `rests` says whether it is a state to be kept. False where it could not
 * be taken in, or may have to be met again.
 */
export type VisitTransition = (judgement: Judgement, rests: boolean) => boolean;

/** In a key, behind the state: what matters of the source, what is open, who is late, and what was split off. */
const BESIDES = 4;

const NOTHING_LEFT = -1;
/** Behind all moments: none was come back to. */
const NOWHERE = Number.MAX_SAFE_INTEGER;

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
  /** After the first action of each transition, and by number of things done or split off since. */
  private readonly firsts: Moment[] = [];
  private readonly moments: Moment[] = [];
  /** By number of value: messages under way in it. */
  private weights = new Int32Array(1 << 10).fill(UNKNOWN);
  private readonly consumed = new Map<number, number>();
  private readonly settled = new Map<number, number>();
  /** Labels that led to the state in hand. */
  private readonly labels: number[] = [];
  private visiting: VisitTransition = () => true;
  /** How often something could have been split off, were more allowed. Without it both grains meet the same states. */
  cut = 0;
  /** How often an exchange was given up that does not come to rest. */
  endless = 0;
  private gone = 0;
  /** Where earlier transitions have passed, and as numbers what else decides how it goes on from there. */
  private readonly passed: Passed;
  private rows = new Sequences();
  private remembers = false;
  private sourceNumber = 0;
  /** Transitions that came to rest, also those that are known to. */
  private rested = 0;
  /** Grows whenever something happens that has to be met each time. */
  private memorable = 0;

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
    this.passed = new Passed(exchange === undefined ? 0 : shapeOf.length + BESIDES);
    this.splits =
      exchange === undefined
        ? []
        : Array.from({ length: exchange.detached + 1 }, (_, times) =>
            values.numberOf(item(shapeOf, exchange.splits), times),
          );
  }

  /** The actions of the transition that is visited. */
  path(): number[] {
    return [...this.labels];
  }

  /** The last of these. */
  get lastLabel(): number {
    return item(this.labels, this.labels.length - 1);
  }

  /** Writes the state that is visited. */
  arriveAt(next: NextRow): void {
    const { expander, slots } = this;
    // Of an exchange it is not known what it has changed in all.
    if (this.exchange === undefined) expander.changes(next);
    else next.take(expander.next, slots);
  }

  /** Words that are remembered. */
  get size(): number {
    return this.passed.size + this.rows.size;
  }

  forget(): void {
    this.passed.forget();
    this.rows = new Sequences();
  }

  /**
   * Visits the transitions of a state; their number. With `remembers`, those are left out that go on from where another
   * one with the same future has been: they lead to states that were visited, and break nothing.
   */
  each(row: Int32Array, visit: VisitTransition, remembers = false): number {
    const { exchange, expander, labels, firsts } = this;
    labels.length = 1;
    this.rested = 0;
    this.gone = 0;
    if (exchange === undefined) {
      expander.expand(row, (label, judgement) => {
        labels[0] = label;
        this.rested++;
        visit(judgement, true);
      });
      return this.rested;
    }
    this.visiting = visit;
    expander.hold(row);
    this.source = row;
    this.sourceDebts = expander.debts();
    this.sourceSplits = this.splits.indexOf(word(row, exchange.splits));
    this.remembers = remembers;
    if (remembers) this.sourceNumber = this.numberOfSource(exchange);
    let count = 0;
    expander.expand(row, (label, judgement) => {
      labels[0] = label;
      visit(judgement, false);
      const first = (firsts[count++] ??= new Moment(this.slots));
      this.arrive(first, label, row, undefined, this.sourceDebts, exchange);
    });
    for (let i = 0; i < count; i++) {
      const first = firsts[i];
      if (first === undefined) continue;
      this.moments[0] = first;
      labels.length = 0;
      labels.push(first.label);
      this.go(0, 0, exchange);
    }
    return this.rested;
  }

  /** What of the source decides what may be split off, and at what cost: the same number for the same. */
  private numberOfSource(exchange: Exchange): number {
    const row = [this.sourceDebts, this.sourceSplits];
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = item(exchange.slots, i);
      const weight = this.weight(word(this.source, slot), exchange);
      if (weight > 0) row.push(slot, weight);
    }
    return this.rows.add(row);
  }

  private keyOf({ row, late, open }: Moment, skipped: number): void {
    const { slots } = this;
    const { key } = this.passed;
    for (let slot = 0; slot < slots; slot++) key[slot] = word(row, slot);
    key[slots] = this.sourceNumber;
    key[slots + 1] = this.rows.add(open);
    key[slots + 2] = late;
    key[slots + 3] = skipped;
  }

  /**
   * Goes on from a moment, unless it is known what comes of it. Returns the first of the moments that are gone through now
   * to which it has come back.
   */
  private go(level: number, skipped: number, exchange: Exchange): number {
    if (!this.remembers) return this.follow(level, skipped, exchange);
    const { passed } = this;
    this.keyOf(this.momentAt(level), skipped);
    const hash = passed.hash();
    const known = passed.find(hash);
    if (known >= 0) {
      this.rested += passed.transitionsAt(known);
      this.cut += passed.cutsAt(known);
      return NOWHERE;
    }
    const open = passed.openAt(hash);
    if (open >= 0) return open;
    const { rested, cut, memorable } = this;
    const place = passed.count;
    passed.enter(hash);
    const back = this.follow(level, skipped, exchange);
    if (back < place) return back;
    if (memorable === this.memorable) passed.leave(place, this.rested - rested, this.cut - cut);
    else passed.drop(place);
    return NOWHERE;
  }

  private momentAt(level: number): Moment {
    return (this.moments[level] ??= new Moment(this.slots));
  }

  /** Does what is to be done next, or splits it off, until nothing is left. */
  private follow(level: number, skipped: number, exchange: Exchange): number {
    const { expander, labels } = this;
    const now = this.momentAt(level);
    if (++this.gone > MOST_MOMENTS) {
      this.endless++;
      this.memorable++;
      return NOWHERE;
    }
    expander.hold(now.row);
    expander.offersOfExchange(now.labels, now.trees);
    const next = this.nextOf(now, exchange);
    if (next === NOTHING_LEFT) {
      this.rest(now, exchange);
      return NOWHERE;
    }
    let back = NOWHERE;
    const after = this.momentAt(level + 1);
    const cost = this.costOf(now, next, exchange);
    if (this.sourceSplits + skipped + cost < this.splits.length) {
      after.leave(now, next, this.slots);
      back = this.go(level + 1, skipped + cost, exchange);
    } else this.cut++;
    if (labels.length === MOST_ACTIONS || (!this.remembers && this.wasHere(level))) {
      if (labels.length === MOST_ACTIONS) this.endless++;
      // What follows depends on the way that led here.
      this.memorable++;
      return back;
    }
    for (let i = 0; i < now.labels.length; i++) {
      const label = item(now.labels, i);
      if (this.thingOf(label, exchange) !== next) continue;
      labels.push(label);
      expander.hold(now.row);
      after.label = NOTHING_LEFT;
      expander.take(label, item(now.trees, i), (_label, judgement) => {
        if (!this.visiting(judgement, false)) this.memorable++;
        this.arrive(after, label, now.row, now.open, now.late, exchange);
      });
      // A bound that cuts counts each time.
      if (after.label === label) back = Math.min(back, this.go(level + 1, skipped, exchange));
      else this.memorable++;
      labels.pop();
    }
    return back;
  }

  /** Nothing is left that belongs to the transition. */
  private rest(now: Moment, exchange: Exchange): void {
    const { expander } = this;
    const splits = this.sourceSplits + this.splitOff(now, exchange);
    if (splits >= this.splits.length) {
      this.cut++;
      return;
    }
    expander.put(exchange.splits, item(this.splits, splits));
    this.rested++;
    if (!this.visiting(NOTHING, true)) this.memorable++;
  }

  /** What an action does of all that is to be done: the slot whose message it handles, or behind them who owes it. */
  private thingOf(label: number, exchange: Exchange): number {
    const slot = this.consumes(label, exchange);
    if (slot >= 0) return slot;
    const debtor = this.settles(label, exchange);
    return debtor < 0 ? NOTHING_LEFT : this.slots + debtor;
  }

  /** The thing to be done next; what nobody can do now, as a message to a broker that is down, waits. */
  private nextOf(now: Moment, exchange: Exchange): number {
    let owing = 0;
    let first = NOTHING_LEFT;
    let place = now.open.length;
    for (let i = 0; i < now.labels.length; i++) {
      const thing = this.thingOf(item(now.labels, i), exchange);
      if (thing >= this.slots) owing |= 1 << (thing - this.slots);
      else {
        const at = now.open.indexOf(thing);
        if (at >= 0 && at < place) [first, place] = [thing, at];
      }
    }
    now.debts = owing;
    now.late &= owing;
    if (first >= 0) return first;
    const due = owing & ~now.late;
    return due === 0 ? NOTHING_LEFT : this.slots + 31 - Math.clz32(due & -due);
  }

  /** What was under way before, or owed, may stay so. */
  private costOf(now: Moment, thing: number, exchange: Exchange): number {
    if (thing >= this.slots) return (this.sourceDebts & (1 << (thing - this.slots))) === 0 ? 1 : 0;
    const before = this.weight(word(this.source, thing), exchange);
    return this.weight(word(now.row, thing), exchange) > before ? 1 : 0;
  }

  /** Whether the transition has come to where it was before, as when a request is refused and sent again. */
  private wasHere(level: number): boolean {
    const now = this.momentAt(level);
    for (let earlier = level - 1; earlier >= 0; earlier--)
      if (now.equals(this.momentAt(earlier))) return true;
    return false;
  }

  /** The expander holds the state after an action. */
  private arrive(
    after: Moment,
    label: number,
    from: Int32Array,
    openBefore: readonly number[] | undefined,
    late: number,
    exchange: Exchange,
  ): void {
    const { slots } = this;
    const { next } = this.expander;
    for (let slot = 0; slot < slots; slot++) after.row[slot] = word(next, slots + slot);
    after.label = label;
    // Handling what was under way before is a transition of its own, unless it belongs to this one.
    const own = openBefore === undefined ? this.consumes(label, exchange) : -1;
    after.open.length = 0;
    if (openBefore !== undefined) {
      for (const slot of openBefore) {
        if (this.weight(word(after.row, slot), exchange) > 0) after.open.push(slot);
      }
    }
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = item(exchange.slots, i);
      const now = word(after.row, slot);
      if (now === word(from, slot) || this.weight(now, exchange) === 0) continue;
      const grew = slot !== own || this.weight(now, exchange) >= this.weight(word(from, slot), exchange);
      if (grew && !after.open.includes(slot)) after.open.push(slot);
    }
    const settled = this.settles(label, exchange);
    // Who has done one step of what it owed goes on with the next, if there is one.
    after.late = settled < 0 ? late : late & ~(1 << settled);
  }

  /** How much is under way that was not before the transition. */
  private splitOff({ row, debts }: Moment, exchange: Exchange): number {
    let sum = size(debts & ~this.sourceDebts);
    for (let i = 0; i < exchange.slots.length; i++) {
      const slot = item(exchange.slots, i);
      const now = word(row, slot);
      const before = word(this.source, slot);
      if (now !== before) sum += Math.max(0, this.weight(now, exchange) - this.weight(before, exchange));
    }
    return sum;
  }

  private weight(number: number, exchange: Exchange): number {
    if (number >= this.weights.length) {
      const bigger = new Int32Array(Math.max(this.weights.length * 2, number + 1)).fill(UNKNOWN);
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
