/** One representative for all states that differ only in what nobody will read any more. */
import type { DeadPart } from './explorable.ts';
import type { ValueTable } from './value-table.ts';
import { word } from './words.ts';

const UNKNOWN = -1;

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

export class Buried {
  private readonly parts: readonly Part[];
  private readonly row: Int32Array;

  constructor(dead: readonly DeadPart[], values: ValueTable, shapeOf: readonly number[]) {
    this.row = new Int32Array(shapeOf.length);
    this.parts = dead.map(({ slot, whenever, without }) => ({
      slot,
      whenever: whenever.map((condition) => ({
        slot: condition.slot,
        holds: new Answers((number) => (condition.holds(values.valueOf(number)) ? 1 : 0)),
      })),
      without: new Answers((number) => values.numberOf(word(shapeOf, slot), without(values.valueOf(number)))),
    }));
  }

  /** The representative of the state whose words begin at `from`; valid until the next call. */
  of(state: Int32Array, from: number): Int32Array {
    const { row, parts } = this;
    for (let slot = 0; slot < row.length; slot++) row[slot] = word(state, from + slot);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined) continue;
      const value = word(row, part.slot);
      const without = part.without.of(value);
      // Mostly there is nothing to forget, and no condition to be asked.
      if (without !== value && isDead(part, row)) row[part.slot] = without;
    }
    return row;
  }

  forget(): void {
    for (const { whenever, without } of this.parts) {
      without.forget();
      for (const { holds } of whenever) holds.forget();
    }
  }
}
