/** One representative for all states that differ only in numbers that nobody looks at: these are ranked. */
import type { Ranking, Renumbering } from './explorable.ts';
import type { NextRow, Rewriter } from './next-row.ts';
import { ABSENT, PairMap } from './pair-map.ts';
import { TupleTable, tupleMemory } from './tuple-table.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

const UNKNOWN = -1;
/** A value with a number too large to be told by a bit: its states stay as they are. */
const TOO_LARGE = -2;
/** Numbers on a scale that can be told by a bit, and bits of a word. */
const NUMBERS = 32;
const BITS = 32;
/** Sets of numbers in use that are remembered at the most. */
const MOST_PLANS = 1 << 18;

export class Ranked implements Rewriter {
  private readonly ranking: Ranking;
  private readonly values: ValueTable;
  private readonly shapeOf: readonly number[];
  private readonly scales: number;
  /**
   * What a value or a state uses is a set of numbers on scales. Each of these that was met has a bit, in the order in
   * which they were met, so that few words hold most sets; those behind `used` are 0 everywhere.
   */
  private readonly bits: Int32Array;
  private readonly numbersOfBits: number[] = [];
  private readonly width: number;
  private used = 0;
  /** Slots whose values have numbers to be ranked. */
  private readonly concerned: Int32Array;
  private readonly isConcerned: Uint8Array;
  /** By slot and number of value: where the set of what it uses begins. */
  private uses: Int32Array[] = [];
  /** Sets, one after the other, each once; the first is that of values that use nothing. */
  private pool = new Int32Array(1 << 12);
  private poolUsed = 0;
  private readonly poolPlaces = new Map<string, number>();
  private plans = new TupleTable(tupleMemory(1, 1));
  private planOf: (Renumbering | undefined)[] = [];
  /** By plan and slot, and by value: the renumbered value. */
  private readonly renumbered = new PairMap();
  /** What the state uses that is rewritten. */
  private readonly inUse: Int32Array;
  /** What the state before it uses, and uses in more than one slot; whether it would stay as it is. */
  private readonly usedBefore: Int32Array;
  private readonly usedTwice: Int32Array;
  private isSteady = false;
  /** What changed slots no longer use, and use now. */
  private readonly gone: Int32Array;
  private readonly come: Int32Array;

  constructor(ranking: Ranking, values: ValueTable, shapeOf: readonly number[]) {
    this.ranking = ranking;
    this.values = values;
    this.shapeOf = shapeOf;
    this.scales = ranking.scales;
    this.concerned = Int32Array.from(shapeOf.keys()).filter((slot) => ranking.concerns(slot));
    this.isConcerned = Uint8Array.from(shapeOf, (_, slot) => (ranking.concerns(slot) ? 1 : 0));
    this.width = Math.ceil((this.scales * NUMBERS) / BITS);
    this.bits = new Int32Array(this.scales * NUMBERS).fill(UNKNOWN);
    const set = (): Int32Array => new Int32Array(this.width);
    this.inUse = set();
    this.usedBefore = set();
    this.usedTwice = set();
    this.gone = set();
    this.come = set();
    this.forget();
  }

  /** Words that it takes. */
  get size(): number {
    return this.renumbered.size + this.pool.length;
  }

  forget(): void {
    this.uses = this.shapeOf.map(() => new Int32Array(0));
    this.poolUsed = this.width;
    this.poolPlaces.clear();
    this.plans = new TupleTable(tupleMemory(this.width, MOST_PLANS, 1 << 18));
    this.planOf = [];
    this.renumbered.clear();
  }

  leave({ before }: NextRow): void {
    const { usedBefore, usedTwice, concerned } = this;
    this.isSteady = false;
    for (let i = 0; i < this.used; i++) usedBefore[i] = usedTwice[i] = 0;
    for (let i = 0; i < concerned.length; i++) {
      const slot = word(concerned, i);
      const at = this.usesOf(slot, word(before, slot));
      if (at === TOO_LARGE) return;
      if (at === 0) continue;
      const { pool, used } = this;
      for (let j = 0; j < used; j++) {
        const uses = word(pool, at + j);
        usedTwice[j] = word(usedTwice, j) | (word(usedBefore, j) & uses);
        usedBefore[j] = word(usedBefore, j) | uses;
      }
    }
    this.isSteady = this.planOf[this.planNumber(usedBefore)] === undefined;
  }

  rewrite(next: NextRow): void {
    const { row } = next;
    const { concerned } = this;
    if (this.isSteady ? this.usesTheSame(next) : !this.useAll(row)) return;
    const number = this.planNumber(this.inUse);
    const plan = this.planOf[number];
    if (plan === undefined) return;
    for (let i = 0; i < concerned.length; i++) {
      const slot = word(concerned, i);
      const value = word(row, slot);
      if (this.usesOf(slot, value) !== 0) next.write(slot, this.renumber(number, plan, slot, value));
    }
  }

