import { expect, test } from 'vitest';
import { METRICS, type MetricName, type SampledSeries } from '../../properties/index.ts';
import { chart, sparkline } from './chart.ts';

test('bars go from 0 to the highest value, and nothing is a blank', () => {
  expect(sparkline([0, 1, 4, 8, null, 8], 10)).toBe('▁▂▅█ █');
  expect(sparkline([0, 0], 10)).toBe('▁▁');
});

test('what does not fit is squeezed, and its peak stays', () => {
  expect(sparkline([0, 0, 0, 9, 0, 0, 0, 0, 0], 5)).toBe('▁█▁▁▁');
});

test('metrics that did not move are named only', () => {
  const still = Object.fromEntries(METRICS.map(({ name }) => [name, [0, 0, 0]]));
  const series = { ...still, OfflinePartitionsCount: [0, 1, 0] } as Record<MetricName, number[]>;
  const sampled: SampledSeries = { every: 1_000, series };
  const lines = chart(sampled, 80);
  expect(lines[0]).toBe('metrics over 2 s of virtual time:');
  expect(lines[1]).toBe('  OfflinePartitionsCount  ▁█▁  up to 1');
  expect(lines[2]).toMatch(/^ {2}nothing but 0: record-error-rate, .*IsrExpandsPerSec$/);
});
