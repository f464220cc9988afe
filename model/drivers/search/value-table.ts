/**
 * Every distinct value of a slot gets a number, the same in all threads. Exact: encodings are compared. Each thread
 * keeps the values themselves, decoded when it first meets the number.
 */
import type { Shape } from '../../protocol/base/shape.ts';
import { OUTGROWN } from './tuple-table.ts';
import { hashOf, hashOfList, powerOfTwo, word, words, type Words, item } from './words.ts';

/** What threads share of a table. */
export interface ValueMemory {
  /** Words of encodings, and how many values there are. */
  readonly counts: Words;
  /** Encodings one after the other: length, number of the shape, content. */
  readonly encodings: Words;
  /** By number: where its encoding begins. */
  readonly starts: Words;
  slots: Words;
}

const BUSY = -1;
const WORDS_USED = 0;
const VALUES = 1;
/** No encoding takes more. */
const MOST_WORDS = 256;
/** So many words stay unused, and cost nothing, so that room for values that never come does not end a search early. */
const SPARE = 1 << 26;

/** Room for encodings of so many words together. */
export function valueMemory(capacity: number, expected = 1 << 12): ValueMemory {
  return {
    counts: words(2),
    encodings: words(capacity + SPARE),
    // No encoding is shorter than three words.
    starts: words(Math.ceil((capacity + SPARE) / 3)),
    slots: words(powerOfTwo(expected * 2)),
  };
}

export class ValueTable {
  private readonly memory: ValueMemory;
  private slots: Words;
  private mask: number;
  private readonly values: unknown[] = [];
  private readonly known = new Map<object, number>();
  private readonly shapes: readonly Shape<unknown>[];
  private readonly scratch: number[] = [];
  /** How many values this thread has entered. */
  entered = 0;

  constructor(memory: ValueMemory, shapes: readonly Shape<unknown>[]) {
    this.memory = memory;
    this.shapes = shapes;
    this.slots = memory.slots;
    this.mask = this.slots.length - 1;
  }

  refresh(slots: Words): void {
    this.slots = slots;
    this.mask = slots.length - 1;
  }

  get count(): number {
    return Atomics.load(this.memory.counts, VALUES);
  }

  hasRoom(more: number): boolean {
    return (this.count + more) * 2 <= this.slots.length;
  }

  /** The same, at the cost of longer look-ups: where there is no memory to grow. */
  hasTightRoom(more: number): boolean {
    return (this.count + more) * 8 <= this.slots.length * 7;
  }

  /** Words in use with `more` values, in as many places as there are or in as many as it would grow to. */
  wordsWith(more: number, grown: boolean): number {
    const { count } = this;
    const used = Atomics.load(this.memory.counts, WORDS_USED);
    const each = used / Math.max(count, 1) + 1;
    let places = this.slots.length;
    while (grown && (count + more) * 2 > places) places *= 2;
    return used + count + Math.ceil(more * each) + places * OUTGROWN;
  }

  /** Forgets the values themselves: they can be decoded again. */
  forget(): void {
    this.values.length = 0;
    this.known.clear();
  }

  fits(more: number): boolean {
    const { starts, encodings, counts } = this.memory;
    return (
      this.count + more <= starts.length &&
      Atomics.load(counts, WORDS_USED) + more * MOST_WORDS <= encodings.length
    );
  }

  /** The number of a value of the shape with this index. */
  numberOf(shape: number, value: unknown): number {
    if (typeof value === 'object' && value !== null) {
      const known = this.known.get(value);
      if (known !== undefined) return known;
    }
    const { scratch } = this;
    scratch.length = 0;
    scratch.push(shape);
    this.shapeOf(shape).encode(value, scratch);
    const number = this.intern();
    // The first object met with a number stands for the value from now on.
    if (this.values[number] === undefined) {
      this.values[number] = value;
      if (typeof value === 'object' && value !== null) this.known.set(value, number);
    }
    return number;
  }

  /** The value with a number. */
  valueOf(number: number): unknown {
    const known = this.values[number];
    if (known !== undefined) return known;
    const { encodings, starts } = this.memory;
    const start = word(starts, number);
    const from = { values: encodings, at: start + 2 };
    const value = this.shapeOf(word(encodings, start + 1)).decode(from);
    this.values[number] = value;
    if (typeof value === 'object' && value !== null) this.known.set(value, number);
    return value;
  }

