/** `calibrate`: measures how many runs each known bug and mutant takes, and keeps the figures for every later pass. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import {
  fingerprint,
  keptCalibration,
  MEASURED_EFFORT,
  MEASURED_SETTINGS,
  targetsOf,
  type Catches,
  type Measured,
} from '../../traces/index.ts';
import { EXIT } from '../exit.ts';
import { writeAtomically } from '../files.ts';
import { measure } from '../fuzz/calibrate.ts';
import { jsonOption, wholeNumber } from '../options.ts';
import { say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { progressLine } from '../terminal.ts';

const file = path.join(import.meta.dirname, '..', '..', 'traces', 'calibration.json');

export const endsInOrder = true;

export function register(program: Command): void {
  program
    .command('calibrate')
    .description(
      'measures how many runs each known bug and mutant takes: what is missing, or all that is out of date',
    )
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber(1, 64), availableParallelism())
    .addOption(jsonOption())
    .action(async (options: CalibrateOptions) => {
      await calibrate(options);
    });
}

interface CalibrateOptions {
  readonly threads: number;
  readonly json: boolean;
}

async function calibrate({ threads, json }: CalibrateOptions): Promise<void> {
  const now = fingerprint();
  const targets = targetsOf(MEASURED_SETTINGS);
  const before = keptCalibration();
  const kept: Measured = before.fingerprint === now ? before : { fingerprint: now, mutants: {}, bugs: {} };
  const known = { ...kept.mutants, ...kept.bugs };
  const missing = targets.filter(({ id }) => !(id in known));

  const stop = stopOnSignal();
  const progress = progressLine();
  const merged = (added: Pick<Measured, 'mutants' | 'bugs'>): Measured => {
    const inOrder = (catches: Catches): Catches =>
      Object.fromEntries(targets.flatMap(({ id }) => (id in catches ? [[id, catches[id] ?? null]] : [])));
    return {
      fingerprint: now,
      mutants: inOrder({ ...kept.mutants, ...added.mutants }),
      bugs: inOrder({ ...kept.bugs, ...added.bugs }),
    };
  };
  // Each figure is kept at once: who stops after half an hour goes on from there.
  const added = await measure(
    missing,
    MEASURED_EFFORT,
    { threads, stop },
    ({ done, total, caught }) => {
      progress.update(done / total, `${caught} of ${done} caught, ${total} to be measured`);
    },
    (taken) => {
      writeAtomically(file, textOf(merged(taken)));
    },
  );
  progress.stop();

  const result = merged(added);
  writeAtomically(file, textOf(result));
  const figures = Object.values({ ...result.mutants, ...result.bugs });
  const caught = figures.filter((found) => found !== null).length;
  const verdict = figures.length === targets.length ? 'as-expected' : 'incomplete';
  if (json) sayJson({ verdict, measured: missing.length, ...result });
  else
    say(
      `${verdict}: ${caught} of ${figures.length} caught within ${MEASURED_EFFORT.runs} runs; ` +
        `${targets.length - figures.length} still to be measured`,
    );
  process.exitCode = EXIT[verdict];
}

/** One figure to a line. */
function textOf(measured: Measured): string {
  const list = (catches: Catches): string => {
    const lines = Object.entries(catches).map(
      ([id, found]) => `    ${JSON.stringify(id)}: ${found === null ? 'null' : figure(found)}`,
    );
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  };
  return [
    '{',
    `  "fingerprint": ${JSON.stringify(measured.fingerprint)},`,
    `  "mutants": ${list(measured.mutants)},`,
    `  "bugs": ${list(measured.bugs)}`,
    '}\n',
  ].join('\n');
}

const figure = ({ run, property }: NonNullable<Catches[string]>): string =>
  `{ "run": ${run}, "property": ${JSON.stringify(property)} }`;
