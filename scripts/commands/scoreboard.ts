/** `scoreboard`: strategies against each other on known bugs and held-out mutants; with --drivers, drivers on known bugs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { STRATEGIES } from '../../properties/index.ts';
import { fingerprint } from '../../traces/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { reasonOf, writeAtomically } from '../files.ts';
import { driverPlan, knownBugs, tryDriver } from '../nightly/driver-board.ts';
import { driverTable, withDriverScores } from '../nightly/driver-table.ts';
import { FUZZ, fuzzedBugs, fuzzPlan, tryFuzz } from '../nightly/fuzz-board.ts';
import { fuzzTable, withFuzzScores } from '../nightly/fuzz-table.ts';
import { tableOf, withScores } from '../nightly/score-table.ts';
import {
  plan,
  scoresSchema,
  subjects,
  textOf,
  tryOn,
  type ScoreRow,
  type Scores,
  type Subject,
  type Try,
} from '../nightly/scoreboard.ts';
import { jsonOption, wholeNumber } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { progressLine } from '../terminal.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** One seed of one strategy on one subject, and how it is tried. */
interface Step {
  readonly subject: Subject;
  readonly strategy: string;
  readonly seed: number;
  readonly make: (limit: number) => Try;
}

/** What is measured, where it is kept, and the page that has a table of it. */
interface Contest {
  readonly steps: (seeds: number, board: Board) => Iterable<Step>;
  readonly kept: string;
  readonly page: string;
  readonly withScores: (page: string, scores: Scores) => string;
  readonly tableOf: (scores: Scores) => string;
}

const DRIVER_PAGE = path.join(root, 'traces', 'README.md');

const OF_STRATEGIES: Contest = {
  *steps(seeds, board) {
    for (const { subject, strategy, seed } of plan(subjects(), STRATEGIES, seeds, () => true)) {
      if (board.row(subject, strategy).tries.length >= seed) continue;
      yield { subject, strategy, seed, make: (limit) => tryOn(subject, strategy, seed, limit, cpu) };
    }
  },
  ...{ withScores, tableOf },
  kept: path.join(root, 'properties', 'strategies', 'scores.json'),
  page: path.join(root, 'properties', 'strategies', 'README.md'),
};
const OF_DRIVERS: Contest = {
  *steps(seeds, board) {
    for (const { subject, strategy, seed } of driverPlan(knownBugs(), seeds, board)) {
      if (board.row(subject, strategy).tries.length >= seed) continue;
      yield { subject, strategy, seed, make: (limit) => tryDriver(subject, strategy, seed, limit, cpu) };
    }
  },
  ...{ withScores: withDriverScores, tableOf: driverTable },
  ...{ kept: path.join(root, 'traces', 'driver-scores.json'), page: DRIVER_PAGE },
};
const OF_FUZZ: Contest = {
  *steps(seeds, board) {
    for (const { subject, seed } of fuzzPlan(fuzzedBugs(), seeds, board.triesOf(FUZZ))) {
      yield { subject, strategy: FUZZ, seed, make: (limit) => tryFuzz(subject, seed, limit, cpu) };
    }
  },
  ...{ withScores: withFuzzScores, tableOf: fuzzTable },
  ...{ kept: path.join(root, 'traces', 'fuzz-scores.json'), page: DRIVER_PAGE },
};
/** A kill loses what was tried for so long (ms). */
const WRITTEN_EVERY_MS = 10_000;

interface Options {
  readonly seeds: number;
  readonly seconds: number;
  readonly drivers: boolean;
  readonly fuzz: boolean;
  readonly file?: string;
  readonly json: boolean;
}

export const endsInOrder = true;

export function register(program: Command): void {
  program
    .command('scoreboard')
    .description(
      'measures how often and how soon each strategy finds known bugs and mutants; goes on where it was stopped',
    )
    .option('--seeds <n>', 'seeds for each strategy and bug', wholeNumber(1, 1000), 20)
    .option('--seconds <n>', 'seconds of one core for each try, as in 10 or 0.5', seconds, 10)
    .option(
      '--drivers',
      'known bugs alone, by plain random and each driver of fuzz; the table is in traces/README.md',
      false,
    )
    .addOption(
      new Option(
        '--fuzz',
        'known bugs alone, by fuzz itself: its drivers taking turns on one thread; the table is in traces/README.md',
      )
        .default(false)
        .conflicts('drivers'),
    )
    .option('--file <file>', 'where tries are kept; the table in the README is of the default')
    .addOption(jsonOption())
    .action(async (options: Options) => {
      process.exitCode = await measure(options);
    });
}

