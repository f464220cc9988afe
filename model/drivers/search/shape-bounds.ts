/** Limits on the shape of states, and how often each has cut a transition off. */
import type { ShapeBound } from './explorable.ts';
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
  }

  /**
   * Whether the state whose words begin at `from` keeps all bounds. Its slots that have changed are told by the row of
   * the outcome that stands at `row`: behind two numbers, every other one.
   */
  allow(state: Int32Array, from: number, outcomes: Int32Array, row: number): boolean {
    if (this.bounds.length === 0) return true;
    let concerned = 0;
    const end = row + 1 + word(outcomes, row);
    for (let at = row + 2; at < end; at += 2) concerned |= word(this.touching, word(outcomes, at));
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
