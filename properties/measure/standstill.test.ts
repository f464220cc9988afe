import { expect, test } from 'vitest';
import { longest, noticeable, standstills, type Wait } from './standstill.ts';

const done = (from: number, to: number): Wait => ({ from, to, done: true });
const givenUp = (from: number, to: number): Wait => ({ from, to, done: false });

test('waiting that overlaps is one standstill until something is done', () => {
  expect(standstills([done(0, 5), done(100, 900), done(300, 905)])).toEqual([
    { from: 0, to: 5 },
    { from: 100, to: 900 },
    { from: 900, to: 905 },
  ]);
});

test('nothing to do is no standstill', () => {
  expect(longest(standstills([done(0, 5), done(60_000, 60_005)]))).toBe(5);
});

test('what is done at once with something else is no standstill of its own', () => {
  expect(standstills([done(0, 900), done(500, 900)])).toEqual([{ from: 0, to: 900 }]);
});

test('what is given up ends nothing while something else is wanted', () => {
  const spans = standstills([givenUp(0, 120), givenUp(10, 130), done(20, 140)]);
  expect(spans).toEqual([{ from: 0, to: 140 }]);
});

test('a run in which all is given up stood still to its end', () => {
  expect(standstills([done(0, 1), givenUp(10, 130), givenUp(20, 140)])).toEqual([
    { from: 0, to: 1 },
    { from: 10, to: 140 },
  ]);
});

test('later work that is done first ends the waiting, though earlier work goes on', () => {
  expect(standstills([done(0, 500), done(100, 200)])).toEqual([
    { from: 0, to: 200 },
    { from: 200, to: 500 },
  ]);
});

test('a standstill is noticed from a second on', () => {
  const spans = standstills([done(0, 1_000), done(2_000, 3_001)]);
  expect(noticeable(spans)).toEqual([{ from: 2_000, to: 3_001 }]);
});

test('nobody waits where there is no work', () => {
  expect(standstills([])).toEqual([]);
});
