import { describe, expect, it } from 'vitest';
import { Heap } from './heap.ts';

const MIB = 1024 * 1024;

/** Remembers so many bytes until it is told to forget. */
class Remembers {
  rememberedBytes: number;
  constructor(bytes: number) {
    this.rememberedBytes = bytes;
  }
  forget(): void {
    this.rememberedBytes = 0;
  }
}

describe('what one thread remembers', () => {
  it('is kept while it fits into its share', () => {
    const hand = new Remembers(0);
    const heap = new Heap(hand, 1024 * MIB);
    hand.rememberedBytes = 8 * MIB;
    heap.keep();
    expect(hand.rememberedBytes).toBe(8 * MIB);
  });

  it('is forgotten by all who share it once together they remember too much', () => {
    const hand = new Remembers(0);
    const other = new Remembers(0);
    const heap = new Heap(hand, 64 * MIB);
    heap.watch(other);
    hand.rememberedBytes = 1;
    other.rememberedBytes = 512 * MIB;
    heap.keep();
    expect([hand.rememberedBytes, other.rememberedBytes]).toEqual([0, 0]);
  });
});
