import { expect, test } from 'vitest';
import { backoff, nextAttempt } from './backoff.ts';

test('pauses double up to the highest', () => {
  expect([0, 1, 2, 3, 4, 5].map((failures) => backoff(failures, 100, 1_000))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
});

test('where the highest is the first they do not grow', () => {
  expect([0, 9].map((failures) => backoff(failures, 100, 100))).toEqual([100, 100]);
});

test('attempts come at the sums of the pauses', () => {
  const at = (time: number): number => nextAttempt(5_000, time, 100, 1_000);
  expect([5_000, 5_001, 5_101, 5_301, 5_701, 6_501, 7_501].map(at)).toEqual([
    5_000, 5_100, 5_300, 5_700, 6_500, 7_500, 8_500,
  ]);
  expect(at(1_000_000)).toBe(1_000_500);
});

test('without a pause the attempt is at once', () => {
  expect(nextAttempt(10, 777, 0, 0)).toBe(777);
});
