import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int, list, oneOf, struct, type Shape } from '../../protocol/base/shape.ts';
import { ValueTable, type ValueMemory } from './value-table.ts';
import { words } from './words.ts';

const mood = oneOf('calm', 'cross');
const person = struct({ age: int(0, 200), moods: list(mood) });
const shapes = [mood, person, int(0, 200)] as readonly Shape<unknown>[];

/** Room for encodings of so many words; at first there are few places. */
const memoryOf = (capacity: number, places: number): ValueMemory => ({
  counts: words(2),
  encodings: words(capacity),
  starts: words(capacity),
  slots: words(places),
});

const values = fc.oneof(
  fc.record({ shape: fc.constant(0), value: fc.constantFrom('calm', 'cross') }),
  fc.record({
    shape: fc.constant(1),
    value: fc.record({
      age: fc.integer({ min: 0, max: 3 }),
      moods: fc.array(fc.constantFrom('calm', 'cross'), { maxLength: 3 }),
    }),
  }),
  fc.record({ shape: fc.constant(2), value: fc.integer({ min: 0, max: 200 }) }),
);

describe('a table of values', () => {
  it('is a map from values to the order in which they came, the same for all who share it, also while it grows', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 200 }), (given) => {
        const memory = memoryOf(4_000, 4);
        const mine = new ValueTable(memory, shapes);
        const yours = new ValueTable(memory, shapes);
        const model = new Map<string, number>();
        for (const [i, { shape, value }] of given.entries()) {
          const [adds, reads] = i % 2 === 0 ? [mine, yours] : [yours, mine];
          if (!adds.hasRoom(1)) reads.refresh(adds.grow());
          const key = JSON.stringify([shape, value]);
          const number = adds.numberOf(shape, value);
          expect(number).toBe(model.get(key) ?? model.size);
          model.set(key, number);
          expect(reads.count).toBe(model.size);
          // The other one has never seen the object.
          expect(reads.valueOf(number)).toEqual(value);
          expect(reads.numberOf(shape, reads.valueOf(number))).toBe(number);
        }
      }),
    );
  });

  it('gives the same object again, so that what is known of it is found by identity', () => {
    const table = new ValueTable(memoryOf(1_000, 256), shapes);
    const first = { age: 3, moods: ['calm'] };
    const number = table.numberOf(1, first);
    expect(table.numberOf(1, { age: 3, moods: ['calm'] })).toBe(number);
    expect(table.valueOf(number)).toBe(first);
  });

  it('does not confuse equal encodings of different shapes', () => {
    const table = new ValueTable(memoryOf(1_000, 256), shapes);
    expect(table.numberOf(0, 'cross')).not.toBe(table.numberOf(2, 1));
  });

  it('says when it is full', () => {
    const table = new ValueTable(memoryOf(1_000, 256), shapes);
    expect(table.fits(3)).toBe(true);
    expect(table.fits(4)).toBe(false);
    table.numberOf(2, 0);
    expect(table.fits(3)).toBe(true);
    for (let value = 1; value < 100; value++) table.numberOf(2, value);
    expect(table.fits(3)).toBe(false);
    table.forget();
    expect(table.valueOf(7)).toBe(7);
    expect(table.numberOf(2, 99)).toBe(99);
  });
});