  private shapeOf(index: number): Shape<unknown> {
    const shape = this.shapes[index];
    if (shape === undefined) throw new RangeError(`no shape ${index}`);
    return shape;
  }

  private intern(): number {
    const { scratch, slots, mask } = this;
    for (let place = hashOfList(scratch) & mask; ; place = (place + 1) & mask) {
      let held = Atomics.load(slots, place);
      if (held === 0) {
        held = Atomics.compareExchange(slots, place, 0, BUSY);
        if (held === 0) return this.enter(place);
      }
      while (held === BUSY) held = Atomics.load(slots, place);
      if (this.holds(held - 1)) return held - 1;
    }
  }

  private enter(place: number): number {
    const { scratch, memory } = this;
    const { counts, encodings, starts } = memory;
    const start = Atomics.add(counts, WORDS_USED, scratch.length + 1);
    const number = Atomics.add(counts, VALUES, 1);
    this.entered++;
    if (start + scratch.length >= encodings.length) throw new Error('no room for the encoding of a value');
    encodings[start] = scratch.length;
    for (let i = 0; i < scratch.length; i++) encodings[start + 1 + i] = item(scratch, i);
    starts[number] = start;
    Atomics.store(this.slots, place, number + 1);
    return number;
  }

  private holds(number: number): boolean {
    const { scratch, memory } = this;
    const { encodings, starts } = memory;
    const start = word(starts, number);
    if (encodings[start] !== scratch.length) return false;
    for (let i = 0; i < scratch.length; i++) if (encodings[start + 1 + i] !== scratch[i]) return false;
    return true;
  }

  /** The encoding of a value, and before it the index of its shape. */
  encodingOf(number: number): Int32Array {
    const { encodings, starts } = this.memory;
    const start = word(starts, number);
    return encodings.subarray(start + 1, start + 1 + word(encodings, start));
  }

  /** Words that the encodings take. */
  get used(): number {
    return Atomics.load(this.memory.counts, WORDS_USED);
  }

  /** So many words of encodings, to be written out, or to be filled and then adopted. */
  section(length: number): Words {
    return this.memory.encodings.subarray(0, length);
  }

  /**
   * Takes over encodings that were filled from outside. False where one is not what its shape would write. Values that
   * were entered before must be the first of them.
   */
  adopt(length: number): boolean {
    const { encodings } = this.memory;
    let number = 0;
    for (let at = 0; at < length; number++) {
      const size = word(encodings, at);
      if (size < 1 || at + size >= length) return false;
      if (!this.isCanonical(encodings.slice(at + 1, at + 1 + size))) return false;
      while (!this.hasRoom(1)) this.grow();
      if (this.intern() !== number) return false;
      at += size + 1;
    }
    return number === this.count;
  }

  /** Whether this is what the shape writes for the value that it reads; leaves that in `scratch`. */
  private isCanonical(encoding: Int32Array): boolean {
    const { scratch } = this;
    const index = word(encoding, 0);
    const shape = this.shapes[index];
    if (shape === undefined) return false;
    scratch.length = 0;
    scratch.push(index);
    try {
      const value = shape.decode({ values: encoding, at: 1 });
      if (shape.fault(value, '') !== undefined) return false;
      shape.encode(value, scratch);
    } catch {
      // A decoder stops at the end of what it is given.
      return false;
    }
    return scratch.length === encoding.length && scratch.every((held, i) => held === encoding[i]);
  }

  /** Whether there is such a value, of the shape with this index. */
  isOf(number: number, shape: number): boolean {
    const { encodings, starts } = this.memory;
    return number >= 0 && number < this.count && encodings[word(starts, number) + 1] === shape;
  }

  /** Moves to twice as many places; the other threads must wait, and take up what is returned. */
  grow(): Words {
    const { encodings, starts } = this.memory;
    const slots = words(this.slots.length * 2);
    const mask = slots.length - 1;
    const { count } = this;
    for (let number = 0; number < count; number++) {
      const start = word(starts, number);
      let place = hashOf(encodings, start + 1, word(encodings, start)) & mask;
      while (slots[place] !== 0) place = (place + 1) & mask;
      slots[place] = number + 1;
    }
    this.memory.slots = slots;
    this.refresh(slots);
    return slots;
  }
}
