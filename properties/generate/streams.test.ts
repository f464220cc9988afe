import { expect, test } from 'vitest';
import { streamsOf } from './streams.ts';

const draws = (seed: number | string, name: string, bound: number): number[] => {
  const stream = streamsOf(seed).stream(name);
  return Array.from({ length: 8 }, () => stream.below(bound));
};

test('gives these first values on every machine', () => {
  expect(draws(0, 'phases', 1_000)).toEqual([170, 286, 650, 283, 606, 980, 412, 18]);
  expect(draws(42, 'broker 0 > broker 1: Fetch', 100)).toEqual([16, 24, 22, 81, 76, 52, 25, 87]);
  expect(draws('night', 'broker 0 > broker 1: Fetch', 4_294_967_296)).toEqual([
    3_836_241_141, 109_170_688, 3_953_208_230, 1_884_140_843, 3_734_254_032, 585_881_047, 738_911_568,
    4_104_734_708,
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
