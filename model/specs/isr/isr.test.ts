/** The variants against the published answers for them (TLA+ specs of this family, run with TLC). */
import { describe, expect, it } from 'vitest';
import { keyOf, permuted, representative, searchAll, type Row } from '../testing.ts';
import { createIsrSpec, type IsrVariant } from './index.ts';

const spec = (variant: IsrVariant) =>
  createIsrSpec({ variant, replicas: 2, logSize: 2, records: 2, epochs: 2 });

describe('two replicas, two records, three epochs', () => {
  it.each([
    ['truncate-to-high-watermark', { 'weak-isr': 9, 'strong-isr': 10 }],
    ['kip-101', { 'weak-isr': 12, 'strong-isr': 12 }],
  ] as const)('%s is broken, and the shortest traces have as many states as published', (variant, broken) => {
    expect(searchAll(spec(variant), { untilBroken: true }).broken).toEqual(broken);
    expect(searchAll(spec(variant), { untilBroken: true, orbits: true }).broken).toEqual(broken);
  });

  it.each([
    ['kip-279', 9027],
    ['kip-320', 5973],
  ] as const)('%s holds in %i states', (variant, distinct) => {
    expect(searchAll(spec(variant))).toMatchObject({ distinct, broken: {} });
  });
});

describe('renaming replicas', () => {
  it.each(['truncate-to-high-watermark', 'kip-101', 'kip-279', 'kip-320'] as const)(
    'of %s turns states into states, and their orbits add up',
    (variant) => {
      const space = spec(variant);
      const states: Row[] = [];
      const { distinct, depth } = searchAll(space, { visit: (row) => void states.push(row) });
      const keys = new Set(states.map((row) => keyOf(space, row)));
      const found = new Set<string>();
      for (const row of states) {
        found.add(keyOf(space, representative(space, row)));
      }
      const renamed = states.map((row) => keyOf(space, permuted(space.symmetry!, 1, row)));
      expect(new Set(renamed)).toEqual(keys);
      const reduced = searchAll(space, { orbits: true });
      expect(reduced).toMatchObject({ distinct: found.size, depth });
      // With two replicas an orbit has one state or two; only the first state looks the same to both.
      expect(reduced.distinct * 2 - 1).toBe(distinct);
    },
  );
});
