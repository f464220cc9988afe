/** `shrink`: makes a recorded run smaller. */
import type { Command } from 'commander';
import {
  cureOf,
  machineOf,
  minimising,
  propertyOf,
  recordTrace,
  replayTrace,
  searchedSays,
  writeTrace,
  type Minimised,
  type Trace,
} from '../../traces/index.ts';
import { EXIT, UsageError, type Verdict } from '../exit.ts';
import { writeAtomically } from '../files.ts';
import { traceIn } from '../trace-file.ts';
import { fileToWrite, jsonOption, wholeNumber } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { progressLine } from '../terminal.ts';
import { inTurns } from '../turns.ts';

interface Options {
  readonly out?: string;
  readonly property?: string;
  readonly states: number;
  readonly json: boolean;
}

export const endsInOrder = true;

export function register(program: Command): void {
  program
    .command('shrink')
    .description(
      'minimises a trace: no action, actor or fault that its break does not need; then searches for a shorter run',
    )
    .argument('<file>', 'trace file')
    .option('--out <file>', 'where the result goes; else beside the trace, as NAME.min.json', fileToWrite)
    .option('--property <id>', 'one of the broken properties, for that which the trace names')
    .option(
      '--states <n>',
      'the search ends after so many states, some 20,000 a second; 0: there is none',
      wholeNumber(0, 100_000_000),
      100_000,
    )
    .addOption(jsonOption())
    .action(shrink);
}

async function shrink(file: string, options: Options): Promise<void> {
  const trace = traceIn(file);
  const property = options.property ?? trace.property;
  const { broken } = replayTrace(trace, { lenient: true });
  if (property === null || (options.property !== undefined && !broken.includes(property))) {
    throw new UsageError(
      broken.length === 0
        ? `${file}: the run breaks nothing, so there is nothing that a smaller one should break`
        : `${file}: say with --property what a smaller run should break: ${broken.join(', ')}`,
    );
  }
  if (!broken.includes(property)) {
    answer(options, 'not-violated', { property, broken, trace: file }, `${property} does not break`);
    return;
  }
  const out = options.out ?? `${file.replace(/\.json$/, '')}.min.json`;
  const small = await minimised(trace, property, options.states);
  const result = resultOf(trace, property, small);
  writeAtomically(out, writeTrace(result));
  const verdict = small.minimal === 'no' ? 'incomplete' : 'reproduced';
  const { before, after, tries, minimal, searched } = small;
  const { settings } = result;
  answer(
    options,
    verdict,
    {
      property,
      broken: result.broken,
      steps: after,
      stepsBefore: before,
      tries,
      minimal,
      searched,
      trace: out,
      settings,
    },
    `${property}: ${before} → ${after} actions (${minimal === 'no' ? 'stopped early' : minimal}), ` +
      `${tries} tries; ${whyNotShortest(result)}written to ${out}`,
  );
}

async function minimised(trace: Trace, property: string, states: number): Promise<Minimised> {
  const machine = machineOf(trace.settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  const stop = stopOnSignal();
  const progress = progressLine();
  const cure = cureOf({ ...trace, property });
  const search = minimising(trace.settings, codes, propertyOf(property), { states, cure });
  const small = await inTurns(search, stop, ({ actions, tries }) => {
    progress.update(1 - actions / codes.length, `${actions} actions after ${tries} tries`);
  });
  progress.stop();
  if (small.minimal === 'no') remark('stopped: the shortest run so far is kept');
  return small;
}

function resultOf(trace: Trace, property: string, small: Minimised): Trace {
  const { name, note, schedule, seed, found } = trace;
  // Nothing shorter than the shortest can have been found.
  const wasShortest = trace.minimal === 'shortest' && small.after === trace.actions.length;
  const minimal = wasShortest ? 'shortest' : small.minimal;
  const searched = wasShortest ? trace.searched : small.searched;
  const about = { property, name, note, schedule, seed, found, minimal, searched };
  return recordTrace(small.settings, small.actions, about);
}

const whyNotShortest = ({ minimal, searched }: Trace): string =>
  minimal === 'shortest' || searched === undefined ? '' : `${searchedSays(searched)}; `;

function answer(options: Options, verdict: Verdict, document: object, line: string): void {
  if (options.json) sayJson({ verdict, ...document });
  else say(`${verdict}: ${line}`);
  process.exitCode = EXIT[verdict];
}
