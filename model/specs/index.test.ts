import { describe, expect, it } from 'vitest';
import { createSpec, isSpecName, SPEC_NAMES, specFault, SPECS } from './index.ts';
import { keyOf, permuted, reading, searchAll, successors, type Row } from './testing.ts';
import { sampled } from '../testing.ts';

describe('the list of specs', () => {
  it('has names, sentences and bounds for a command line', () => {
    expect(SPEC_NAMES).toEqual([
      'isr-kip-320',
      'isr-kip-279',
      'isr-kip-101',
      'isr-truncate-to-high-watermark',
      'two-phase-commit',
    ]);
    for (const { name, says, parameters } of SPECS) {
      expect(isSpecName(name)).toBe(true);
      expect(createSpec(name).name).toBe(name);
      expect(says).not.toBe('');
      for (const { min, max, byDefault } of parameters) {
        expect(byDefault).toBeGreaterThanOrEqual(min);
        expect(byDefault).toBeLessThanOrEqual(max);
      }
    }
    expect(isSpecName('toString')).toBe(false);
  });

  it('builds a spec within the bounds that are given', () => {
    expect(createSpec('isr-kip-320', { replicas: 2 }).slots.map(({ name }) => name)).toEqual([
      'leadership of the quorum',
      'ISR of the quorum',
      'next record',
      'leadership that replica 0 believes in',
      'ISR that replica 0 believes in',
      'log of replica 0',
      'high watermark of replica 0',
      'leadership that replica 1 believes in',
      'ISR that replica 1 believes in',
      'log of replica 1',
      'high watermark of replica 1',
      'leader in the request of epoch 0',
      'ISR in the request of epoch 0',
      'leader in the request of epoch 1',
      'ISR in the request of epoch 1',
      'leader in the request of epoch 2',
      'ISR in the request of epoch 2',
    ]);
    expect(createSpec('two-phase-commit', { 'resource-managers': 5 }).slots).toHaveLength(7);
  });

  it.each([
    [{ replica: 2 }, 'isr-kip-320 has no replica; it has replicas, log-size, records, epochs'],
    [{ replicas: 0 }, 'replicas must be a whole number from 1 to 6, got 0'],
    [{ records: 1.5 }, 'records must be a whole number from 1 to 15, got 1.5'],
  ])('says what is wrong with %j', (bounds, fault) => {
    expect(specFault('isr-kip-320', bounds)).toBe(fault);
    expect(() => createSpec('isr-kip-320', bounds)).toThrow(new RangeError(fault));
  });
});

describe.each(SPEC_NAMES)('%s', (name) => {
  const space = createSpec(name, name === 'two-phase-commit' ? {} : { replicas: 2 });
  const states: Row[] = [];
  searchAll(space, { visit: (row) => void states.push(row) });

  it('gives no two actions one label', () => {
    const labels = space.actions.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('can take each of its actions', () => {
    const taken = new Set(states.flatMap((row) => successors(space, row).map(({ label }) => label)));
    expect(space.actions.filter(({ label }) => !taken.has(label)).map(({ label }) => label)).toEqual([]);
  });

  it('keeps to its shapes', () => {
    const faults = states.flatMap((row) =>
      space.slots.flatMap(({ name: path, shape }, slot) => shape.fault(row[slot], path) ?? []),
    );
    expect(faults).toEqual([]);
  });

  it('writes a slot at most once, and nothing where it is not enabled', () => {
    const wrong = new Set<string>();
    for (const row of states) {
      for (const { label, take } of space.actions) {
        const written: number[] = [];
        const taken = take(reading(row), (slot) => void written.push(slot));
        if (new Set(written).size !== written.length || (!taken && written.length > 0)) wrong.add(label);
      }
    }
    expect([...wrong]).toEqual([]);
  });

  // One state is as good as another: what comes next is compared for each.
  it('behaves the same under new names', () => {
    const { symmetry } = space;
    if (symmetry === undefined) throw new Error('no symmetry');
    const after = (row: Row): string[] => successors(space, row).map((next) => keyOf(space, next.row));
    const broken = (row: Row) =>
      new Set(space.invariants.filter(({ check }) => check(reading(row)) !== undefined).map(({ id }) => id));
    for (let permutation = 0; permutation < symmetry.permutations; permutation++) {
      expect(keyOf(space, permuted(symmetry, permutation, space.initial))).toBe(keyOf(space, space.initial));
      for (const row of sampled(states, 7)) {
        const renamed = permuted(symmetry, permutation, row);
        const wanted = successors(space, row).map((next) =>
          keyOf(space, permuted(symmetry, permutation, next.row)),
        );
        expect(after(renamed).toSorted()).toEqual(wanted.toSorted());
        expect(broken(renamed)).toEqual(broken(row));
      }
    }
  });
});
