import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Passed } from './passed.ts';

const WIDTH = 3;
const MANY = 150_000;

/** Goes through a moment with this key, from which nothing goes on. */
function pass(passed: Passed, key: readonly number[], transitions: number, cuts: number): void {
  passed.key.set(key);
  const place = passed.count;
  passed.enter(passed.hash());
  passed.leave(place, transitions, cuts);
}

function known(passed: Passed, key: readonly number[]): readonly number[] | undefined {
  passed.key.set(key);
  const at = passed.find(passed.hash());
  return at < 0 ? undefined : [passed.transitionsAt(at), passed.cutsAt(at)];
}

describe('moments that were gone through', () => {
  it('are known by their whole key, with what came of them', () => {
    const word = fc.integer({ min: -2, max: 2 });
    const keys = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(keys, keys, (some, others) => {
        const passed = new Passed(WIDTH);
        const counts = new Map<string, readonly number[]>();
        for (const [i, key] of some.entries()) {
          pass(passed, key, i, 2 * i);
          counts.set(key.join(), [i, 2 * i]);
        }
        for (const key of [...some, ...others]) {
          // What stood in the way of another one is forgotten.
          const found = known(passed, key);
          if (found !== undefined) expect(found).toEqual(counts.get(key.join()));
        }
        expect(known(passed, some.at(-1) ?? [])).toBeDefined();
      }),
    );
  });

  it('are forgotten in the end, so that they take no more than so much', () => {
    const passed = new Passed(WIDTH);
    for (let i = 0; i < MANY; i++) pass(passed, [i, 1, 2], 0, 0);
    const { size } = passed;
    expect(known(passed, [MANY - 1, 1, 2])).toEqual([0, 0]);
    for (let i = 0; i < MANY; i++) pass(passed, [i, 3, 4], 0, 0);
    expect(passed.size).toBe(size);
    passed.forget();
    expect(passed.size).toBeLessThan(size);
    expect(known(passed, [MANY - 1, 3, 4])).toBeUndefined();
  });

  it('are told while they are gone through, and not known then; a circle is not noted, nor what must be met again', () => {
    const passed = new Passed(WIDTH);
    const at = (key: readonly number[]): number => {
      passed.key.set(key);
      return passed.openAt(passed.hash());
    };
    for (let i = 0; i < 100; i++) {
      passed.key.set([i, 0, 0]);
      passed.enter(passed.hash());
    }
    expect(at([0, 0, 0])).toBe(0);
    expect(at([70, 0, 0])).toBe(70);
    expect(at([100, 0, 0])).toBe(-1);
    expect(known(passed, [70, 0, 0])).toBeUndefined();
    passed.leave(99, 5, 6);
    passed.drop(98);
    passed.leave(90, 7, 8);
    expect(passed.count).toBe(90);
    expect(known(passed, [99, 0, 0])).toEqual([5, 6]);
    for (const key of [98, 97, 90, 89]) expect(known(passed, [key, 0, 0])).toBeUndefined();
  });
});
