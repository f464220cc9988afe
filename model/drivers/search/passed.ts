/**
 * Moments of exchanges that a search has been through: from one of them, everything follows as before. Exact, for keys
 * are compared; and only a help, for what no longer fits is forgotten and gone through once more.
 *
 * What came of a moment is known once all that follows is; where exchanges go round in a circle, that is the same for all
 * of the circle (its strongly connected component: Tarjan, SIAM Journal on Computing 1, 1972). Circles are few, and are gone
 * through each time: with a part of one forgotten, the rest would count twice. So the numbers that are noted depend neither
 * on where a circle was entered nor on what was forgotten.
 */
import { hashOf, item, word } from './words.ts';

const LEAST = 1 << 8;
const MOST = 1 << 17;
/** Behind the key of each: how many transitions it came to, plus one, and how often something was cut off. */
const COUNTS = 2;

export class Passed {
  private readonly width: number;
  private readonly each: number;
  private places = LEAST;
  private table: Int32Array;
  private held = 0;
  /** Keys of moments that are gone through now, one behind the other, and their hashes. */
  private open: Int32Array;
  private readonly hashes: number[] = [];
  /** The key in question, to be filled in by whoever asks. */
  readonly key: Int32Array;

  /** Keys of so many words. */
  constructor(width: number) {
    this.width = width;
    this.each = width + COUNTS;
    this.key = new Int32Array(width);
    this.table = new Int32Array(LEAST * this.each);
    this.open = new Int32Array(width << 5);
  }

  /** Words that it takes. */
  get size(): number {
    return this.table.length + this.open.length;
  }

  forget(): void {
    this.places = LEAST;
    this.table = new Int32Array(LEAST * this.each);
    this.held = 0;
  }

  hash(): number {
    return hashOf(this.key, 0, this.width);
  }

  /** Where it stands what came of the key, or −1. */
  find(hash: number): number {
    const { table, width } = this;
    const at = (hash & (this.places - 1)) * this.each;
    return word(table, at + width) !== 0 && this.isKey(table, at) ? at : -1;
  }

  transitionsAt(at: number): number {
    return word(this.table, at + this.width) - 1;
  }

  cutsAt(at: number): number {
    return word(this.table, at + this.width + 1);
  }

  /** How many moments are being gone through. */
  get count(): number {
    return this.hashes.length;
  }

  /** The place of the key among those that are gone through, or −1. */
  openAt(hash: number): number {
    const { hashes, open, width } = this;
    for (let i = hashes.length - 1; i >= 0; i--)
      if (hashes[i] === hash && this.isKey(open, i * width)) return i;
    return -1;
  }

  enter(hash: number): void {
    const { width, key } = this;
    const at = this.hashes.push(hash) * width - width;
    if (at + width > this.open.length) {
      const bigger = new Int32Array(this.open.length * 2);
      bigger.set(this.open);
      this.open = bigger;
    }
    for (let i = 0; i < width; i++) this.open[at + i] = word(key, i);
  }

  /** The moments from this place on have been gone through, and that came of them. */
  leave(from: number, transitions: number, cuts: number): void {
    const { hashes } = this;
    if (hashes.length === from + 1) this.note(from, transitions, cuts);
    hashes.length = from;
  }

  /** The same, but it must be met again. */
  drop(from: number): void {
    this.hashes.length = from;
  }

  private isKey(words: Int32Array, at: number): boolean {
    const { key, width } = this;
    for (let i = 0; i < width; i++) if (word(words, at + i) !== word(key, i)) return false;
    return true;
  }

  private note(place: number, transitions: number, cuts: number): void {
    if (this.held * 2 > this.places && this.places < MOST) this.grow();
    const { table, width, open } = this;
    const at = (item(this.hashes, place) & (this.places - 1)) * this.each;
    if (word(table, at + width) === 0) this.held++;
    for (let i = 0; i < width; i++) table[at + i] = word(open, place * width + i);
    table[at + width] = transitions + 1;
    table[at + width + 1] = cuts;
  }

  private grow(): void {
    const { table, each, width } = this;
    this.places *= 2;
    this.table = new Int32Array(this.places * each);
    this.held = 0;
    for (let from = 0; from < table.length; from += each) {
      if (word(table, from + width) === 0) continue;
      const at = (hashOf(table, from, width) & (this.places - 1)) * each;
      if (word(this.table, at + width) === 0) this.held++;
      for (let i = 0; i < each; i++) this.table[at + i] = word(table, from + i);
    }
  }
}
