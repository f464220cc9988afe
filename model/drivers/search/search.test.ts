/** The engine against machines whose answers are known: published counts, formulas, and a search that is plain. */
import { describe, expect, it } from 'vitest';
import { explorableSpace } from './spec.ts';
import { exploreHere, statesOf } from './testing.ts';
import type { Explorable } from './explorable.ts';
import type { Space } from '../../specs/space.ts';
import { int, type Shape } from '../../protocol/base/shape.ts';
import { createSpec } from '../../specs/index.ts';
import { keyOf, permuted, searchAll } from '../../specs/testing.ts';
import { FULL } from '../../testing.ts';

/** The machine with one of its invariants only. */
function only(space: Space, id: string): Explorable {
  return explorableSpace({ ...space, invariants: space.invariants.filter((known) => known.id === id) });
}

/** States that the stored ones stand for: each counts with all that differ from it by names only. */
function orbitsOf(space: Space, rows: readonly unknown[][]): number {
  const { symmetry } = space;
  if (symmetry === undefined) throw new Error('no symmetry');
  const images = Array.from({ length: symmetry.permutations }, (_, permutation) => permutation);
  return rows.reduce(
    (sum, row) => sum + new Set(images.map((image) => keyOf(space, permuted(symmetry, image, row)))).size,
    0,
  );
}

describe('two-phase commit', () => {
  const power = (n: number): number => 4 ** n + 6 ** n + 2 ** n;
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  const multisets = (n: number): number => choose(n + 3, n) + choose(n + 5, n) + choose(n + 1, n);

  it.each([
    [3, 288],
    [5, 8832],
  ])('of %i resource managers has %i states, and with symmetry a multiset each', (n, distinct) => {
    const space = createSpec('two-phase-commit', { 'resource-managers': n });
    const whole = exploreHere(explorableSpace(space));
    expect(power(n)).toBe(distinct);
    expect(whole.end).toBe('complete');
    expect(whole.totals).toMatchObject({ states: distinct, depth: 3 * n + 2, frontier: 0 });
    const reduced = exploreHere(explorableSpace(space), { symmetry: true });
    expect(reduced.totals).toMatchObject({ states: multisets(n), depth: 3 * n + 2 });
    expect(orbitsOf(space, statesOf(explorableSpace(space), reduced.hand))).toBe(distinct);
  });
});

describe('the abstract ISR specs with two replicas', () => {
  it.each([
    ['isr-kip-279', 9027],
    ['isr-kip-320', 5973],
  ] as const)('%s holds in %i states', (name, distinct) => {
    const space = createSpec(name, { replicas: 2 });
    const { end, totals } = exploreHere(explorableSpace(space));
    expect(end).toBe('complete');
    expect(totals).toMatchObject({ states: distinct, depth: searchAll(space).depth });
    const reduced = exploreHere(explorableSpace(space), { symmetry: true });
    // With two replicas an orbit has one state or two; only the first state looks the same to both.
    expect(reduced.totals).toMatchObject({ states: (distinct + 1) / 2, depth: totals.depth });
    expect(orbitsOf(space, statesOf(explorableSpace(space), reduced.hand))).toBe(distinct);
  });

  it.each([
    ['isr-truncate-to-high-watermark', 'weak-isr', 9],
    ['isr-truncate-to-high-watermark', 'strong-isr', 10],
    ['isr-kip-101', 'weak-isr', 12],
    ['isr-kip-101', 'strong-isr', 12],
  ] as const)('%s breaks %s, and the shortest trace has %i states', (name, id, states) => {
    const space = createSpec(name, { replicas: 2 });
    for (const symmetry of [false, true]) {
      const { end, actions, broken } = exploreHere(only(space, id), { symmetry });
      expect(end).toBe('broken');
      expect(broken).toEqual([id]);
      expect(actions).toHaveLength(states - 1);
      // The machine itself takes these actions, and what they lead to is broken.
      let row = space.initial;
      for (const action of actions ?? []) {
        const next = [...row];
        const read = (slot: number): unknown => row[slot];
        expect(space.actions[action]?.take(read, (slot, value) => (next[slot] = value))).toBe(true);
        row = next;
      }
      const wrong = space.invariants.filter(({ check }) => check((slot) => row[slot]) !== undefined);
      expect(wrong.map((invariant) => invariant.id)).toContain(id);
    }
  });

  it('counts a break that is tolerated, and goes on', () => {
    const space = createSpec('isr-kip-101', { replicas: 2 });
    const { end, totals } = exploreHere(explorableSpace(space), { tolerated: ['weak-isr', 'strong-isr'] });
    expect(end).toBe('complete');
    expect(totals.states).toBe(searchAll(space).distinct);
    expect(totals.brokenTolerated['weak-isr']).toBeGreaterThan(0);
  });
});

