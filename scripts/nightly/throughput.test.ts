import { expect, it } from 'vitest';
import { bothOf, efficiencyOf, coresOf, msAt, ratesOf, speedUpOf, type Campaigned } from './throughput.ts';

const rates = new Map([
  ['dear', 1000],
  ['cheap', 4000],
]);
const batch = (target: string, steps: number, processorMs: number): Campaigned['batches'][number] => ({
  target,
  batch: 0,
  steps,
  processorMs,
});
const campaign = (batches: Campaigned['batches'], more: Partial<Campaigned> = {}): Campaigned => ({
  batches,
  ms: 10_000,
  mainMs: 0,
  ...more,
});

it('a campaign is compared with its own runs, the handing out included', () => {
  const one = campaign([batch('dear', 1000, 1200), batch('cheap', 4000, 1100)], { mainMs: 200 });
  expect(efficiencyOf(one, [batch('dear', 1000, 1000), batch('cheap', 4000, 1000)])).toBeCloseTo(0.8);
});

it('other runs are no measure', () => {
  const one = campaign([batch('dear', 1000, 1200)]);
  expect(() => efficiencyOf(one, [batch('dear', 999, 1000)])).toThrow('dear, batch 0: 1000 steps, bare 999');
  expect(() => efficiencyOf(one, [batch('cheap', 1000, 1000)])).toThrow('dear, batch 0');
  expect(() => efficiencyOf(one, [])).toThrow('bare none');
});

it('steps weigh what they cost bare, whatever the mix', () => {
  expect(ratesOf([batch('dear', 500, 1000), batch('cheap', 4000, 1000), batch('dear', 1500, 1000)])).toEqual(
    rates,
  );
  expect(msAt([batch('dear', 1000, 1), batch('cheap', 1000, 1)], rates)).toBe(1250);
  expect(() => msAt([batch('other', 1, 1)], rates)).toThrow('other was not measured bare');
});

it('a second worker is measured by the clock', () => {
  const one = campaign([batch('dear', 1000, 1000)], { ms: 1000 });
  const two = campaign([batch('dear', 1000, 1000), batch('cheap', 4000, 1000)], { ms: 1250 });
  expect(speedUpOf(two, one, rates)).toBeCloseTo(1.6);
  expect(speedUpOf(bothOf(two, two), bothOf(one, one), rates)).toBeCloseTo(1.6);
  expect(speedUpOf(bothOf(two, one), one, rates)).toBeCloseTo(3 / 2.25);
});

it('cores kept busy count all processes', () => {
  expect(coresOf(campaign([batch('dear', 1000, 9000)], { mainMs: 2000 }))).toBeCloseTo(1.1);
});