  /** Whether nothing has to be renumbered because the same numbers are in use as before; else `inUse` is filled. */
  private usesTheSame({ row, before, changed, count }: NextRow): boolean {
    const { gone, come, inUse, usedBefore, usedTwice } = this;
    let differing = 0;
    for (let i = 0; i < count; i++) {
      const slot = word(changed, i);
      if (this.isConcerned[slot] === 0) continue;
      const was = this.usesOf(slot, word(before, slot));
      const is = this.usesOf(slot, word(row, slot));
      if (is === TOO_LARGE) return true;
      if (is === was) continue;
      const { pool, used } = this;
      if (differing++ === 0) for (let j = 0; j < used; j++) gone[j] = come[j] = 0;
      for (let j = 0; j < used; j++) {
        gone[j] = word(gone, j) | word(pool, was + j);
        come[j] = word(come, j) | word(pool, is + j);
      }
    }
    if (differing === 0) return true;
    let lost = 0;
    let differs = 0;
    for (let j = 0; j < this.used; j++) {
      // Two changed slots may have been the two that used a number.
      const perhapsLost = word(gone, j) & ~word(come, j);
      const surelyLost = perhapsLost & ~word(usedTwice, j);
      if (differing > 1) lost |= perhapsLost ^ surelyLost;
      const usedHere = word(usedBefore, j);
      const now = (usedHere & ~surelyLost) | word(come, j);
      inUse[j] = now;
      differs |= now ^ usedHere;
    }
    return lost === 0 ? differs === 0 : !this.useAll(row);
  }

  /** Fills `inUse` with what a state uses; false where that cannot be told. */
  private useAll(row: Int32Array): boolean {
    const { inUse, concerned } = this;
    for (let j = 0; j < this.used; j++) inUse[j] = 0;
    for (let i = 0; i < concerned.length; i++) {
      const slot = word(concerned, i);
      const at = this.usesOf(slot, word(row, slot));
      if (at === TOO_LARGE) return false;
      if (at === 0) continue;
      const { pool, used } = this;
      for (let j = 0; j < used; j++) inUse[j] = word(inUse, j) | word(pool, at + j);
    }
    return true;
  }

  private planNumber(set: Int32Array): number {
    if (!this.plans.fits(1)) this.forget();
    const number = this.plans.add(set, 0);
    if (this.plans.fresh) this.planOf[number] = this.ranking.plan(this.masksOf(set));
    return number;
  }

  /** By scale, a set as a mask of numbers. */
  private masksOf(set: Int32Array): number[] {
    const masks = Array.from({ length: this.scales }, () => 0);
    for (const [bit, numbered] of this.numbersOfBits.entries()) {
      if ((word(set, Math.floor(bit / BITS)) & (1 << (bit % BITS))) === 0) continue;
      const scale = Math.floor(numbered / NUMBERS);
      masks[scale] = item(masks, scale) | (1 << (numbered % NUMBERS));
    }
    return masks;
  }

  /** The set of what stands in masks by scale. */
  private setOf(masks: readonly number[]): number[] {
    const set = Array.from({ length: this.width }, () => 0);
    for (let numbered = 0; numbered < this.scales * NUMBERS; numbered++) {
      if ((item(masks, Math.floor(numbered / NUMBERS)) & (1 << (numbered % NUMBERS))) === 0) continue;
      const bit = this.bitOf(numbered);
      const at = Math.floor(bit / BITS);
      set[at] = item(set, at) | (1 << (bit % BITS));
    }
    return set;
  }

  private bitOf(numbered: number): number {
    const known = word(this.bits, numbered);
    if (known !== UNKNOWN) return known;
    const bit = this.numbersOfBits.push(numbered) - 1;
    this.bits[numbered] = bit;
    this.used = Math.floor(bit / BITS) + 1;
    return bit;
  }

  private usesOf(slot: number, value: number): number {
    let known = this.uses[slot];
    if (known === undefined) throw new RangeError(`no slot ${slot}`);
    if (value >= known.length) {
      const bigger = new Int32Array(Math.max(64, known.length * 2, value + 1)).fill(UNKNOWN);
      bigger.set(known);
      this.uses[slot] = known = bigger;
    }
    const at = word(known, value);
    return at === UNKNOWN ? (known[value] = this.workOutUses(slot, value)) : at;
  }

  private workOutUses(slot: number, value: number): number {
    const masks = Array.from({ length: this.scales }, () => 0);
    if (!this.ranking.uses(slot, this.values.valueOf(value), masks)) return TOO_LARGE;
    if (masks.every((mask) => mask === 0)) return 0;
    const set = this.setOf(masks);
    const key = set.join();
    const place = this.poolPlaces.get(key);
    if (place !== undefined) return place;
    const at = this.poolUsed;
    this.poolUsed += this.width;
    if (this.poolUsed > this.pool.length) {
      const bigger = new Int32Array(this.pool.length * 2);
      bigger.set(this.pool);
      this.pool = bigger;
    }
    this.pool.set(set, at);
    this.poolPlaces.set(key, at);
    return at;
  }

  private renumber(number: number, plan: Renumbering, slot: number, value: number): number {
    const planAndSlot = number * this.shapeOf.length + slot;
    const known = this.renumbered.get(planAndSlot, value);
    if (known !== ABSENT) return known;
    const changed = this.ranking.renumber(slot, this.values.valueOf(value), plan);
    const renumbered = this.values.numberOf(item(this.shapeOf, slot), changed);
    this.renumbered.add(planAndSlot, value, renumbered);
    return renumbered;
  }
}
