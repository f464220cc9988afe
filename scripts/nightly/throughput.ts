/**
 * What a campaign costs beside the runs it makes, and what a second worker brings: `npm run nightly:throughput`.
 *
 * The batches of a campaign are made once more, in the same order, by a process that does nothing else with them: the
 * same steps, and the engine has compiled as much of the code at each of them. It follows the campaign batch by batch,
 * at the same time: a machine may be slower a minute later.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { fingerprint } from '../../traces/index.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import { remark, say } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { programFile } from '../program/bundle.ts';
import type { BareBatch, BareOrder, ToBare } from './bare.ts';
import { processorOf } from './batch.ts';
import { begin } from './campaign-folder.ts';
import { runCampaign } from './campaign.ts';
import { WORKER_NODE_OPTIONS } from './crew.ts';
import { linesOf } from './journal.ts';
import { RUNS_A_BATCH } from './limits.ts';
import type { BatchLine } from './lines.ts';
import { DEFAULT_TARGETS } from './targets.ts';

/** Every strategy on rules under which nothing breaks, and some of the older releases, in which known bugs do. */
const TARGETS: readonly string[] = [
  '4.1-repaired/F1e/random',
  '4.1-repaired/F1e/walk',
  '4.1-repaired/F1e/timed',
  '4.1-repaired/F1e/patterns',
  '4.1-repaired/F1e/pos',
  '4.1-repaired/F1e/seeded',
  '4.0/F1/walk',
  '3.3/F0/seeded',
  '2.8/F1/pos',
];
const SEED = 1;
const MEMORY_MB = 768;

/** Steps per second of processor time, by target. */
export type Rates = ReadonlyMap<string, number>;

/** What a campaign did. */
export interface Campaigned {
  readonly batches: readonly Pick<BatchLine, 'target' | 'batch' | 'steps' | 'processorMs'>[];
  /** By the clock. */
  readonly ms: number;
  /** Processor time of the process that hands out the work. */
  readonly mainMs: number;
}

const processorOfAll = (batches: Campaigned['batches']): number =>
  batches.reduce((sum, { processorMs }) => sum + processorMs, 0);

/** The part of a campaign's processor time that its runs take bare. Throws where these are not the same runs. */
export function efficiencyOf({ batches, mainMs }: Campaigned, bare: readonly BareBatch[]): number {
  batches.forEach(({ target, batch, steps }, index) => {
    const other = bare[index];
    if (other?.target !== target || other.batch !== batch || other.steps !== steps)
      throw new Error(`${target}, batch ${batch}: ${steps} steps, bare ${other?.steps ?? 'none'}`);
  });
  return processorOfAll(bare) / (processorOfAll(batches) + mainMs);
}

/** What each target's steps cost, for campaigns that share their time differently among them. */
export function ratesOf(batches: readonly Pick<BatchLine, 'target' | 'steps' | 'processorMs'>[]): Rates {
  const sums = new Map<string, { steps: number; ms: number }>();
  for (const { target, steps, processorMs } of batches) {
    const sum = sums.get(target) ?? { steps: 0, ms: 0 };
    sums.set(target, { steps: sum.steps + steps, ms: sum.ms + processorMs });
  }
  return new Map([...sums].map(([target, { steps, ms }]) => [target, (steps / ms) * 1000]));
}

/** Milliseconds that the steps of these batches take at those rates. */
export const msAt = (batches: Campaigned['batches'], rates: Rates): number =>
  batches.reduce((sum, { target, steps }) => {
    const rate = rates.get(target);
    if (rate === undefined) throw new Error(`${target} was not measured bare`);
    return sum + (steps / rate) * 1000;
  }, 0);

/** Two campaigns, one after the other, as one. */
export const bothOf = (first: Campaigned, second: Campaigned): Campaigned => ({
  batches: [...first.batches, ...second.batches],
  ms: first.ms + second.ms,
  mainMs: first.mainMs + second.mainMs,
});

/** How much more one campaign does than another in as much time by the clock. */
export const speedUpOf = (more: Campaigned, one: Campaigned, rates: Rates): number =>
  msAt(more.batches, rates) / more.ms / (msAt(one.batches, rates) / one.ms);

/** How many cores a campaign has kept busy. With one worker more than one: the engine compiles beside it at first. */
export const coresOf = ({ batches, mainMs, ms }: Campaigned): number =>
  (processorOfAll(batches) + mainMs) / ms;

