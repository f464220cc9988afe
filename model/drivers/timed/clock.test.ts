import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clock } from './clock.ts';

interface Entry {
  readonly time: number;
  readonly number: number;
}

/** What a queue of this order must do, in the simplest way. */
class Sorted {
  private readonly entries: Entry[] = [];
  private created = 0;

  push(time: number): Entry {
    const entry = { time, number: this.created++ };
    this.entries.push(entry);
    this.entries.sort((a, b) => a.time - b.time || a.number - b.number);
    return entry;
  }

  pop(): Entry | undefined {
    return this.entries.shift();
  }
}

test('comes out by time, then by creation number, however pushes and pops are mixed', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.constant('pop' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const clock = new Clock<Entry>();
      const model = new Sorted();
      for (const next of steps) {
        if (next === 'pop') {
          expect(clock.pop()).toEqual(model.pop());
        } else {
          clock.push(next.push, model.push(next.push));
        }
      }
      for (let rest = model.pop(); rest !== undefined; rest = model.pop()) {
        expect(clock.next()).toBe(rest.time);
        expect(clock.pop()).toEqual(rest);
      }
      expect(clock.size).toBe(0);
    }),
  );
});

test('orders what waits elsewhere by the same creation numbers', () => {
  const clock = new Clock<string>();
  const earlier = clock.number();
  clock.push(5, 'queued');
  const later = clock.number();
  expect(clock.isDueBefore(5, earlier)).toBe(false);
  expect(clock.isDueBefore(5, later)).toBe(true);
  expect(clock.isDueBefore(6, earlier)).toBe(true);
});

test('refuses a time that is not a whole number of milliseconds', () => {
  expect(() => new Clock<number>().push(1 / 2, 0)).toThrow(/whole milliseconds/);
});
