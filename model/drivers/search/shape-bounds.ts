/** Limits on the shape of states, and how often each has cut a transition off. */
import type { ShapeBound } from './explorable.ts';
import { FIRST_SLOT } from './outcome-row.ts';
import type { Footprint } from './sleep.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

const UNKNOWN = -1;

export class ShapeBounds {
  private readonly bounds: readonly ShapeBound[];
  private readonly values: ValueTable;
  /** By slot: the bounds that count it, as bits. */
  private readonly touching: Int32Array;
  /** By bound and number of value: its weight. */
  private readonly weights: Int32Array[];
  /** Bounds that count several slots, as bits. */
  private readonly together: number;
  readonly cuts: number[];

  constructor(bounds: readonly ShapeBound[], slots: number, values: ValueTable) {
    if (bounds.length > 31) throw new RangeError('at most 31 bounds');
    this.bounds = bounds;
    this.values = values;
    this.touching = new Int32Array(slots);
    for (const [i, bound] of bounds.entries()) {
      for (const slot of bound.slots) this.touching[slot] = word(this.touching, slot) | (1 << i);
    }
    this.weights = bounds.map(() => new Int32Array(1 << 10).fill(UNKNOWN));
    this.cuts = bounds.map(() => 0);
    this.together = bounds.reduce(
      (bits, { slots: counted }, i) => (counted.length > 1 ? bits | (1 << i) : bits),
      0,
    );
  }

  /**
   * Whether the state whose words begin at `from` keeps all bounds. Its slots that have changed are told by the row of
   * the outcome that stands at `row`.
   */
  allow(state: Int32Array, from: number, outcomes: Int32Array, row: number): boolean {
    if (this.bounds.length === 0) return true;
    let concerned = 0;
    const end = row + 1 + word(outcomes, row);
    for (let at = row + FIRST_SLOT; at < end; at += 2) concerned |= word(this.touching, word(outcomes, at));
    for (let rest = concerned; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      const bound = this.bounds[index];
      if (bound === undefined) continue;
      let sum = 0;
      for (let i = 0; i < bound.slots.length; i++) {
        sum += this.weight(index, bound, word(state, from + item(bound.slots, i)));
      }
      if (sum > bound.limit) {
        this.cuts[index] = item(this.cuts, index) + 1;
        return false;
      }
    }
    return true;
  }

  /**
   * Of the bounds that count several slots together, tells those that come nearer to their limit by an outcome, and those
   * that come further from it. The state before begins at 0, the state after at `from`.
   */
  tread(state: Int32Array, from: number, outcomes: Int32Array, row: number, footprint: Footprint): void {
    for (let rest = this.together; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      const bound = this.bounds[index];
      if (bound === undefined) continue;
      let moves = 0;
      const end = row + 1 + word(outcomes, row);
      for (let at = row + FIRST_SLOT; at < end; at += 2) {
        const slot = word(outcomes, at);
        if (((word(this.touching, slot) >>> index) & 1) === 0) continue;
        moves += this.weight(index, bound, word(state, from + slot));
        moves -= this.weight(index, bound, word(state, slot));
      }
      if (moves > 0) footprint.raises |= 1 << index;
      if (moves < 0) footprint.lowers |= 1 << index;
    }
  }

  /** Whether one of them counts several slots together. */
  get countsTogether(): boolean {
    return this.together !== 0;
  }

  private weight(index: number, bound: ShapeBound, number: number): number {
    let weights = this.weights[index];
    if (weights === undefined) throw new RangeError(`no bound ${index}`);
    if (number >= weights.length) {
      const bigger = new Int32Array(Math.max(weights.length * 2, number + 1)).fill(UNKNOWN);
      bigger.set(weights);
      this.weights[index] = weights = bigger;
    }
    const known = word(weights, number);
    if (known !== UNKNOWN) return known;
    const weight = bound.weight(this.values.valueOf(number));
    weights[number] = weight;
    return weight;
  }
}
