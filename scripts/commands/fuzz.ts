/** `fuzz`: generated runs against the machine until something breaks or the budget is used up. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { DRIVERS, PROPERTIES, type Driver, type RunSource } from '../../properties/index.ts';
import {
  machineOf,
  recordTrace,
  renderText,
  replayTrace,
  runActions,
  writeTrace,
  type Trace,
} from '../../traces/index.ts';
import { duration } from '../durations.ts';
import { EXIT, UsageError } from '../exit.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import { explained, explanation } from '../explain.ts';
import { keptFor, liveFor } from '../fuzz/calibrate.ts';
import { runCampaign, type Broken } from '../fuzz/engine.ts';
import { keepFinding } from '../fuzz/findings.ts';
import { jsonOf, judge, rank, sumTallies, type FuzzOutcome, type SavedFinding } from '../fuzz/outcome.ts';
import type { CampaignPlan } from '../fuzz/plan.ts';
import { summary } from '../fuzz/report.ts';
import { commandLine } from '../invocation.ts';
import { pageCommand, writePage } from '../page-file.ts';
import { fileToWrite, settingsFrom, type SettingsOptions, wholeNumber, withSettings } from '../options.ts';
import { remark } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { paintFor, progressLine } from '../terminal.ts';

interface FuzzOptions extends SettingsOptions {
  readonly runs?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly actions: number;
  readonly driver: Driver | 'all';
  readonly threads: number;
  readonly tolerate: readonly string[];
  readonly keepGoing: boolean;
  readonly out: string;
  readonly calibrate: boolean;
  readonly explain: boolean;
  readonly html?: string;
  readonly json: boolean;
}

const DRIVERS_SAID = 'walk (at random), pos (by priorities), exchanges (few delays), timed (by a clock)';
const DEFAULT_RUNS = 2000;
const SEED_BOUND = 2 ** 31;

export const endsInOrder = true;

export function register(program: Command): void {
  withSettings(program.command('fuzz'))
    .description(
      'run generated fault schedules until something breaks; save and print the minimised counterexample',
    )
    .option('--runs <n>', `how many runs (default ${DEFAULT_RUNS})`, wholeNumber(1, 1_000_000_000))
    .option('--time <duration>', 'how long instead, as in 30s, 5m, 2h', duration)
    .option(
      '--seed <n>',
      'makes every run repeatable; without it one is drawn and printed',
      wholeNumber(0, SEED_BOUND - 1),
    )
    .option('--actions <n>', 'the longest run, in actions', wholeNumber(1, 100_000), 400)
    .addOption(
      new Option('--driver <name>', `who picks the next action: ${DRIVERS_SAID}; all take turns`)
        .choices([...DRIVERS, 'all'])
        .default('all'),
    )
    .option(
      '--threads <n>',
      'threads (default: one per core); what is found does not depend on them',
      wholeNumber(1, 64),
      availableParallelism(),
    )
    .option(
      '--tolerate <ids>',
      'properties whose break is counted but ends nothing',
      (text) => text.split(','),
      [],
    )
    .option('--keep-going', 'go on after a guarantee or promise broke, until the budget is used up', false)
    .option('--out <folder>', 'where findings are saved', '.highwater')
    .option(
      '--calibrate',
      'after a pass, spend the same budget on every mutant and known bug, and say how many it catches',
      false,
    )
    .option(
      '--html <file>',
      'draws the counterexample, or after a pass its first run, as one HTML page',
      fileToWrite,
    )
    .option('--explain', 'print the rules in force with their sources, and do nothing else', false)
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options: FuzzOptions) => {
      process.exitCode = options.explain ? explain(options) : await fuzz(options);
    });
}

function explain(options: FuzzOptions): number {
  const settings = settingsFrom(options);
  const text = options.json
    ? JSON.stringify({ release: settings.release, rules: explained(settings) }, null, 2)
    : explanation(settings, paintFor(process.stdout));
  process.stdout.write(`${text}\n`);
  return 0;
}

function toleratedBy({ tolerate }: FuzzOptions): ReadonlySet<string> {
  const unknown = tolerate.find((id) => !PROPERTIES.some((property) => property.id === id));
  if (unknown !== undefined) {
    const known = PROPERTIES.map(({ id }) => id).join(', ');
    throw new UsageError(`--tolerate ${unknown}: unknown property; known are ${known}`);
  }
  return new Set(tolerate);
}

/** A guarantee, a promise or something left undone, unless it is to be tolerated. */
function endsCampaign(id: string, tolerated: ReadonlySet<string>): boolean {
  return (
    !tolerated.has(id) && !PROPERTIES.some((property) => property.id === id && property.kind === 'lemma')
  );
}

