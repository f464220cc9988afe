/** Numbers by pairs of numbers not below 0, in one row: what is asked for often takes no objects. */
import { word } from './words.ts';

const LEAST = 1 << 10;
const WIDTH = 3;
/** What is said of a pair that is not there. */
export const ABSENT = -1;

export class PairMap {
  /** Open addressing: first number + 1, second number, what is kept for them. */
  private places = new Int32Array(WIDTH * LEAST);
  private mask = LEAST - 1;
  private count = 0;

  get(first: number, second: number): number {
    const { places, mask } = this;
    let place = placeOf(first, second) & mask;
    for (;;) {
      const held = word(places, place * WIDTH);
      if (held === 0) return ABSENT;
      if (held === first + 1 && places[place * WIDTH + 1] === second) return word(places, place * WIDTH + 2);
      place = (place + 1) & mask;
    }
  }

  /** Keeps a number for a pair that is not there yet. */
  add(first: number, second: number, kept: number): void {
    this.enter(first + 1, second, kept);
    if (++this.count * 2 > this.mask) this.grow();
  }

  clear(): void {
    this.places = new Int32Array(WIDTH * LEAST);
    this.mask = LEAST - 1;
    this.count = 0;
  }

  /** Words that it takes. */
  get size(): number {
    return this.places.length;
  }

  private enter(held: number, second: number, kept: number): void {
    const { places, mask } = this;
    let place = placeOf(held - 1, second) & mask;
    while (places[place * WIDTH] !== 0) place = (place + 1) & mask;
    places[place * WIDTH] = held;
    places[place * WIDTH + 1] = second;
    places[place * WIDTH + 2] = kept;
  }

  private grow(): void {
    const old = this.places;
    this.places = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let from = 0; from < old.length; from += WIDTH) {
      const held = word(old, from);
      if (held !== 0) this.enter(held, word(old, from + 1), word(old, from + 2));
    }
  }
}

function placeOf(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}
