/** One representative for all states that differ only in who is who: the least row over all permutations. */
import { Buried } from './dead.ts';
import type { Explorable, Symmetry } from './explorable.ts';
import { NextRow, type Rewriter } from './next-row.ts';
import { Ranked } from './ranked.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

const UNKNOWN = -1;

/** What states are taken for one by, if any are. Who is who says nothing of the order of numbers, so names come last. */
export function rewriterOf(
  { symmetry, ranking, dead = [] }: Explorable,
  values: ValueTable,
  shapeOf: readonly number[],
  wantsSymmetry: boolean,
): Rewriter | undefined {
  const rewriters: Rewriter[] = [];
  if (dead.length > 0) rewriters.push(new Buried(dead, values, shapeOf));
  if (ranking !== undefined) rewriters.push(new Ranked(ranking, values, shapeOf));
  if (wantsSymmetry && symmetry !== undefined) rewriters.push(new Canonical(symmetry, values, shapeOf));
  return rewriters.length === 0 ? undefined : new Chain(rewriters);
}

/** One rewriter after the other. */
class Chain implements Rewriter {
  private readonly rewriters: readonly Rewriter[];

  constructor(rewriters: readonly Rewriter[]) {
    this.rewriters = rewriters;
  }

  leave(next: NextRow): void {
    for (let i = 0; i < this.rewriters.length; i++) this.rewriters[i]?.leave(next);
  }

  rewrite(next: NextRow): void {
    for (let i = 0; i < this.rewriters.length; i++) this.rewriters[i]?.rewrite(next);
  }

  get size(): number {
    return this.rewriters.reduce((sum, { size }) => sum + size, 0);
  }

  forget(): void {
    for (const rewriter of this.rewriters) rewriter.forget();
  }
}

/** Finds for each state, given as a whole, the one that stands for all that are like it. */
export class Rewritten {
  private readonly rewriter: Rewriter;
  private readonly next: NextRow;

  constructor(rewriter: Rewriter, slots: number) {
    this.rewriter = rewriter;
    this.next = new NextRow(slots);
  }

  /** Says which state transitions are taken from next: most of what follows it is like it. */
  leave(state: Int32Array): void {
    this.next.leave(state);
    this.rewriter.leave(this.next);
  }

  /** That of the state whose words begin at `from`; valid until the next call. */
  of(state: Int32Array, from: number): Int32Array {
    const { next } = this;
    next.take(state, from);
    this.rewriter.rewrite(next);
    return next.row;
  }

  get size(): number {
    return this.rewriter.size;
  }

  forget(): void {
    this.rewriter.forget();
  }
}

export class Canonical implements Rewriter {
  private readonly symmetry: Symmetry;
  private readonly values: ValueTable;
  private readonly shapeOf: readonly number[];
  private readonly slots: number;
  /** By permutation and slot: where its value goes. */
  private readonly moves: Int32Array[];
  /** By permutation and slot: the numbers of the renamed values, by number. */
  private readonly renamed: Int32Array[][];
  private readonly row: Int32Array;
  private readonly best: Int32Array;
  readonly size = 0;

  constructor(symmetry: Symmetry, values: ValueTable, shapeOf: readonly number[]) {
    this.symmetry = symmetry;
    this.values = values;
    this.shapeOf = shapeOf;
    this.slots = shapeOf.length;
    const all = Array.from({ length: symmetry.permutations }, (_, permutation) => permutation);
    this.moves = all.map((permutation) =>
      Int32Array.from({ length: this.slots }, (_, slot) => symmetry.slot(permutation, slot)),
    );
    this.renamed = all.map(() => Array.from({ length: this.slots }, () => new Int32Array(0)));
    this.row = new Int32Array(this.slots);
    this.best = new Int32Array(this.slots);
  }

  leave(): void {
    // Every permutation is tried on every state.
  }

  rewrite(next: NextRow): void {
    const { best, row, slots } = this;
    const state = next.row;
    for (let slot = 0; slot < slots; slot++) best[slot] = word(state, slot);
    for (let permutation = 1; permutation < this.moves.length; permutation++) {
      const moves = this.moves[permutation];
      if (moves === undefined) continue;
      for (let slot = 0; slot < slots; slot++) {
        row[word(moves, slot)] = this.rename(permutation, slot, word(state, slot));
      }
      if (this.isLess()) best.set(row);
    }
    for (let slot = 0; slot < slots; slot++) {
      if (word(best, slot) !== word(state, slot)) next.write(slot, word(best, slot));
    }
  }

  forget(): void {
    for (const bySlot of this.renamed) bySlot.fill(new Int32Array(0));
  }

  private isLess(): boolean {
    const { best, row, slots } = this;
    for (let slot = 0; slot < slots; slot++) {
      const difference = word(row, slot) - word(best, slot);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  private rename(permutation: number, slot: number, number: number): number {
    const bySlot = this.renamed[permutation];
    let numbers = bySlot?.[slot];
    if (bySlot === undefined || numbers === undefined) throw new RangeError('no such permutation or slot');
    if (number >= numbers.length) {
      const bigger = new Int32Array(Math.max(64, numbers.length * 2, number + 1)).fill(UNKNOWN);
      bigger.set(numbers);
      bySlot[slot] = numbers = bigger;
    }
    const known = word(numbers, number);
    if (known !== UNKNOWN) return known;
    const value = this.symmetry.value(permutation, slot, this.values.valueOf(number));
    const renamed = this.values.numberOf(item(this.shapeOf, slot), value);
    numbers[number] = renamed;
    return renamed;
  }
}
