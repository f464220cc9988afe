import { expect, test } from 'vitest';
import { streamsOf } from './streams.ts';

const draws = (seed: number | string, name: string, bound: number): number[] => {
  const stream = streamsOf(seed).stream(name);
  return Array.from({ length: 8 }, () => stream.below(bound));
};

test('gives these first values on every machine', () => {
  expect(draws(0, 'phases', 1_000)).toEqual([170, 286, 650, 283, 606, 980, 412, 18]);
  expect(draws(42, '0>1 Fetch', 100)).toEqual([51, 17, 84, 83, 34, 70, 31, 93]);
  expect(draws('night', '0>1 Fetch', 4_294_967_296)).toEqual([
    1_676_988_674, 3_798_644_306, 12_183_408, 2_368_312_771, 3_728_484_943, 1_252_208_474, 3_285_578_450,
    1_816_558_091,
  ]);
});

test('streams of one seed do not hang together', () => {
  const streams = streamsOf(7);
  const first = streams.stream('a');
  const expected = draws(7, 'b', 1_000);
  const second = streams.stream('b');
  const mixed = expected.map(() => {
    first.below(10);
    return second.below(1_000);
  });
  expect(mixed).toEqual(expected);
});