describe('the abstract ISR specs with three replicas', () => {
  it.runIf(FULL)('of isr-kip-320 have 123,311 states that differ in more than names', () => {
    const { end, totals } = exploreHere(explorableSpace(createSpec('isr-kip-320')), { symmetry: true });
    expect({ end, states: totals.states, depth: totals.depth }).toEqual({
      end: 'complete',
      states: 123_311,
      depth: 26,
    });
  });

  it.runIf(FULL)('of isr-kip-320 have 737,794 states at a depth of 26', () => {
    const { end, totals } = exploreHere(explorableSpace(createSpec('isr-kip-320')), {
      bytes: 256 * 1024 * 1024,
    });
    expect({ end, states: totals.states, depth: totals.depth }).toEqual({
      end: 'complete',
      states: 737_794,
      depth: 26,
    });
  });

  it.runIf(FULL).each([
    ['isr-truncate-to-high-watermark', 'weak-isr', 9],
    ['isr-truncate-to-high-watermark', 'strong-isr', 9],
    ['isr-kip-101', 'weak-isr', 11],
    ['isr-kip-101', 'strong-isr', 11],
    ['isr-kip-279', 'weak-isr', 11],
    ['isr-kip-279', 'strong-isr', 11],
  ] as const)('%s breaks %s, and the shortest trace has %i states', (name, id, states) => {
    const { actions, broken } = exploreHere(only(createSpec(name), id), { symmetry: true });
    expect(broken).toEqual([id]);
    expect(actions).toHaveLength(states - 1);
  });
});

/** One number that goes up by one or two, to `most`. */
function counter(most: number, wrongAt = -1): Space {
  const shape = int(0, most) as Shape<unknown>;
  return {
    name: 'counter',
    slots: [{ name: 'count', shape }],
    initial: [0],
    actions: [1, 2].map((by) => ({
      label: `adds ${by}`,
      take: (read, write) => {
        const next = (read(0) as number) + by;
        if (next > most) return false;
        write(0, next);
        return true;
      },
    })),
    invariants: [
      {
        id: 'right',
        promise: 'It is never wrong.',
        check: (read) => (read(0) === wrongAt ? 'wrong' : undefined),
      },
    ],
  };
}

describe('a search', () => {
  it('finds the shortest way', () => {
    expect(exploreHere(explorableSpace(counter(20, 9))).actions).toHaveLength(5);
    expect(exploreHere(explorableSpace(counter(20, 8))).actions).toEqual([1, 1, 1, 1]);
  });

  it('finds what is wrong before anything has happened', () => {
    expect(exploreHere(explorableSpace(counter(9, 0)))).toMatchObject({
      end: 'broken',
      actions: [],
      broken: ['right'],
    });
  });

  it('counts every transition, those that lead to known states too', () => {
    expect(exploreHere(explorableSpace(counter(10)))).toMatchObject({
      end: 'complete',
      totals: { states: 11, transitions: 19, depth: 6, frontier: 0 },
    });
  });

  it('stops at a depth and at a number of states, and says what is left', () => {
    expect(exploreHere(explorableSpace(counter(100)), { limits: { depth: 3 } })).toMatchObject({
      end: 'depth',
      totals: { depth: 3, states: 7, frontier: 2 },
    });
    const { end, totals } = exploreHere(explorableSpace(createSpec('isr-kip-320')), {
      limits: { states: 5_000 },
    });
    expect(end).toBe('states');
    expect(totals.states).toBeGreaterThanOrEqual(5_000);
    expect(totals.frontier).toBeGreaterThan(0);
  });

  it('does not follow a transition beyond a bound, and counts it', () => {
    const bounded: Explorable = {
      ...explorableSpace(counter(100)),
      bounds: [{ name: 'count', limit: 5, slots: [0], weight: Number }],
    };
    expect(exploreHere(bounded)).toMatchObject({
      end: 'complete',
      // From 4 one leads beyond, from 5 two.
      totals: { states: 6, transitions: 9, cuts: [3, 0] },
    });
  });
});

describe('a state that more follows than there is room for', () => {
  const SIDE = 265;
  const slot = { name: 'at', shape: int(0, SIDE - 1) as Shape<unknown> };
  /** From the first state to each of all others at once. */
  const burst: Explorable = {
    slots: [slot, slot],
    initial: [0, 0],
    groups: [[0], [1]],
    families: 1,
    offersAreEnabled: true,
    choices: (_family, read, offer) => {
      if (read(0) !== 0 || read(1) !== 0) return;
      for (let label = 1; label < SIDE * SIDE; label++) offer(label);
    },
    take: (label, _read, write) => {
      write(0, Math.floor(label / SIDE));
      write(1, label % SIDE);
      return undefined;
    },
    judge: () => ({ broken: [], met: [] }),
    checks: [],
    bounds: [],
    describe: String,
  };

  it('is expanded again once there is, and none is lost', () => {
    const { end, totals } = exploreHere(burst);
    expect(end).toBe('complete');
    expect(totals).toMatchObject({
      states: SIDE * SIDE,
      transitions: SIDE * SIDE - 1,
      frontier: 0,
      depth: 2,
    });
  });
});
