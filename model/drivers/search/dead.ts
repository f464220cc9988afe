/** One representative for all states that differ only in what nobody will read any more. */
import type { DeadPart } from './explorable.ts';
import type { NextRow, Rewriter } from './next-row.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

const UNKNOWN = -1;
/** Every bit. */
const ALL = -1;

/** Answers about the values of one slot, remembered by their numbers. */
class Answers {
  private known = new Int32Array(0);
  private readonly workOut: (number: number) => number;

  constructor(workOut: (number: number) => number) {
    this.workOut = workOut;
  }

  of(number: number): number {
    if (number >= this.known.length) {
      const bigger = new Int32Array(Math.max(64, this.known.length * 2, number + 1)).fill(UNKNOWN);
      bigger.set(this.known);
      this.known = bigger;
    }
    const known = word(this.known, number);
    return known === UNKNOWN ? (this.known[number] = this.workOut(number)) : known;
  }

  forget(): void {
    this.known = new Int32Array(0);
  }
}

interface Part {
  readonly slot: number;
  readonly whenever: readonly { readonly slot: number; readonly holds: Answers }[];
  readonly without: Answers;
}

function isDead({ whenever }: Part, row: Int32Array): boolean {
  for (let i = 0; i < whenever.length; i++) {
    const condition = whenever[i];
    if (condition !== undefined && condition.holds.of(word(row, condition.slot)) !== 1) return false;
  }
  return true;
}

export class Buried implements Rewriter {
  private readonly parts: readonly Part[];
  /** By slot: the parts that it is asked about, as bits; of more than 32, some share one. */
  private readonly touching: Int32Array;
  /** Parts to be looked at even where nothing that they ask about has changed. */
  private unsteady = ALL;
  /** All is kept in the heap or as answers, which are few. */
  readonly size = 0;

  constructor(dead: readonly DeadPart[], values: ValueTable, shapeOf: readonly number[]) {
    this.parts = dead.map(({ slot, whenever, without }) => ({
      slot,
      whenever: whenever.map((condition) => ({
        slot: condition.slot,
        holds: new Answers((number) => (condition.holds(values.valueOf(number)) ? 1 : 0)),
      })),
      without: new Answers((number) => values.numberOf(item(shapeOf, slot), without(values.valueOf(number)))),
    }));
    this.touching = new Int32Array(shapeOf.length);
    for (const [i, { slot, whenever }] of dead.entries()) {
      for (const asked of [slot, ...whenever.map((condition) => condition.slot)]) {
        this.touching[asked] = word(this.touching, asked) | (1 << i);
      }
    }
  }

  leave({ before }: NextRow): void {
    this.unsteady = 0;
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i];
      if (part === undefined) continue;
      const value = word(before, part.slot);
      if (part.without.of(value) !== value && isDead(part, before)) this.unsteady = ALL;
    }
  }

  rewrite(next: NextRow): void {
    const { parts, touching } = this;
    const { row } = next;
    let touched = this.unsteady;
    for (let i = 0; i < next.count; i++) touched |= word(touching, word(next.changed, i));
    if (touched === 0) return;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined || (touched & (1 << i)) === 0) continue;
      const value = word(row, part.slot);
      const without = part.without.of(value);
      // Mostly there is nothing to forget, and no condition to be asked.
      if (without === value || !isDead(part, row)) continue;
      next.write(part.slot, without);
      touched |= word(touching, part.slot);
    }
  }

  forget(): void {
    for (const { whenever, without } of this.parts) {
      without.forget();
      for (const { holds } of whenever) holds.forget();
    }
  }
}
