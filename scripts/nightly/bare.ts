/**
 * A process that makes the runs of batches and does nothing else with them, for `throughput.ts` to compare a campaign
 * with. It prints steps and processor time of each as JSON.
 */
import { readFileSync } from 'node:fs';
import { runSeed, type StrategyRuns } from '../../properties/index.ts';
import { batchSeed, processorOf, runsFor } from './batch.ts';
import { RUNS_A_BATCH } from './limits.ts';
import type { BatchLine } from './lines.ts';
import { DEFAULT_TARGETS, targetsFrom } from './targets.ts';

/** What it reads from the file that is its argument. */
export interface BareStart {
  readonly seed: number;
  /** In the order in which the campaign made them: what was compiled by when has to be the same. */
  readonly batches: readonly Pick<BatchLine, 'target' | 'batch'>[];
}

export type BareBatch = Pick<BatchLine, 'target' | 'batch' | 'steps' | 'processorMs'>;

const { seed, batches } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareStart;
const targets = new Map(targetsFrom(DEFAULT_TARGETS, 'targets.json').map((target) => [target.id, target]));
const benches = new Map<string, StrategyRuns>();
let steps = 0;

function benchOf(id: string): StrategyRuns {
  const known = benches.get(id);
  if (known !== undefined) return known;
  const target = targets.get(id);
  if (target === undefined) throw new Error(`no target ${id}`);
  const runs = runsFor(target, target.settings, () => {
    steps++;
  });
  benches.set(id, runs);
  return runs;
}

const made = batches.map(({ target, batch }): BareBatch => {
  const before = process.cpuUsage();
  steps = 0;
  const runs = benchOf(target);
  const from = batchSeed(seed, target, batch);
  for (let run = 0; run < RUNS_A_BATCH; run++) runs.runFrom(runSeed(from, run), run);
  return { target, batch, steps, processorMs: processorOf(process.cpuUsage(before)) };
});
process.stdout.write(`${JSON.stringify(made)}\n`);