async function fuzz(options: FuzzOptions): Promise<number> {
  const settings = settingsFrom(options);
  const seed = options.seed ?? randomInt(SEED_BOUND);
  const tolerated = toleratedBy(options);
  const drivers = options.driver === 'all' ? DRIVERS : [options.driver];
  const plan: CampaignPlan = { settings, seed, actions: options.actions, tolerated, drivers };
  const budget = {
    runs: options.runs ?? (options.time === undefined ? DEFAULT_RUNS : undefined),
    ms: options.time,
  };
  const stop = stopOnSignal();
  const progress = progressLine();
  const findings: SavedFinding[] = [];
  const brokenIn: Record<string, number> = {};
  const share = (runs: number, ms: number): number =>
    budget.runs !== undefined ? runs / budget.runs : ms / (budget.ms ?? 1);

  const onBroken = async ({ source, run, report: { broken } }: Broken): Promise<boolean> => {
    for (const property of broken) brokenIn[property] = (brokenIn[property] ?? 0) + 1;
    // Later finds of the same property are counted; one minimised run of each is enough to read.
    const known = new Set(findings.flatMap(({ property, trace }) => [property, ...trace.broken]));
    if (broken.every((property) => known.has(property) || tolerated.has(property))) return false;
    findings.push(
      await keepFinding(source.runs.take(run), source.driver, {
        seed,
        folder: options.out,
        tolerated,
        today: new Date().toISOString().slice(0, 10),
        stop,
        onProgress: (actions, tries) => {
          progress.update(1, `minimising: ${actions} actions after ${tries} tries`);
        },
      }),
    );
    // A lemma breaks long before anybody is hurt: the campaign goes on to see whether somebody is.
    return !options.keepGoing && broken.some((property) => endsCampaign(property, tolerated));
  };
  const result = await runCampaign({
    plan,
    threads: options.threads,
    budget,
    onBroken,
    onProgress: ({ runs, findings: found, elapsedMs }) => {
      progress.update(share(runs, elapsedMs), `${runs} runs, ${found} broke something`);
    },
    onTrouble: (says) => remark(`error: ${says}`),
    stop,
  });
  const tally = sumTallies(result.tallies);
  const judged = judge(result, tally);
  const passed = {
    settings,
    drivers,
    seed,
    actions: options.actions,
    runs: result.runs,
    tolerated,
  };
  const calibration =
    judged.verdict !== 'passed'
      ? undefined
      : !options.calibrate
        ? keptFor(passed)
        : await liveFor(passed, { threads: options.threads, stop }, ({ done, total, caught }) => {
            progress.update(done / total, `calibrating: ${caught} of ${done} mutants and bugs caught`);
          });
  progress.stop();

  const outcome: FuzzOutcome = {
    ...judged,
    settings,
    seed,
    drivers: passed.drivers,
    runs: result.runs,
    actions: tally.actions,
    seconds: Math.round(result.elapsedMs) / 1000,
    taken: tally.taken,
    witnesses: tally.witnesses,
    findings: findings.toSorted((a, b) => rank(a.property) - rank(b.property)),
    brokenIn,
    calibration,
  };
  print(outcome, options.json);
  if (options.html !== undefined) await draw(options.html, outcome, result.sources, options);
  return EXIT[outcome.verdict];
}

/** Draws the foremost finding, or where nothing broke the first run. */
async function draw(
  file: string,
  { findings: [foremost], seed, runs }: FuzzOutcome,
  [source]: readonly RunSource[],
  options: FuzzOptions,
): Promise<void> {
  if (foremost !== undefined) {
    await writePage(file, replayTrace(foremost.trace), commandLine('replay', [foremost.file]));
    return;
  }
  if (source === undefined || runs === 0) {
    remark(`${file}: not written, there was no run`);
    return;
  }
  const { settings, actions } = source.runs.take(0);
  const trace = recordTrace(settings, actions, { name: `${source.driver}, seed ${seed}, run 0`, seed });
  const saved = join(options.out, `run-${seed}-${source.driver}-0.json`);
  makeFolders(options.out);
  writeAtomically(saved, writeTrace(trace));
  await writePage(file, replayTrace(trace), commandLine('replay', [saved]));
}

function print(outcome: FuzzOutcome, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(jsonOf(outcome), null, 2)}\n`);
    return;
  }
  const paint = paintFor(process.stdout);
  const [foremost, ...others] = outcome.findings;
  if (foremost !== undefined) {
    const { trace, file, before } = foremost;
    process.stdout.write(`${told(trace, file, paint)}\n`);
    process.stdout.write(`\nminimised from ${before} actions to ${trace.actions.length}; saved to ${file}\n`);
    process.stdout.write(`as a page: ${pageCommand(file)}\n`);
  }
  for (const { property, trace, file } of others) {
    process.stdout.write(`also broken: ${property}, ${trace.actions.length} actions: ${file}\n`);
  }
  process.stdout.write(`${summary(outcome, paint)}\n`);
}

function told(trace: Trace, file: string, paint: ReturnType<typeof paintFor>): string {
  const machine = machineOf(trace.settings);
  const codes = trace.actions.map((action) => {
    const code = machine.encode(action);
    if (code === undefined) throw new Error(`no such action: ${action.kind}`);
    return code;
  });
  return renderText(trace, runActions(machine, codes, 'strict'), {
    command: commandLine('replay', [file]),
    paint,
  });
}
