/** `check`: what one configuration stands, in plain words, and what would repair what it does not. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import {
  configOf,
  defaultSettings,
  FAULT_CLASSES,
  presetSettings,
  RELEASES,
  type FaultClass,
  type Settings,
} from '../../model/index.ts';
import { writeTrace } from '../../traces/index.ts';
import { assess, type Assessment } from '../check/assess.ts';
import { readConfigFile } from '../check/config-file.ts';
import { notesOn } from '../check/notes.ts';
import {
  checkHtml,
  checkJson,
  checkText,
  judge,
  type CheckOutcome,
  type SavedBreak,
} from '../check/report.ts';
import { EXIT, UsageError } from '../exit.ts';
import { IN_WORDS } from '../fault-classes.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import {
  fileToWrite,
  jsonOption,
  kafkaHelp,
  kafkaWith,
  releaseFrom,
  releaseOption,
  wholeNumber,
} from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { runPage } from '../run-pages.ts';
import { stopOnSignal } from '../signals.mjs';
import { paintFor, progressLine } from '../terminal.ts';

interface CheckOptions {
  readonly config: readonly string[];
  readonly set: readonly string[];
  readonly release: string;
  readonly faults: readonly FaultClass[];
  readonly runs: number;
  readonly seed?: number;
  readonly threads: number;
  readonly html?: string;
  readonly out: string;
  readonly json: boolean;
}

const DEFAULT_FAULTS: readonly FaultClass[] = ['F0', 'F1e', 'F1', 'F2', 'F3'];
const DEFAULT_RUNS = 400;
const SEED_BOUND = 2 ** 31;

export const endsInOrder = true;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function classesIn(text: string): readonly FaultClass[] {
  const names = text.split(',');
  const unknown = names.find((name) => !FAULT_CLASSES.some((known) => known === name));
  if (unknown === undefined) return FAULT_CLASSES.filter((name) => names.includes(name));
  throw new UsageError(
    `--faults ${text}: expected classes out of ${FAULT_CLASSES.join(', ')}, got "${unknown}"`,
  );
}

export function register(program: Command): void {
  program
    .command('check')
    .description(
      'say what may be relied on with one configuration, how the rest breaks and what would repair it',
    )
    .option(
      '--config <file>',
      'a Kafka configuration: server.properties, a topic’s, a producer’s or consumer’s (repeatable)',
      collect,
      [],
    )
    .option(
      '--set <key=value>',
      'a Kafka setting, as in --set min.insync.replicas=1 (repeatable)',
      collect,
      [],
    )
    .addOption(releaseOption().default(defaultSettings.release))
    .option(
      '--faults <classes>',
      `classes of faults out of ${FAULT_CLASSES.join(', ')}`,
      classesIn,
      DEFAULT_FAULTS,
    )
    .option('--runs <n>', 'generated runs of each trial', wholeNumber(2, 1_000_000), DEFAULT_RUNS)
    .option(
      '--seed <n>',
      'makes the answers repeatable; without it one is drawn and printed',
      wholeNumber(0, SEED_BOUND - 1),
    )
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber(1, 64), availableParallelism())
    .option('--html <file>', 'a page of the answers, with a page of each break beside it', fileToWrite)
    .option('--out <folder>', 'where traces of what breaks are saved', '.highwater')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      [
        '',
        'What no file and no --set says has the release’s own default where there is a --config, else RF 3, min ISR 2, acks=all.',
        ...FAULT_CLASSES.map((name) => `${name}: ${IN_WORDS[name]}`),
        kafkaHelp(),
      ].join('\n'),
    )
    .action(async (options: CheckOptions) => {
      process.exitCode = await check(options);
    });
}

interface Asked {
  readonly settings: Settings;
  readonly ignored: readonly string[];
  readonly unmodelled: readonly string[];
  readonly notes: readonly string[];
}

/** Later files win over earlier ones, `--set` over all. Throws a UsageError where the settings make no configuration. */
function askedBy({ config, set, release }: CheckOptions): Asked {
  const files = config.map(readConfigFile);
  const named = releaseFrom(release);
  const base = presetSettings(config.length > 0 ? 'kafka' : 'suite', named);
  const kafka = kafkaWith(
    Object.assign({}, base, ...files.map(({ values }) => values)) as Settings['kafka'],
    files.flatMap(({ values }) => Object.keys(values)),
    set,
    RELEASES[named],
  );
  const settings = {
    ...defaultSettings,
    release: named,
    kafka,
    brokers: Math.max(defaultSettings.brokers, kafka['default.replication.factor'] as number),
  };
  const fault = configOf(settings);
  if ('error' in fault) throw new UsageError(fault.error);
  const ignored = [...new Set(files.flatMap((file) => file.ignored))].sort();
  files.forEach(({ values, unmodelled }, index) => {
    if (Object.keys(values).length > 0 || unmodelled.length > 0) return;
    remark(
      `${config[index] ?? ''}: nothing in it concerns replication, so the defaults of ${named} are looked at`,
    );
  });
  return {
    settings,
    ignored,
    notes: notesOn(settings, ignored),
    unmodelled: [...new Set(files.flatMap(({ unmodelled }) => unmodelled))].sort(),
  };
}

async function check(options: CheckOptions): Promise<number> {
  const asked = askedBy(options);
  const { runs, threads, faults } = options;
  const seed = options.seed ?? randomInt(SEED_BOUND);
  const started = performance.now();
  const progress = progressLine();
  const assessment = await assess({
    settings: asked.settings,
    faults,
    seed,
    runs,
    threads,
    stop: stopOnSignal(),
    onProgress: (share, text) => {
      progress.update(share, text);
    },
  });
  progress.stop();
  const seconds = Math.round(performance.now() - started) / 1000;
  const saved = await save(assessment, options);
  const outcome: CheckOutcome = {
    ...assessment,
    ...judge(assessment),
    ...asked,
    faults,
    seed,
    runsEach: runs,
    saved,
    seconds,
  };
  if (options.json) sayJson(checkJson(outcome));
  else say(checkText(outcome, paintFor(process.stdout)));
  if (options.html !== undefined) {
    writeAtomically(options.html, checkHtml(outcome));
    remark(`${options.html}: the answers as a page`);
  }
  return EXIT[outcome.verdict];
}

/** A trace of the shortest break of each question, and where a page is asked for one of its run. */
async function save({ answers }: Assessment, { out, html }: CheckOptions): Promise<readonly SavedBreak[]> {
  const saved: SavedBreak[] = [];
  for (const { question, broken, unconfirmed } of answers) {
    const found = broken ?? unconfirmed;
    if (found === undefined) continue;
    const { trace } = found.by;
    const name = `check-${question.id}`;
    const file = path.join(out, `${name}.json`);
    makeFolders(out);
    writeAtomically(file, writeTrace(trace));
    const page = html === undefined ? undefined : await runPage(html, name, trace, file);
    saved.push({ question: question.id, file, page });
  }
  return saved;
}
