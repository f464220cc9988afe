/**
 * A set of tuples of whole numbers, each with the number under which it was entered. Exact: tuples are compared, hashes
 * only say where to look. Several threads may add at once; growing is for one thread while the others wait.
 */
import { hashOf, powerOfTwo, word, words, type Words } from './words.ts';

/** What threads share of a table. */
export interface TupleMemory {
  readonly width: number;
  /** How many tuples there are. */
  readonly count: Words;
  /** The tuples, one after the other. */
  readonly rows: Words;
  /** Open addressing: 0 is free, BUSY is being written, else four bits of hash above the number plus one. */
  slots: Words;
}

const BUSY = -1;
/** Places that a table has outgrown are given back some time later: half as many, a quarter of them, and so on. */
export const OUTGROWN = 2;
const TAG_SHIFT = 28;
const NUMBER = (1 << TAG_SHIFT) - 1;
/** The largest number of tuples that a table can hold. */
export const MOST_TUPLES = NUMBER - 1;

export function tupleMemory(width: number, capacity: number, expected = 1 << 10): TupleMemory {
  return {
    width,
    count: words(1),
    rows: words(Math.min(capacity, MOST_TUPLES) * width),
    slots: words(powerOfTwo(expected * 2)),
  };
}

export class TupleTable {
  private readonly memory: TupleMemory;
  private readonly width: number;
  private readonly rows: Words;
  private slots: Words;
  private mask: number;
  readonly capacity: number;
  /** Whether the tuple added last was new. */
  fresh = false;
  /** What was looked at ahead: nobody reads it, but looks that are not kept are not taken. */
  seen = 0;

  constructor(memory: TupleMemory) {
    this.memory = memory;
    this.width = memory.width;
    this.rows = memory.rows;
    this.capacity = memory.rows.length / memory.width;
    this.slots = memory.slots;
    this.mask = this.slots.length - 1;
  }

  /** Takes up the places that another thread has made. */
  refresh(slots: Words): void {
    this.slots = slots;
    this.mask = slots.length - 1;
  }

  get count(): number {
    return Atomics.load(this.memory.count, 0);
  }

  /** Whether `more` tuples can be added before the table has to grow. */
  hasRoom(more: number): boolean {
    return (this.count + more) * 4 <= this.slots.length * 3;
  }

  /** The same, at the cost of longer look-ups: where there is no memory to grow. */
  hasTightRoom(more: number): boolean {
    return (this.count + more) * 8 <= this.slots.length * 7;
  }

  /** Words in use with `more` tuples, in as many places as there are or in as many as it would grow to. */
  wordsWith(more: number, grown: boolean): number {
    const count = this.count + more;
    let places = this.slots.length;
    while (grown && count * 4 > places * 3) places *= 2;
    return count * this.width + places * OUTGROWN;
  }

  /** Whether `more` tuples can be added at all. */
  fits(more: number): boolean {
    return this.count + more <= this.capacity;
  }

  /** The number of the tuple that stands in `values` from `from` on; `fresh` says whether it was added. */
  add(values: Int32Array, from: number): number {
    return this.addHashed(values, from, hashOf(values, from, this.width));
  }

  /**
   * Adds `count` tuples that stand one after the other. Of each, `numbers` is given its number, or −1 − its number where
   * it was added. Memory far away takes long to answer, but answers several questions at once: so all places are
   * looked at before the first tuple is compared, and all tuples before the first is added.
   */
  addAll(tuples: Int32Array, count: number, numbers: Int32Array): void {
    const { width, slots, mask, rows } = this;
    for (let i = 0; i < count; i++) numbers[i] = hashOf(tuples, i * width, width);
    let seen = 0;
    for (let i = 0; i < count; i++) seen ^= word(slots, word(numbers, i) & mask);
    for (let i = 0; i < count; i++) {
      const hash = word(numbers, i);
      const held = word(slots, hash & mask);
      if (held === 0 || held === BUSY || ((held ^ hash) & ~NUMBER) !== 0) continue;
      seen ^= word(rows, ((held & NUMBER) - 1) * width);
    }
    this.seen = seen;
    for (let i = 0; i < count; i++) {
      const number = this.addHashed(tuples, i * width, word(numbers, i));
      numbers[i] = this.fresh ? -1 - number : number;
    }
  }

  private addHashed(values: Int32Array, from: number, hash: number): number {
    const { slots, mask } = this;
    const tag = hash & ~NUMBER;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      // Where a tuple stands is learned from its number alone, so no processor reads it before it was written.
      let held = word(slots, place);
      if (held === 0) {
        held = Atomics.compareExchange(slots, place, 0, BUSY);
        if (held === 0) return this.enter(values, from, place, tag);
      }
      while (held === BUSY) held = Atomics.load(slots, place);
      if ((held & ~NUMBER) !== tag) continue;
      const number = (held & NUMBER) - 1;
      if (this.holds(number, values, from)) {
        this.fresh = false;
        return number;
      }
    }
  }

  private enter(values: Int32Array, from: number, place: number, tag: number): number {
    const { width, rows } = this;
    const number = Atomics.add(this.memory.count, 0, 1);
    const row = number * width;
    for (let i = 0; i < width; i++) rows[row + i] = word(values, from + i);
    Atomics.store(this.slots, place, tag | (number + 1));
    this.fresh = true;
    return number;
  }

  private holds(number: number, values: Int32Array, from: number): boolean {
    const { width, rows } = this;
    const row = number * width;
    for (let i = 0; i < width; i++) if (rows[row + i] !== values[from + i]) return false;
    return true;
  }

  /** Copies a tuple into `out` from `at` on. */
  copy(number: number, out: Int32Array, at: number): void {
    const { width, rows } = this;
    const row = number * width;
    for (let i = 0; i < width; i++) out[at + i] = word(rows, row + i);
  }

  /** One word of a tuple. */
  part(number: number, index: number): number {
    return word(this.rows, number * this.width + index);
  }

  /** The rows of so many tuples, to be written out, or to be filled and then adopted. */
  section(count: number): Words {
    return this.rows.subarray(0, count * this.width);
  }

  /** Takes over rows that were filled from outside. False where a part is not allowed or a tuple comes twice. */
  adopt(count: number, allowed: (part: number, index: number) => boolean): boolean {
    const { width, rows } = this;
    while (!this.hasRoom(count)) this.grow();
    for (let number = 0; number < count; number++) {
      for (let i = 0; i < width; i++) if (!allowed(word(rows, number * width + i), i)) return false;
      if (this.add(rows, number * width) !== number || !this.fresh) return false;
    }
    return true;
  }

  /** Moves to twice as many places; the other threads must wait, and take up what is returned. */
  grow(): Words {
    const { width, rows } = this;
    const slots = words(this.slots.length * 2);
    const mask = slots.length - 1;
    const { count } = this;
    for (let number = 0; number < count; number++) {
      const hash = hashOf(rows, number * width, width);
      let place = hash & mask;
      while (slots[place] !== 0) place = (place + 1) & mask;
      slots[place] = (hash & ~NUMBER) | (number + 1);
    }
    this.memory.slots = slots;
    this.refresh(slots);
    return slots;
  }
}
