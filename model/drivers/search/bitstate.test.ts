import { describe, expect, it } from 'vitest';
import { createSpec, type SpecName } from '../../specs/index.ts';
import { BitSet } from './bit-set.ts';
import { BitSearch, type BitOptions } from './bitstate.ts';
import { explorableSpace } from './spec.ts';

function sweep(name: SpecName, replicas: number, more: Partial<BitOptions> = {}) {
  const space = createSpec(name, { replicas });
  const search = new BitSearch(explorableSpace(space), {
    symmetry: false,
    tolerated: [],
    bitBytes: 1 << 20,
    pendingBytes: 1 << 20,
    seed: 0,
    depth: 60,
    states: Infinity,
    ...more,
  });
  const run = search.run(() => true);
  let turn = run.next();
  while (turn.done !== true) turn = run.next();
  return { end: turn.value, totals: search.totals(), found: search.found, space };
}

it('a set of bits knows how many new members it takes for known', () => {
  const set = new BitSet(1 << 13);
  let missed = 0;
  let random = 1;
  const next = (): number => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0);
  for (let i = 0; i < 20_000; i++) if (!set.add(next() ^ (next() >>> 16), next() >>> 9)) missed++;
  expect(missed / set.expectedMissed).toBeGreaterThan(0.8);
  expect(missed / set.expectedMissed).toBeLessThan(1.25);
});

describe('bitstate search', () => {
  it.each([
    ['isr-truncate-to-high-watermark', 2, 0],
    ['isr-kip-101', 2, 1],
    ['isr-kip-279', 3, 2],
  ] as const)('finds what breaks %s, as a run that really breaks it', (name, replicas, seed) => {
    const { end, found, space } = sweep(name, replicas, { seed });
    expect(end).toBe('broken');
    const state = [...space.initial];
    for (const label of found?.actions ?? []) {
      const before = [...state];
      const taken = space.actions[label]?.take(
        (slot) => before[slot],
        (slot, value) => void (state[slot] = value),
      );
      expect(taken).toBe(true);
    }
    const broken = space.invariants.filter(({ check }) => check((slot) => state[slot]) !== undefined);
    expect(broken.map(({ id }) => id)).toEqual(found?.broken);
  });

  it('meets every state where the bits are many', () => {
    const { end, totals } = sweep('isr-kip-320', 2);
    expect([end, totals.states, totals.tooDeep]).toEqual(['swept', 5973, 0]);
    expect(totals.missed).toBeLessThan(0.1);
  });

  it('expects the omissions that there are where they are few, and what only they lead to is more', () => {
    const runs = [0, 1, 2, 3].map((seed) => sweep('isr-kip-320', 2, { bitBytes: 1 << 12, seed }).totals);
    const missed = runs.reduce((sum, totals) => sum + totals.missed, 0);
    const really = runs.reduce((sum, { states }) => sum + 5973 - states, 0);
    expect(really).toBeGreaterThan(missed);
    expect(really).toBeLessThan(6 * missed);
    expect(new Set(runs.map(({ states }) => states)).size).toBeGreaterThan(1);
  });

  it('does the same again with the same seed', () => {
    const twice = [5, 5].map((seed) => sweep('isr-kip-320', 2, { bitBytes: 1 << 12, seed }).totals);
    expect(twice[0]).toEqual(twice[1]);
  });
});
