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
  it('ends where what is stored would take more, and not long before', () => {
    const { end, totals, bytes } = search(3, 4 * MIB, () => undefined);
    expect(end).toBe('memory');
    expect(bytes).toBeLessThanOrEqual(4 * MIB);
    expect(bytes).toBeGreaterThan(2 * MIB);
    expect(totals.states).toBeGreaterThan(20_000);
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
