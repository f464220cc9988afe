/** One representative for all states that differ only in numbers that nobody looks at: these are ranked. */
import type { Ranking, Renumbering } from './explorable.ts';
import { TupleTable, tupleMemory } from './tuple-table.ts';
import type { ValueTable } from './value-table.ts';
import { word } from './words.ts';

const UNKNOWN = -1;
/** A value with a number too large to be told by a bit: its states stay as they are. */
const TOO_LARGE = -2;
/** Sets of numbers in use that are remembered at the most. */
const MOST_PLANS = 1 << 18;
/** Above every number of a value. */
const VALUES = 2 ** 28;

export class Ranked {
  private readonly ranking: Ranking;
  private readonly values: ValueTable;
  private readonly shapeOf: readonly number[];
  private readonly scales: number;
  /** Slots whose values have numbers to be ranked. */
  private readonly concerned: readonly number[];
  /** By slot and number of value: where the masks of what it uses begin. */
  private uses: Int32Array[] = [];
  /** Masks, one after the other; the first are of values that use nothing. */
  private pool = new Int32Array(1 << 12);
  private poolUsed = 0;
  private plans = new TupleTable(tupleMemory(1, 1));
  private planOf: (Renumbering | undefined)[] = [];
  /** By plan, slot and value: the renumbered value. */
  private readonly renumbered = new Map<number, number>();
  private readonly masks: Int32Array;
  private readonly row: Int32Array;

  constructor(ranking: Ranking, values: ValueTable, shapeOf: readonly number[]) {
    this.ranking = ranking;
    this.values = values;
    this.shapeOf = shapeOf;
    this.scales = ranking.scales;
    this.concerned = shapeOf.map((_, slot) => slot).filter((slot) => ranking.concerns(slot));
    this.masks = new Int32Array(this.scales);
    this.row = new Int32Array(shapeOf.length);
    this.forget();
  }

  /** Forgets what can be worked out again. */
  forget(): void {
    this.uses = this.shapeOf.map(() => new Int32Array(0));
    this.poolUsed = this.scales;
    this.plans = new TupleTable(tupleMemory(this.scales, MOST_PLANS, 1 << 18));
    this.planOf = [];
    this.renumbered.clear();
  }

  /** The representative of the state whose words begin at `from`; valid until the next call. */
  of(state: Int32Array, from: number): Int32Array {
    const { row, masks, scales, concerned } = this;
    for (let slot = 0; slot < row.length; slot++) row[slot] = word(state, from + slot);
    masks.fill(0);
    for (let i = 0; i < concerned.length; i++) {
      const slot = word(concerned, i);
      const at = this.usesOf(slot, word(row, slot));
      if (at === TOO_LARGE) return row;
      if (at === 0) continue;
      for (let scale = 0; scale < scales; scale++)
        masks[scale] = word(masks, scale) | word(this.pool, at + scale);
    }
    if (!this.plans.fits(1)) this.forget();
    const number = this.plans.add(masks, 0);
    if (this.plans.fresh) this.planOf[number] = this.ranking.plan(masks);
    const plan = this.planOf[number];
    if (plan === undefined) return row;
    for (let i = 0; i < concerned.length; i++) {
      const slot = word(concerned, i);
      const value = word(row, slot);
      if (this.usesOf(slot, value) !== 0) row[slot] = this.renumber(number, plan, slot, value);
    }
    return row;
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
    const at = this.poolUsed;
    this.poolUsed += this.scales;
    if (this.poolUsed > this.pool.length) {
      const bigger = new Int32Array(this.pool.length * 2);
      bigger.set(this.pool);
      this.pool = bigger;
    }
    this.pool.set(masks, at);
    return at;
  }

  private renumber(number: number, plan: Renumbering, slot: number, value: number): number {
    const key = (number * this.shapeOf.length + slot) * VALUES + value;
    const known = this.renumbered.get(key);
    if (known !== undefined) return known;
    const changed = this.ranking.renumber(slot, this.values.valueOf(value), plan);
    const renumbered = this.values.numberOf(word(this.shapeOf, slot), changed);
    this.renumbered.set(key, renumbered);
    return renumbered;
  }
}
