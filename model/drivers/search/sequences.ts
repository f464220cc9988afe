/** Short rows of numbers, each kept once, one behind the other: many things come to the same few. */
import { hashOf, hashOfList, word } from './words.ts';

const LEAST = 1 << 10;

export class Sequences {
  /** Each row: how many numbers follow, then these. Nothing stands at 0, which says that there is nothing. */
  words = new Int32Array(LEAST);
  private used = 1;
  /** Open addressing: where a row stands, or 0. */
  private places = new Int32Array(LEAST);
  private mask = LEAST - 1;
  private count = 0;

  /** Where a row stands with its length, never 0; the same for equal rows. */
  add(row: readonly number[]): number {
    const { places, mask } = this;
    let place = hashOfList(row) & mask;
    for (let at = word(places, place); at !== 0; at = word(places, place)) {
      if (this.holds(at, row)) return at;
      place = (place + 1) & mask;
    }
    const at = this.append(row);
    places[place] = at;
    if (++this.count * 2 > mask) this.grow();
    return at;
  }

  /** Words that it takes. */
  get size(): number {
    return this.words.length + this.places.length;
  }

  private holds(at: number, row: readonly number[]): boolean {
    const { words } = this;
    if (word(words, at) !== row.length) return false;
    for (let i = 0; i < row.length; i++) if (word(words, at + 1 + i) !== row[i]) return false;
    return true;
  }

  private append(row: readonly number[]): number {
    const at = this.used;
    this.used += row.length + 1;
    if (this.used > this.words.length) {
      const bigger = new Int32Array(Math.max(this.used, this.words.length * 2));
      bigger.set(this.words);
      this.words = bigger;
    }
    this.words[at] = row.length;
    this.words.set(row, at + 1);
    return at;
  }

  private grow(): void {
    const old = this.places;
    const places = new Int32Array(old.length * 2);
    const mask = places.length - 1;
    for (const at of old) {
      if (at === 0) continue;
      let place = hashOf(this.words, at + 1, word(this.words, at)) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = at;
    }
    this.places = places;
    this.mask = mask;
  }
}
