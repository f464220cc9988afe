/** `scoreboard`: strategies against each other on known bugs and held-out mutants. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import { fingerprint } from '../../traces/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { writeAtomically } from '../files.ts';
import {
  plan,
  scoresSchema,
  subjects,
  tableOf,
  trialKey,
  tryOn,
  withScores,
  type Scores,
} from '../nightly/scoreboard.ts';
import { jsonOption, wholeNumber } from '../options.ts';
import { say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.ts';
import { progressLine } from '../terminal.ts';

const folder = path.join(import.meta.dirname, '..', '..', 'properties', 'strategies');
const PAGE = path.join(folder, 'README.md');

interface Options {
  readonly seeds: number;
  readonly seconds: number;
  readonly file: string;
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
    .option('--seconds <n>', 'seconds of one core for each trial', wholeNumber(1, 3600), 10)
    .option('--file <file>', 'where trials are kept', path.join(folder, 'scores.json'))
    .addOption(jsonOption())
    .action(async (options: Options) => {
      process.exitCode = await measure(options);
    });
}

/** Seconds that this process has used. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The trials of that file, if they are of this model and this limit. */
function scoresIn({ file, seconds }: Options): Scores {
  const fresh: Scores = { limit: seconds, fingerprint: fingerprint(), node: process.version, trials: [] };
  if (!existsSync(file)) return fresh;
  const parsed = scoresSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new UsageError(`${file}: ${parsed.error.issues[0]?.message ?? 'these are no scores'}`);
  const { data } = parsed;
  return data.limit === fresh.limit && data.fingerprint === fresh.fingerprint && data.node === fresh.node
    ? data
    : fresh;
}

async function measure(options: Options): Promise<number> {
  const stop = stopOnSignal();
  const scores = scoresIn(options);
  const trials = [...scores.trials];
  const made = new Set(trials.map(trialKey));
  const todo = [...plan(subjects(), options.seeds)].filter(
    ({ subject, strategy, seed }) => !made.has(trialKey({ subject: subject.id, strategy, seed })),
  );
  const progress = progressLine();
  let done = 0;
  for (const { subject, strategy, seed } of todo) {
    if (stop.requested) break;
    trials.push(tryOn(subject, strategy, seed, options.seconds, cpu));
    writeAtomically(options.file, textOf({ ...scores, trials }));
    progress.update(
      ++done / todo.length,
      `${done} of ${todo.length} trials: ${strategy} on ${subject.id}, seed ${seed}`,
    );
    await nextTurn();
  }
  progress.stop();
  const result = { ...scores, trials };
  writeAtomically(PAGE, withScores(readFileSync(PAGE, 'utf8'), result));
  const verdict = done < todo.length ? 'incomplete' : 'passed';
  if (options.json) sayJson({ verdict, ...result });
  else say(tableOf(result));
  return EXIT[verdict];
}

/** One trial to a line. */
function textOf({ trials, ...about }: Scores): string {
  const head = JSON.stringify(about).slice(0, -1);
  return `${head},"trials":[\n${trials.map((trial) => JSON.stringify(trial)).join(',\n')}\n]}\n`;
}
