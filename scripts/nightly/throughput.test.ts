import { expect, it } from 'vitest';
import { bareMs, efficiencyOf, speedUpOf, type Campaigned } from './throughput.ts';

const rates = new Map([
  ['dear', 1000],
  ['cheap', 4000],
]);
const batch = (target: string, steps: number, processorMs: number): Campaigned['batches'][number] => ({
  target,
  steps,
  processorMs,
});
const campaign = (batches: Campaigned['batches'], more: Partial<Campaigned> = {}): Campaigned => ({
  batches,
  ms: 10_000,
  mainMs: 0,
  ...more,
});

it('steps weigh what they cost bare, whatever the mix', () => {
  expect(bareMs([batch('dear', 1000, 1), batch('cheap', 1000, 1)], rates)).toBe(1250);
  expect(() => bareMs([batch('other', 1, 1)], rates)).toThrow('other was not measured bare');
});

it('a campaign is compared by what its steps take bare, the handing out included and the beginning left out', () => {
  const batches = [batch('dear', 100, 1000), batch('dear', 1000, 1250), batch('cheap', 4000, 1250)];
  expect(efficiencyOf(campaign(batches), rates, 0)).toBeCloseTo(2100 / 3500);
  expect(efficiencyOf(campaign(batches), rates, 1000)).toBeCloseTo(0.8);
  expect(efficiencyOf(campaign(batches, { mainMs: 350 }), rates, 1000)).toBeCloseTo(2000 / 2750);
});

it('a second worker is measured by the clock', () => {
  const one = campaign([batch('dear', 1000, 1000)], { ms: 1000 });
  const two = campaign([batch('dear', 1000, 1000), batch('cheap', 4000, 1000)], { ms: 1250 });
  expect(speedUpOf(two, one, rates)).toBeCloseTo(1.6);
});
