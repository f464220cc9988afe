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
/** Sets of numbers in use that are remembered at the most. */
const MOST_PLANS = 1 << 18;

export class Ranked implements Rewriter {
  private readonly ranking: Ranking;
  private readonly values: ValueTable;
  private readonly shapeOf: readonly number[];
  private readonly scales: number;
  /** Slots whose values have numbers to be ranked. */
  private readonly concerned: readonly number[];
  private readonly isConcerned: Uint8Array;
  /** By slot and number of value: where the masks of what it uses begin. */
  private uses: Int32Array[] = [];
  /** Masks, one after the other, each row of them once; the first are of values that use nothing. */
  private pool = new Int32Array(1 << 12);
  private poolUsed = 0;
  private readonly poolPlaces = new Map<string, number>();
  private plans = new TupleTable(tupleMemory(1, 1));
  private planOf: (Renumbering | undefined)[] = [];
  /** By plan and slot, and by value: the renumbered value. */
  private readonly renumbered = new PairMap();
  /** What the state uses that is rewritten. */
  private readonly masks: Int32Array;
  /** What the state before it uses, and uses in more than one slot; whether it would stay as it is. */
  private readonly masksBefore: Int32Array;
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
    this.concerned = shapeOf.map((_, slot) => slot).filter((slot) => ranking.concerns(slot));
    this.isConcerned = Uint8Array.from(shapeOf, (_, slot) => (ranking.concerns(slot) ? 1 : 0));
    const masks = (): Int32Array => new Int32Array(this.scales);
    this.masks = masks();
    this.masksBefore = masks();
    this.usedTwice = masks();
    this.gone = masks();
    this.come = masks();
    this.forget();
  }

  /** Words that it takes. */
  get size(): number {
    return this.renumbered.size + this.pool.length;
  }

  forget(): void {
    this.uses = this.shapeOf.map(() => new Int32Array(0));
    this.poolUsed = this.scales;
    this.poolPlaces.clear();
    this.plans = new TupleTable(tupleMemory(this.scales, MOST_PLANS, 1 << 18));
    this.planOf = [];
    this.renumbered.clear();
  }

  leave({ before }: NextRow): void {
    const { masksBefore, usedTwice, concerned, scales } = this;
    this.isSteady = false;
    for (let scale = 0; scale < scales; scale++) masksBefore[scale] = usedTwice[scale] = 0;
    for (let i = 0; i < concerned.length; i++) {
      const slot = item(concerned, i);
      const at = this.usesOf(slot, word(before, slot));
      if (at === TOO_LARGE) return;
      if (at === 0) continue;
      const { pool } = this;
      for (let scale = 0; scale < scales; scale++) {
        const used = word(pool, at + scale);
        usedTwice[scale] = word(usedTwice, scale) | (word(masksBefore, scale) & used);
        masksBefore[scale] = word(masksBefore, scale) | used;
      }
    }
    const number = this.planNumber(masksBefore);
    this.isSteady = this.planOf[number] === undefined;
  }

  rewrite(next: NextRow): void {
    const { row } = next;
    const { concerned } = this;
    if (this.isSteady ? this.usesTheSame(next) : !this.useAll(row)) return;
    const number = this.planNumber(this.masks);
    const plan = this.planOf[number];
    if (plan === undefined) return;
    for (let i = 0; i < concerned.length; i++) {
      const slot = item(concerned, i);
      const value = word(row, slot);
      if (this.usesOf(slot, value) !== 0) next.write(slot, this.renumber(number, plan, slot, value));
    }
  }

  /** Whether nothing has to be renumbered because the same numbers are in use as before; else `masks` are filled. */
  private usesTheSame({ row, before, changed, count }: NextRow): boolean {
    const { gone, come, masks, masksBefore, usedTwice, scales } = this;
    let differing = 0;
    for (let i = 0; i < count; i++) {
      const slot = word(changed, i);
      if (this.isConcerned[slot] === 0) continue;
      const was = this.usesOf(slot, word(before, slot));
      const is = this.usesOf(slot, word(row, slot));
      if (is === TOO_LARGE) return true;
      if (is === was) continue;
      if (differing++ === 0) for (let scale = 0; scale < scales; scale++) gone[scale] = come[scale] = 0;
      const { pool } = this;
      for (let scale = 0; scale < scales; scale++) {
        gone[scale] = word(gone, scale) | word(pool, was + scale);
        come[scale] = word(come, scale) | word(pool, is + scale);
      }
    }
    if (differing === 0) return true;
    let lost = 0;
    let differs = 0;
    for (let scale = 0; scale < scales; scale++) {
      // Two changed slots may have been the two that used a number.
      const perhapsLost = word(gone, scale) & ~word(come, scale);
      const surelyLost = perhapsLost & ~word(usedTwice, scale);
      if (differing > 1) lost |= perhapsLost ^ surelyLost;
      const before = word(masksBefore, scale);
      const now = (before & ~surelyLost) | word(come, scale);
      masks[scale] = now;
      differs |= now ^ before;
    }
    return lost === 0 ? differs === 0 : !this.useAll(row);
  }

  /** Fills `masks` with what a state uses; false where that cannot be told. */
  private useAll(row: Int32Array): boolean {
    const { masks, scales, concerned } = this;
    for (let scale = 0; scale < scales; scale++) masks[scale] = 0;
    for (let i = 0; i < concerned.length; i++) {
      const slot = item(concerned, i);
      const at = this.usesOf(slot, word(row, slot));
      if (at === TOO_LARGE) return false;
      if (at === 0) continue;
      const { pool } = this;
      for (let scale = 0; scale < scales; scale++) {
        masks[scale] = word(masks, scale) | word(pool, at + scale);
      }
    }
    return true;
  }

  private planNumber(masks: Int32Array): number {
    if (!this.plans.fits(1)) this.forget();
    const number = this.plans.add(masks, 0);
    if (this.plans.fresh) this.planOf[number] = this.ranking.plan(masks);
    return number;
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
    const key = masks.join();
    const place = this.poolPlaces.get(key);
    if (place !== undefined) return place;
    const at = this.poolUsed;
    this.poolUsed += this.scales;
    if (this.poolUsed > this.pool.length) {
      const bigger = new Int32Array(this.pool.length * 2);
      bigger.set(this.pool);
      this.pool = bigger;
    }
    this.pool.set(masks, at);
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
