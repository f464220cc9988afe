/** `scenario`: named validation scenarios: what became of the records, and how long clients stood still. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { configOf, defaultSettings, rulesOf, type ControllerKind, type Settings } from '../../model/index.ts';
import { timedSettings } from '../../properties/index.ts';
import { recordTrace, replayTrace, suggestion, writeTrace } from '../../traces/index.ts';
import { EXIT, UsageError, worst, type Verdict } from '../exit.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import { commandLine } from '../invocation.ts';
import {
  type ClusterOptions,
  fileToWrite,
  jsonOption,
  settingsFrom,
  wholeNumber,
  withCluster,
} from '../options.ts';
import { say, sayJson } from '../output.ts';
import { writePage } from '../page-file.ts';
import { judge } from '../scenario/judge.ts';
import { jsonOf, type ScenarioOutcome } from '../scenario/outcome.ts';
import { detail, table } from '../scenario/report.ts';
import { givenBy, ScenarioRuns, settingsOfRuns, type ScenarioRun } from '../scenario/run.ts';
import { SCENARIOS, type Scenario } from '../scenarios/index.ts';
import { stopOnSignal } from '../signals.mjs';
import { paintFor, progressLine, widthOf } from '../terminal.ts';

interface Options extends ClusterOptions {
  readonly all?: true;
  readonly list?: true;
  readonly seeds?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly html?: string;
  readonly json: boolean;
}

const SEEDS = 20;

export const endsInOrder = true;

export function register(program: Command): void {
  withCluster(program.command('scenario'))
    .description(
      'runs named scenarios: what became of the records, how long producers and consumers stood still',
    )
    .argument('[names...]', 'scenarios')
    .option('--all', 'every scenario')
    .option('--list', 'names the scenarios and ends')
    .option(
      '--seeds <n>',
      `runs of each scenario, each from another seed (default ${SEEDS})`,
      wholeNumber(1, 10_000),
    )
    .option(
      '--seed <n>',
      'the first seed (default 1); without --seeds, the only one',
      wholeNumber(0, 2 ** 31 - 1),
    )
    .addOption(new Option('--out <folder>', 'saves the trace of a single run there'))
    .option('--html <file>', 'draws a single run as one HTML page', fileToWrite)
    .addOption(jsonOption())
    .action(async (names: readonly string[], options: Options) => {
      process.exitCode = options.list === true ? list(options) : await scenario(names, options);
    });
}

function list({ json }: Options): number {
  if (json)
    sayJson({ scenarios: SCENARIOS.map(({ name, title, governedBy }) => ({ name, title, governedBy })) });
  else {
    const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
    for (const { name, title } of SCENARIOS) say(`${name.padEnd(width)}  ${title}`);
  }
  return EXIT['as-expected'];
}

function chosen(names: readonly string[], options: Options): readonly Scenario[] {
  const { all } = options;
  if (all === true && names.length > 0) throw new UsageError('--all takes no names of scenarios');
  if (all === true) {
    const kind = controllerOf(options);
    return SCENARIOS.filter(({ only = kind }) => only === kind);
  }
  if (names.length === 0) throw new UsageError('no scenario given; --list names them, --all runs them all');
  return names.map((name) => {
    const found = SCENARIOS.find((known) => known.name === name);
    if (found !== undefined) return found;
    const near = suggestion(
      name,
      SCENARIOS.map((known) => known.name),
    );
    throw new UsageError(`unknown scenario "${name}"${near === '' ? '; --list names them' : near}`);
  });
}

function controllerOf(options: Options): ControllerKind {
  const settings = settingsFrom({ ...options, faults: 'none', records: defaultSettings.records });
  const rules = rulesOf(settings.release, settings.rules);
  if ('error' in rules) throw new UsageError(rules.error);
  return rules.controller;
}

/** The scenario's own settings first, so that what is asked for overrides them. */
function settingsFor(scenario: Scenario, options: Options): Settings {
  const settings = settingsFrom({
    ...options,
    set: [...(scenario.set ?? []), ...options.set],
    faults: 'none',
    records: defaultSettings.records,
  });
  const { kafka, producers, consumers } = settings;
  // Expectations are about a partition that bears the loss of a replica, and about clients that are told something.
  if (Number(kafka['default.replication.factor']) <= Number(kafka['min.insync.replicas'])) {
    throw new UsageError(
      'a scenario needs default.replication.factor above min.insync.replicas, as in --set default.replication.factor=3',
    );
  }
  if (producers === 0 || consumers === 0) {
    throw new UsageError('a scenario needs at least one producer and one consumer');
  }
  if (kafka.acks === '0') throw new UsageError('a scenario needs acks=1 or acks=all, got acks=0');
  return settings;
}

