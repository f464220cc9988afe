import { describe, expect, it } from 'vitest';
import { int } from '../protocol/base/shape.ts';
import { action, declare, fullSymmetry, slotAt, upTo } from './define.ts';
import type { Space } from './space.ts';
import { representative, searchAll } from './testing.ts';

/** Counters that go up to `most`, each by itself. */
function counters(count: number, most: number): Space {
  const counter = (id: number) => slotAt<number>(id);
  const ids = upTo(count);
  const slots = ids.map((id) =>
    declare(counter(id), {
      name: `counter ${id}`,
      shape: int(0, most),
      initial: 0,
      movesTo: (renaming) => counter(renaming[id]!),
    }),
  );
  return {
    name: 'counters',
    slots,
    initial: slots.map(({ initial }) => initial),
    actions: ids.map((id) =>
      action(
        `counter ${id} counts`,
        (read) => counter(id).get(read) < most,
        (read, write) => counter(id).set(write, counter(id).get(read) + 1),
      ),
    ),
    invariants: ids.map((id) => ({
      id: 'below',
      promise: 'No counter reaches its end.',
      check: (read) => (counter(id).get(read) === most ? `counter ${id}` : undefined),
    })),
    symmetry: fullSymmetry(count, slots),
  };
}

describe('the plain search', () => {
  it('finds every state once', () => {
    expect(searchAll(counters(2, 4))).toMatchObject({ distinct: 25, depth: 9 });
    expect(searchAll(counters(3, 2))).toMatchObject({ distinct: 27, depth: 7 });
  });

  it('finds one state for all that differ by names only', () => {
    expect(searchAll(counters(2, 4), { orbits: true })).toMatchObject({ distinct: 15, depth: 9 });
    expect(searchAll(counters(3, 2), { orbits: true })).toMatchObject({ distinct: 10, depth: 7 });
    expect(representative(counters(3, 2), [2, 0, 1])).toEqual([0, 1, 2]);
  });

  it('counts the states of the shortest trace to a break', () => {
    expect(searchAll(counters(2, 4)).broken).toEqual({ below: 5 });
    expect(searchAll(counters(2, 4), { untilBroken: true })).toMatchObject({
      depth: 5,
      broken: { below: 5 },
    });
  });
});