const LONGEST = 3600;

function seconds(text: string): number {
  const given = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (given > 0 && given <= LONGEST) return given;
  throw new InvalidArgumentError(`It must be a number of seconds above 0 and up to ${LONGEST}.`);
}

/** Seconds that this process has used. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The scores of that file, if they are of this model, this Node and this limit. */
function scoresIn(file: string, seconds: number): Scores {
  const fresh: Scores = { limit: seconds, fingerprint: fingerprint(), node: process.version, rows: [] };
  if (!existsSync(file)) return fresh;
  const { rows, ...about } = keptIn(file);
  const isOfThese =
    about.limit === fresh.limit && about.fingerprint === fresh.fingerprint && about.node === fresh.node;
  if (isOfThese) return { ...about, rows };
  remark(`${file}: of another model, Node or limit, so everything is measured anew`);
  return fresh;
}

function keptIn(file: string): Scores {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new UsageError(
      `--file ${file}: ${thrown instanceof SyntaxError ? 'it is not JSON' : reasonOf(thrown)}`,
    );
  }
  const parsed = scoresSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--file ${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no scores'}`);
}

/** What is kept, to which each try is added. */
class Board {
  private readonly rows = new Map<string, ScoreRow>();
  private readonly about: Omit<Scores, 'rows'>;

  constructor({ rows, ...about }: Scores) {
    this.about = about;
    for (const row of rows) this.rows.set(keyOf(row.subject, row.strategy), row);
  }

  /** The row of a strategy on a subject. */
  row({ id, kind }: Subject, strategy: string): ScoreRow {
    const key = keyOf(id, strategy);
    let row = this.rows.get(key);
    if (row === undefined) {
      row = { subject: id, kind, strategy, tries: [] };
      this.rows.set(key, row);
    }
    return row;
  }

  /** What a strategy has come to on each subject so far. */
  readonly triesOf =
    (strategy: string) =>
    (subject: string): readonly Try[] =>
      this.rows.get(keyOf(subject, strategy))?.tries ?? [];

  readonly isFound = (subject: string): boolean =>
    [...this.rows.values()].some(
      (row) => row.subject === subject && row.tries.some(({ seconds }) => seconds !== null),
    );

  scores(): Scores {
    return { ...this.about, rows: [...this.rows.values()] };
  }
}

const keyOf = (subject: string, strategy: string): string => `${strategy} ${subject}`;

async function measure(options: Options): Promise<number> {
  const { seeds } = options;
  const contest = options.fuzz ? OF_FUZZ : options.drivers ? OF_DRIVERS : OF_STRATEGIES;
  const { file = contest.kept } = options;
  const stop = stopOnSignal();
  const board = new Board(scoresIn(file, options.seconds));
  const write = (): void => writeAtomically(file, textOf(board.scores()));
  write();
  const progress = progressLine();
  let written = performance.now();
  for (const { subject, strategy, seed, make } of contest.steps(seeds, board)) {
    if (stop.requested) break;
    board.row(subject, strategy).tries.push(make(options.seconds));
    progress.update((seed - 1) / seeds, `seed ${seed} of ${seeds}: ${strategy} on ${subject.id}`);
    if (performance.now() - written > WRITTEN_EVERY_MS) {
      write();
      written = performance.now();
    }
    await nextTurn();
  }
  progress.stop();
  write();
  const scores = board.scores();
  if (file === contest.kept) {
    writeAtomically(contest.page, contest.withScores(readFileSync(contest.page, 'utf8'), scores));
  }
  const verdict = stop.requested ? 'incomplete' : 'passed';
  if (options.json) sayJson({ verdict, ...scores });
  else say(contest.tableOf(scores));
  return EXIT[verdict];
}
