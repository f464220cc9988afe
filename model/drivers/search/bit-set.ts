/**
 * A set that may take something new for known: three bits for each member, in places that its hash gives. It takes a
 * few bits a member where a table takes dozens of bytes.
 */
import { powerOfTwo, word, words, type Words } from './words.ts';

const HASHES = 3;
/** A hash has 32 bits, so that more bits than this would stay empty. */
const MOST_BITS = 2 ** 32;

export class BitSet {
  private readonly bits: Words;
  private readonly mask: number;
  private ones = 0;
  private missed = 0;

  /** Takes the biggest power of two that does not exceed `bytes`. */
  constructor(bytes: number) {
    const size = Math.min(powerOfTwo(bytes * 8 + 1) / 2, MOST_BITS);
    this.bits = words(size / 32);
    this.mask = size - 1;
  }

  get size(): number {
    return this.mask + 1;
  }

  /** Share of the bits that are set: the cube of it is how likely something new is taken for known. */
  get fill(): number {
    return this.ones / this.size;
  }

  /** How many new members have been taken for known, as expected from how full the set was at each time. */
  get expectedMissed(): number {
    return this.missed;
  }

  /** Adds what has these two hashes. False where it seems to be known. */
  add(first: number, second: number): boolean {
    const before = this.ones;
    const step = second | 1;
    let at = first;
    for (let i = 0; i < HASHES; i++) {
      const bit = (at & this.mask) >>> 0;
      const index = Math.floor(bit / 32);
      const held = word(this.bits, index);
      const flag = 1 << (bit & 31);
      if ((held & flag) === 0) {
        this.bits[index] = held | flag;
        this.ones++;
      }
      at = (at + step) | 0;
    }
    if (this.ones === before) return false;
    const chance = (before / this.size) ** HASHES;
    this.missed += chance / (1 - chance);
    return true;
  }
}
