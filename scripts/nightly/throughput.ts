/**
 * What a campaign costs beside the runs it makes, and what a second worker brings: `npm run nightly:throughput`.
 *
 * Targets differ in what a step costs, and a campaign shares its time among them as it likes. Steps are therefore
 * weighed by what they cost bare: in a process that does nothing but runs of that one target.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { fingerprint } from '../../traces/index.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import { remark, say } from '../output.ts';
import { stopOnSignal } from '../signals.ts';
import { workerFile } from '../worker-code.ts';
import type { BareStart } from './bare.ts';
import { processorOf } from './batch.ts';
import { begin } from './campaign-folder.ts';
import { runCampaign } from './campaign.ts';
import { WORKER_NODE_OPTIONS } from './crew.ts';
import { linesOf } from './journal.ts';
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
const WARM_UP_MS = 2000;
const SAMPLE_MS = 2000;
const CAMPAIGN_WARM_UP_MS = 10_000;
const MEMORY_MB = 768;

/** Steps per second of processor time, by target. */
export type Rates = ReadonlyMap<string, number>;

/** What a campaign did. */
export interface Campaigned {
  readonly batches: readonly Pick<BatchLine, 'target' | 'steps' | 'processorMs'>[];
  /** By the clock. */
  readonly ms: number;
  /** Processor time of the process that hands out the work. */
  readonly mainMs: number;
}

/** Milliseconds that the steps of these batches take bare. */
export const bareMs = (batches: Campaigned['batches'], rates: Rates): number =>
  batches.reduce((sum, { target, steps }) => {
    const rate = rates.get(target);
    if (rate === undefined) throw new Error(`${target} was not measured bare`);
    return sum + (steps / rate) * 1000;
  }, 0);

const processorOfAll = (batches: Campaigned['batches']): number =>
  batches.reduce((sum, { processorMs }) => sum + processorMs, 0);

/**
 * The part of a campaign's processor time that its steps take bare, for a campaign with one worker, in which batches
 * stand in the order in which they were made. The beginning does not count: bare runs were warm, too.
 */
export function efficiencyOf({ batches, mainMs }: Campaigned, rates: Rates, warmUpMs: number): number {
  let spent = 0;
  const warm = batches.filter(({ processorMs }) => (spent += processorMs) - processorMs >= warmUpMs);
  const processorMs = processorOfAll(warm);
  return bareMs(warm, rates) / (processorMs + mainMs * (processorMs / processorOfAll(batches)));
}

/** How much more one campaign does than another in as much time by the clock. */
export const speedUpOf = (more: Campaigned, one: Campaigned, rates: Rates): number =>
  bareMs(more.batches, rates) / more.ms / (bareMs(one.batches, rates) / one.ms);

async function bareRates(): Promise<Rates> {
  const file = await workerFile(path.join(import.meta.dirname, 'bare.ts'));
  const rates = new Map<string, number>();
  for (const target of TARGETS) {
    const start: BareStart = { target, seed: SEED, warmUpMs: WARM_UP_MS, sampleMs: SAMPLE_MS };
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...WORKER_NODE_OPTIONS,
      file,
      JSON.stringify(start),
    ]);
    rates.set(target, Number(stdout));
  }
  return rates;
}

async function campaign(
  workers: number,
  ms: number,
  stop: { readonly requested: boolean },
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
  readonly atOnce: boolean;
}

async function main({ seconds, atOnce }: Options): Promise<void> {
  const stop = stopOnSignal();
  const ms = seconds * 1000;
  // Before anything is timed: both kinds of process start from a bundle.
  await workerFile(path.join(import.meta.dirname, 'worker.ts'));
  say(`${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
  remark('bare, then a campaign with one worker, then one with two …');
  let rates: Rates;
  let one: Campaigned;
  if (atOnce) {
    [rates, one] = await Promise.all([bareRates(), campaign(1, ms, stop)]);
  } else {
    rates = await bareRates();
    one = await campaign(1, ms, stop);
  }
  const two = await campaign(2, ms, stop);
  const thousands = (value: number): string => `${(value / 1000).toFixed(1)}k`;
  for (const [target, rate] of rates) {
    const of = one.batches.filter((batch) => batch.target === target);
    const sum = (key: 'steps' | 'processorMs'): number => of.reduce((total, batch) => total + batch[key], 0);
    const inCampaign = sum('steps') === 0 ? '–' : thousands((sum('steps') / sum('processorMs')) * 1000);
    say(
      `${target}: ${thousands(rate)} steps per second of processor time bare, ${inCampaign} in the campaign`,
    );
  }
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  say(
    `a campaign with one worker against bare, by processor time: ` +
      percent(efficiencyOf(one, rates, CAMPAIGN_WARM_UP_MS)),
  );
  say(`two workers against one, by the clock: ${speedUpOf(two, one, rates).toFixed(2)} times`);
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  await new Command('nightly:throughput')
    .description('measures what a campaign costs beside its runs, and what a second worker brings')
    .option('--seconds <n>', 'of each of the two campaigns', wholeNumber(5, 3600), 45)
    .option(
      '--at-once',
      'one worker while the bare runs go on, for a machine that others load: by the clock it says nothing then',
      false,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage))
    .action(main)
    .parseAsync();
}
