import { describe, expect, it } from 'vitest';
import { searchAll, successors, type Row } from './testing.ts';
import { createTwoPhaseCommit } from './two-phase-commit.ts';

/**
 * In how many ways a resource manager can be, as long as the transaction manager has decided nothing (working, aborted,
 * prepared and heard or not), has aborted (as before, or aborted after it had prepared), has committed (told or not).
 */
const WAYS = [4, 6, 2];

const power = (n: number): number => WAYS.reduce((sum, ways) => sum + ways ** n, 0);

/** Multisets of `n` out of so many ways. */
const multisets = (n: number): number => WAYS.reduce((sum, ways) => sum + binomial(n + ways - 1, n), 0);
const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k);

describe('two-phase commit', () => {
  it.each([
    [3, 288],
    [5, 8832],
  ])('with %i resource managers has %i states', (resourceManagers, distinct) => {
    expect(power(resourceManagers)).toBe(distinct);
    // The longest way: each prepares, is heard, and is told to commit; the decision; and the state before all that.
    const depth = 3 * resourceManagers + 2;
    expect(searchAll(createTwoPhaseCommit({ resourceManagers }))).toEqual({ distinct, depth, broken: {} });
  });

  it.each([1, 2, 3, 4])('with %i interchangeable resource managers has a state per multiset', (n) => {
    const { distinct } = searchAll(createTwoPhaseCommit({ resourceManagers: n }), { orbits: true });
    expect(distinct).toBe(multisets(n));
  });

  describe('of two', () => {
    const space = createTwoPhaseCommit({ resourceManagers: 2 });
    const labels = (row: Row): string[] => successors(space, row).map(({ label }) => label);
    const silent = { prepared: 0, commit: false, abort: false };

    it('begins with nobody prepared', () => {
      expect(labels(space.initial)).toEqual([
        'the transaction manager aborts',
        'resource manager 0 prepares',
        'resource manager 0 chooses to abort',
        'resource manager 1 prepares',
        'resource manager 1 chooses to abort',
      ]);
    });

    it('commits only once both have been heard', () => {
      const messages = { ...silent, prepared: 0b11 };
      const one: Row = [{ decision: 'none', prepared: 0b01 }, messages, 'prepared', 'prepared'];
      const both: Row = [{ decision: 'none', prepared: 0b11 }, messages, 'prepared', 'prepared'];
      expect(labels(one)).not.toContain('the transaction manager commits');
      expect(successors(space, both)).toContainEqual({
        label: 'the transaction manager commits',
        row: [
          { decision: 'committed', prepared: 0b11 },
          { ...messages, commit: true },
          'prepared',
          'prepared',
        ],
      });
    });

    it('says who disagrees', () => {
      const row: Row = [{ decision: 'none', prepared: 0 }, silent, 'committed', 'aborted'];
      const found = space.invariants.map(({ check }) => check((slot) => row[slot]));
      expect(found).toEqual(['resource manager 0 has committed, resource manager 1 has aborted', undefined]);
    });
  });
});
