/**
 * A process that makes the runs of batches and does nothing else with them, for `throughput.ts` to compare a campaign
 * with. It is told of each batch, and answers the end with steps and processor time of all.
 */
import { runSeed, type StrategyRuns } from '../../properties/index.ts';
import { batchSeed, processorOf, runsFor } from './batch.ts';
import { RUNS_A_BATCH } from './limits.ts';
import type { BatchLine } from './lines.ts';
import { DEFAULT_TARGETS, targetsFrom } from './targets.ts';

/** A batch to make, in the order in which the campaign made them: what was compiled by when has to be the same. */
export type BareOrder = Pick<BatchLine, 'target' | 'batch'> & {
  /** Seed of the campaign. */
  readonly seed: number;
};

/** What it is told: a batch, or that there are no more. */
export type ToBare = BareOrder | 'end';

export type BareBatch = Pick<BatchLine, 'target' | 'batch' | 'steps' | 'processorMs'>;

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

function make({ seed, target, batch }: BareOrder): BareBatch {
  const before = process.cpuUsage();
  steps = 0;
  const runs = benchOf(target);
  const from = batchSeed(seed, target, batch);
  for (let run = 0; run < RUNS_A_BATCH; run++) runs.runFrom(runSeed(from, run), run);
  return { target, batch, steps, processorMs: processorOf(process.cpuUsage(before)) };
}

const made: BareBatch[] = [];
process.on('message', (told: ToBare) => {
  if (told === 'end') process.send?.(made, () => process.disconnect());
  else made.push(make(told));
});
