/** Runs that other threads make are those that one thread makes. */
import { afterEach, expect, it } from 'vitest';
import { defaultSettings } from '../../model/index.ts';
import { DRIVERS, Turns, type Tally } from '../../properties/index.ts';
import { Ahead } from './ahead.ts';
import { sumTallies } from './outcome.ts';
import { sourcesOf, type CampaignPlan } from './plan.ts';
import { Reporter, Totals } from './reports.ts';

const plan: CampaignPlan = {
  settings: { ...defaultSettings, rules: { 'high-watermark-needs-min-isr': 'no' } },
  seed: 7,
  actions: 100,
  tolerated: new Set(),
  drivers: DRIVERS,
};
const RUNS = 100;

let open: Ahead | undefined;
afterEach(() => open?.close());

interface Made {
  /** Driver, run, what broke. */
  readonly runs: readonly string[];
  readonly tallies: readonly Tally[];
  readonly fromOthers: number;
}

async function madeBy(threads: number): Promise<Made> {
  const takers = sourcesOf(plan).map((source, who) => ({ who, source, runs: new Totals(source.runs) }));
  const reporters = takers.map(({ source }) => new Reporter(source.runs));
  const ahead = new Ahead(plan, reporters, { threads, limit: RUNS, onTrouble: (says) => expect.fail(says) });
  open = ahead;
  await ahead.begin();
  const turns = new Turns(takers);
  const runs: string[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { source, run } = turns.next();
    const report = await ahead.take(source.who, run);
    source.runs.add(report);
    runs.push([source.source.driver, run, report.actions, ...report.broken].join(' '));
  }
  await ahead.close();
  return { runs, tallies: takers.map((taker) => taker.runs.tally()), fromOthers: ahead.fromOthers };
}

it('the same runs in the same order, with the same tallies, however many threads make them', async () => {
  const alone = await madeBy(1);
  const together = await madeBy(3);
  expect(alone.fromOthers).toBe(0);
  expect(together.fromOthers).toBeGreaterThan(0);
  expect(together.runs).toEqual(alone.runs);
  expect(together.tallies).toEqual(alone.tallies);
  expect(new Set(alone.runs.flatMap((run) => run.split(' ').slice(3))).size).toBeGreaterThan(0);
});

it('totals are what the runs say of themselves', () => {
  const [source] = sourcesOf(plan);
  if (source === undefined) throw new Error('no driver');
  const totals = new Totals(source.runs);
  const reporter = new Reporter(source.runs);
  for (let run = 0; run < 30; run++) totals.add(reporter.make(run));
  expect(sumTallies([totals.tally()])).toEqual(sumTallies([source.runs.tally()]));
});
