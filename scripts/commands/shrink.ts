/** `shrink`: makes a recorded run smaller. */
import type { Command } from 'commander';
import {
  machineOf,
  minimising,
  propertyOf,
  recordTrace,
  replayTrace,
  writeTrace,
  type Minimised,
  type Trace,
} from '../../traces/index.ts';
import { EXIT, UsageError, type Verdict } from '../exit.ts';
import { traceIn, writeAtomically } from '../files.ts';
import { jsonOption } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.ts';
import { progressLine } from '../terminal.ts';
import { inTurns } from '../turns.ts';

interface Options {
  readonly out?: string;
  readonly property?: string;
  readonly json: boolean;
}

export const endsInOrder = true;

export function register(program: Command): void {
  program
    .command('shrink')
    .description('minimises a trace: no action, actor or fault that its break does not need')
    .argument('<file>', 'trace file')
    .option('--out <file>', 'where the result goes; else beside the trace, as NAME.min.json')
    .option('--property <id>', 'one of the broken properties, for that which the trace names')
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
  const small = await minimised(trace, property);
  const result = resultOf(trace, property, small);
  writeAtomically(out, writeTrace(result));
  const verdict = small.minimal === 'no' ? 'incomplete' : 'reproduced';
  const { before, after, tries, minimal } = small;
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
      trace: out,
      settings,
    },
    `${property}: ${before} → ${after} actions (${minimal === 'no' ? 'stopped early' : minimal}), ` +
      `${tries} tries; written to ${out}`,
  );
}

async function minimised(trace: Trace, property: string): Promise<Minimised> {
  const machine = machineOf(trace.settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  const stop = stopOnSignal();
  const progress = progressLine();
  const search = minimising(trace.settings, codes, propertyOf(property));
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
  return recordTrace(small.settings, small.actions, { property, name, note, schedule, seed, found, minimal });
}

function answer(options: Options, verdict: Verdict, document: object, line: string): void {
  if (options.json) sayJson({ verdict, ...document });
  else say(`${verdict}: ${line}`);
  process.exitCode = EXIT[verdict];
}