interface Plan {
  readonly scenario: Scenario;
  readonly settings: Settings;
}

/** With `--all` what the model does not know under these settings is left out, and named. */
function plansOf(scenarios: readonly Scenario[], options: Options): readonly Plan[] {
  return scenarios.flatMap((each) => {
    const settings = settingsFor(each, options);
    const config = configOf(settingsOfRuns(each, settings));
    if (!('error' in config)) return [{ scenario: each, settings }];
    if (options.all !== true) throw new UsageError(`${each.name}: ${config.error}`);
    process.stderr.write(`left out: ${each.name}: ${config.error}\n`);
    return [];
  });
}

async function scenario(names: readonly string[], options: Options): Promise<number> {
  const scenarios = chosen(names, options);
  const first = options.seed ?? 1;
  const count = options.seeds ?? (options.seed === undefined ? SEEDS : 1);
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  if ((options.out ?? options.html) !== undefined && (count > 1 || scenarios.length > 1)) {
    const option = options.html === undefined ? '--out' : '--html';
    throw new UsageError(`${option} takes a single run: one scenario and --seed`);
  }
  const plans = plansOf(scenarios, options);
  const stop = stopOnSignal();
  const progress = progressLine();
  const outcomes: ScenarioOutcome[] = [];
  for (const [done, { scenario: each, settings }] of plans.entries()) {
    const made = new ScenarioRuns(each, settings);
    const runs: ScenarioRun[] = [];
    for (const seed of seeds) {
      if (stop.requested) break;
      runs.push(made.run(seed));
      progress.update(
        (done + runs.length / count) / plans.length,
        `${each.name}: ${runs.length} of ${count} runs`,
      );
      await nextTurn();
    }
    if (runs.length === 0) break;
    const expected = each.expects(givenBy(settings));
    const [only] = runs;
    const single = count === 1 ? only : undefined;
    outcomes.push({
      scenario: each,
      settings,
      expected,
      judged: judge(runs, expected),
      seeds: runs.map(({ seed }) => seed),
      single,
      trace: single === undefined ? undefined : await keep(each, single, options),
    });
  }
  progress.stop();
  const complete =
    outcomes.length === plans.length && outcomes.every(({ seeds: made }) => made.length === count);
  const verdicts: Verdict[] = outcomes.map(({ judged }) => judged.verdict);
  const verdict = worst(complete ? verdicts : [...verdicts, 'incomplete']);
  print(outcomes, verdict, seeds, options);
  return EXIT[verdict];
}

/** Saves the run as a trace, as a page, or both; gives the trace's file. */
async function keep(
  { name }: Scenario,
  { seed, settings, measured }: ScenarioRun,
  { out, html }: Options,
): Promise<string | undefined> {
  if (out === undefined && html === undefined) return undefined;
  const trace = recordTrace(timedSettings(settings), measured.outcome.run.actions, {
    name: `${name}-${seed}`,
    seed,
    schedule: { driver: 'timed', seed },
    found: { by: 'scenario' },
  });
  const file = out === undefined ? undefined : join(out, `${name}-${seed}.json`);
  if (out !== undefined && file !== undefined) {
    makeFolders(out);
    writeAtomically(file, writeTrace(trace));
  }
  if (html !== undefined) {
    await writePage(html, replayTrace(trace), commandLine('scenario', [name, '--seed', String(seed)]));
  }
  return file;
}

function print(
  outcomes: readonly ScenarioOutcome[],
  verdict: Verdict,
  seeds: readonly number[],
  { json }: Options,
): void {
  const [first] = outcomes;
  if (json) {
    sayJson({
      verdict,
      ...(first === undefined ? {} : { release: first.settings.release, kafka: first.settings.kafka }),
      seed: seeds[0],
      runs: outcomes.reduce((sum, { seeds: made }) => sum + made.length, 0),
      scenarios: outcomes.map(jsonOf),
    });
    return;
  }
  const paint = paintFor(process.stdout);
  if (outcomes.length === 1 && first !== undefined) say(detail(first, paint, widthOf(process.stdout)));
  else say(table(outcomes, paint));
  if (first !== undefined) {
    const runs = seeds.length === 1 ? 'one run, seed' : `${seeds.length} runs each, seeds from`;
    say(paint.dim(`release ${first.settings.release}; ${runs} ${seeds[0] ?? 0}`));
  }
  say(paint.bold(verdict));
}
