/** Limits on the shape of states, and how often each has cut a transition off. */
import type { ShapeBound } from './explorable.ts';
import type { ValueTable } from './value-table.ts';
import { word } from './words.ts';

const UNKNOWN = -1;

export class ShapeBounds {
  private readonly bounds: readonly ShapeBound[];
  private readonly values: ValueTable;
  /** By slot: the bounds that count it, as bits. */
  private readonly touching: Int32Array;
  /** By bound and number of value: its weight. */
  private readonly weights: Int16Array[];
  readonly cuts: number[];

  constructor(bounds: readonly ShapeBound[], slots: number, values: ValueTable) {
    if (bounds.length > 31) throw new RangeError('at most 31 bounds');
    this.bounds = bounds;
    this.values = values;
    this.touching = new Int32Array(slots);
    for (const [i, bound] of bounds.entries()) {
      for (const slot of bound.slots) this.touching[slot] = word(this.touching, slot) | (1 << i);
    }
    this.weights = bounds.map(() => new Int16Array(1 << 10).fill(UNKNOWN));
    this.cuts = bounds.map(() => 0);
  }

  /** Whether the state whose words begin at `from`, and of which these slots have changed, keeps all bounds. */
  allow(state: Int32Array, from: number, changed: readonly number[]): boolean {
    let concerned = 0;
    for (let i = 0; i < changed.length; i++) concerned |= word(this.touching, word(changed, i));
    for (let rest = concerned; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      const bound = this.bounds[index];
      if (bound === undefined) continue;
      let sum = 0;
      for (let i = 0; i < bound.slots.length; i++) {
        sum += this.weight(index, bound, word(state, from + word(bound.slots, i)));
      }
      if (sum > bound.limit) {
        this.cuts[index] = word(this.cuts, index) + 1;
        return false;
      }
    }
    return true;
  }

  private weight(index: number, bound: ShapeBound, number: number): number {
    let weights = this.weights[index];
    if (weights === undefined) throw new RangeError(`no bound ${index}`);
    if (number >= weights.length) {
      const bigger = new Int16Array(Math.max(weights.length * 2, number + 1)).fill(UNKNOWN);
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
