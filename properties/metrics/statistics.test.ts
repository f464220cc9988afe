import { expect, test } from 'vitest';
import { OneMinuteRate, Rate, WindowedMax } from './statistics.ts';

test('a rate takes the window in hand and one full one for granted', () => {
  const rate = new Rate();
  for (let now = 0; now < 3_000; now += 1_000) rate.record(1, now);
  // 3 records; 3 s of the first window, and the one before it that there was not.
  expect(rate.measure(3_000)).toBeCloseTo(3 / 33, 10);
});

test('a steady rate is told as it is once two windows are full', () => {
  const rate = new Rate();
  for (let now = 0; now <= 120_000; now += 500) rate.record(1, now);
  expect(rate.measure(120_000)).toBeCloseTo(2, 1);
});

test('a rate falls to nothing when two windows have passed without an event', () => {
  const rate = new Rate();
  rate.record(10, 1_000);
  expect(rate.measure(60_999)).toBeGreaterThan(0);
  expect(rate.measure(61_000)).toBe(0);
});

test('a maximum is forgotten after two windows, and there is none before the first value', () => {
  const max = new WindowedMax();
  expect(max.measure(0)).toBeUndefined();
  max.record(7, 1_000);
  max.record(3, 2_000);
  expect(max.measure(2_000)).toBe(7);
  max.record(2, 40_000);
  expect(max.measure(61_000)).toBe(7);
  // The sample of the 7 had its last value at 2 s.
  expect(max.measure(62_000)).toBe(2);
  expect(max.measure(100_000)).toBeUndefined();
});

test('a sample is used again when the ring has gone round', () => {
  const max = new WindowedMax();
  max.record(9, 0);
  for (const now of [30_000, 60_000, 90_000]) max.record(1, now);
  expect(max.measure(90_000)).toBe(1);
});

test('the rate of a minute is the first tick at once, then decays', () => {
  const meter = new OneMinuteRate(0);
  for (let i = 0; i < 10; i++) meter.mark(1_000);
  expect(meter.measure(4_999)).toBe(0);
  expect(meter.measure(5_000)).toBe(2);
  expect(meter.measure(65_000)).toBeCloseTo(2 / Math.E, 10);
});
