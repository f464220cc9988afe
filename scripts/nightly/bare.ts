/**
 * A process that makes runs of one target and does nothing else with them, for `throughput.ts` to compare campaigns
 * with. It prints steps per second of processor time.
 */
import { DEFAULT_TARGETS, targetsFrom } from './targets.ts';
import { batchSeed, processorOf, runsFor } from './batch.ts';
import { RUNS_A_BATCH } from './limits.ts';
import { runSeed } from '../../properties/index.ts';

/** What it is told when it starts. */
export interface BareStart {
  readonly target: string;
  readonly seed: number;
  /** Processor time before it counts, in which the engine compiles what runs often, and while it counts (ms). */
  readonly warmUpMs: number;
  readonly sampleMs: number;
}

const { target: id, seed, warmUpMs, sampleMs } = JSON.parse(process.argv[2] ?? '') as BareStart;
const target = targetsFrom(DEFAULT_TARGETS, 'targets.json').find((one) => one.id === id);
if (target === undefined) throw new Error(`no target ${id}`);

let steps = 0;
const runs = runsFor(target, target.settings, () => {
  steps++;
});
let run = 0;
/** Goes on for that long; gives steps and the time they took. */
const runFor = (limit: number): { readonly steps: number; readonly ms: number } => {
  const began = processorOf(process.cpuUsage());
  steps = 0;
  let ms = 0;
  while (ms < limit) {
    const number = run % RUNS_A_BATCH;
    const batch = Math.floor(run++ / RUNS_A_BATCH);
    runs.runFrom(runSeed(batchSeed(seed, id, batch), number), number);
    ms = processorOf(process.cpuUsage()) - began;
  }
  return { steps, ms };
};
runFor(warmUpMs);
const { steps: made, ms } = runFor(sampleMs);
process.stdout.write(`${Math.round((made / ms) * 1000)}\n`);