/** A process that makes runs bare. */
class Bare {
  private readonly child: ChildProcess;
  private readonly made: Promise<readonly BareBatch[]>;

  private constructor(file: string) {
    this.child = fork(file, { execArgv: [...WORKER_NODE_OPTIONS] });
    this.made = new Promise((resolve, reject) => {
      this.child.on('message', (made: readonly BareBatch[]) => resolve(made));
      this.child.on('exit', (code) => reject(new Error(`the process of bare runs ended with ${code}`)));
    });
    // It is waited for at the end; until then nobody would hear of a failure.
    this.made.catch(() => undefined);
  }

  static async begin(): Promise<Bare> {
    return new Bare(await programFile('night-bare'));
  }

  follow({ target, batch }: Pick<BareOrder, 'target' | 'batch'>): void {
    this.tell({ target, batch, seed: SEED });
  }

  end(): Promise<readonly BareBatch[]> {
    this.tell('end');
    return this.made;
  }

  private tell(told: ToBare): void {
    if (this.child.connected) this.child.send(told);
  }
}

async function campaign(
  workers: number,
  ms: number,
  stop: { readonly requested: boolean },
  onBatch?: (line: BatchLine) => void,
): Promise<Campaigned> {
  const parent = mkdtempSync(path.join(tmpdir(), 'throughput-'));
  try {
    const folder = path.join(parent, 'campaign');
    const header = begin(folder, {
      seed: SEED,
      shard: { part: 1, of: 1 },
      began: new Date().toISOString().slice(0, 10),
      fingerprint: fingerprint(),
      targets: DEFAULT_TARGETS,
      chosen: [...TARGETS],
    });
    const before = process.cpuUsage();
    const began = performance.now();
    const interrupted = await runCampaign({
      folder,
      header,
      workers,
      memory: MEMORY_MB,
      runLimit: 60_000,
      ms,
      batches: undefined,
      stop,
      onTrouble: (says) => remark(`error: ${says}`),
      onBatch,
    });
    if (interrupted !== undefined) throw new Error(interrupted);
    const elapsed = performance.now() - began;
    const mainMs = processorOf(process.cpuUsage(before));
    const batches = [...linesOf(folder)].filter((line) => line.kind === 'batch');
    return { batches, ms: elapsed, mainMs };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

interface Options {
  readonly seconds: number;
}

async function main({ seconds }: Options): Promise<void> {
  const stop = stopOnSignal();
  const ms = seconds * 1000;
  // Before anything is timed: both kinds of process start from a bundle.
  await programFile('night-worker');
  say(`${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
  remark(
    'a campaign with one worker and beside it its runs bare, then campaigns with one worker, two, two, and one …',
  );
  const beside = await Bare.begin();
  const followed = await campaign(1, ms, stop, (line) => beside.follow(line));
  const bareBeside = await beside.end();
  // In this order, so that a machine that grows slower or faster does so for both.
  const first = await campaign(1, ms, stop);
  const two = bothOf(await campaign(2, ms, stop), await campaign(2, ms, stop));
  const one = bothOf(first, await campaign(1, ms, stop));
  const thousands = (value: number): string => `${(value / 1000).toFixed(1)}k`;
  const ratesBeside = ratesOf(bareBeside);
  for (const [target, rate] of ratesOf(followed.batches)) {
    const bareRate = ratesBeside.get(target) ?? 0;
    say(`${target}: ${thousands(rate)} steps per second of processor time, ${thousands(bareRate)} bare`);
  }
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  say(
    `a campaign with one worker against its ${followed.batches.length * RUNS_A_BATCH} runs bare at the same time, ` +
      `by processor time: ${percent(efficiencyOf(followed, bareBeside))}`,
  );
  const unmeasured = [...one.batches, ...two.batches].find(({ target }) => !ratesBeside.has(target));
  if (unmeasured !== undefined) {
    remark(`--seconds ${seconds}: too short, ${unmeasured.target} was not measured bare`);
    process.exitCode = EXIT.incomplete;
    return;
  }
  say(
    `two workers against one, by the clock: ${speedUpOf(two, one, ratesBeside).toFixed(2)} times; ` +
      `cores kept busy: ${coresOf(one).toFixed(2)} by one, ${coresOf(two).toFixed(2)} by two`,
  );
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  await new Command('nightly:throughput')
    .description('measures what a campaign costs beside its runs, and what a second worker brings')
    .option('--seconds <n>', 'of each of the five campaigns', wholeNumber(5, 3600), 45)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage))
    .action(main)
    .parseAsync();
}
