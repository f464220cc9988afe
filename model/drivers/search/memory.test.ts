import { describe, expect, it } from 'vitest';
import { createSpec } from '../../specs/index.ts';
import { control, Hand } from './hand.ts';
import { Search, type Others } from './search.ts';
import { explorableSpace } from './spec.ts';
import { storeMemory } from './store.ts';

const MIB = 1024 * 1024;

function search(replicas: number, bytes: number, eachLevel: (hand: Hand) => void) {
  const machine = explorableSpace(createSpec('isr-kip-320', { replicas }));
  const hand = new Hand(machine, storeMemory(machine, bytes), { symmetry: false, tolerated: [] });
  const nobody: Others = {
    size: 0,
    begin: () => {
      eachLevel(hand);
    },
    finished: () => [],
  };
  const found = new Search(hand, control(), {}, nobody);
  const run = found.run(() => true);
  let turn = run.next();
  while (turn.done !== true) turn = run.next();
  return { end: turn.value, totals: found.totals(), bytes: hand.store.bytes };
}

describe('memory of a search', () => {
  // Tables run out of places at one size, and of rows at another.
  it.each([3, 3.5, 4].map((mib) => mib * MIB))('ends where more would be stored than %d bytes', (bytes) => {
    const { end, totals, bytes: stored } = search(3, bytes, () => undefined);
    expect(end).toBe('memory');
    expect(stored).toBeLessThanOrEqual(bytes);
    expect(stored).toBeGreaterThan(bytes / 3);
    expect(totals.states).toBeGreaterThan(3000);
  });

  it('goes on with the same result after everything that can be worked out again was forgotten', () => {
    let forgotten = 0;
    const { end, totals } = search(2, 64 * MIB, (hand) => {
      hand.forget();
      forgotten++;
    });
    expect(forgotten).toBeGreaterThan(10);
    expect({ end, states: totals.states }).toEqual({ end: 'complete', states: 5973 });
  });
});
