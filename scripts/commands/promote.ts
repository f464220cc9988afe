/** `promote`: a finding becomes a saved trace, which every test run replays with what it is expected to break. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { PROPERTIES, slug } from '../../properties/index.ts';
import { machineOf, recordTrace, replayTrace, writeTrace, type Trace } from '../../traces/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { writeAtomically } from '../files.ts';
import { traceIn } from '../trace-file.ts';
import { commandLine } from '../invocation.ts';
import { jsonOption } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { listSaved, SAVED } from '../saved.ts';

interface Options {
  readonly name?: string;
  readonly title: string;
  readonly saved: string;
  readonly json: boolean;
}

export function register(program: Command): void {
  program
    .command('promote')
    .description(
      'makes a finding a saved trace that every test run replays, with the exact set of what it breaks',
    )
    .argument('<trace>', 'trace file of a finding')
    .requiredOption('--title <text>', 'what happens, in one line')
    .option('--name <name>', 'its file without the ending; made of the title where it is missing')
    .addOption(
      new Option('--saved <folder>', 'where saved traces are').default(SAVED, 'traces/saved of highwater'),
    )
    .addOption(jsonOption())
    .action((file: string, options: Options) => {
      process.exitCode = promote(file, options);
    });
}

/** The name of the trace. Throws a UsageError for one that is taken or is no file name. */
function nameFor({ name, title, saved }: Options): string {
  const chosen = name ?? slug(title);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(chosen)) {
    throw new UsageError(`--name ${chosen}: it must be lower case letters, digits and single hyphens`);
  }
  if (existsSync(path.join(saved, `${chosen}.json`))) {
    throw new UsageError(`--name ${chosen}: there is a saved trace of that name`);
  }
  return chosen;
}

function promote(file: string, options: Options): number {
  const trace = traceIn(file);
  if (options.title.trim() === '') throw new UsageError('--title: it must say what happens');
  const name = nameFor(options);
  const { verdict, says } = replayTrace(trace);
  if (verdict !== 'reproduced') {
    if (options.json) sayJson({ verdict, says, trace: file });
    else say(`${verdict}: ${says}; it is not saved`);
    return EXIT[verdict];
  }
  if (trace.minimal === 'no')
    remark(`${file}: it is not minimised; ${commandLine('shrink', [file])} does that`);
  const promoted = withExpectation(trace, name, options.title);
  const place = path.join(options.saved, `${name}.json`);
  writeAtomically(place, writeTrace(promoted));
  listSaved(options.saved);
  const { property, broken, actions } = promoted;
  if (options.json)
    sayJson({ verdict: 'as-expected', property, broken, steps: actions.length, trace: place });
  else {
    say(`${place}: ${actions.length} actions; expected to break ${broken.join(', ') || 'nothing'}`);
    say('A bug that searches are to find anew also wants an entry in traces/catalog.ts.');
  }
  return EXIT['as-expected'];
}

/** The run as it is today: what it breaks, and the digest of every state. */
function withExpectation(trace: Trace, name: string, title: string): Trace {
  const machine = machineOf(trace.settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  const { seed, schedule, found, minimal, searched } = trace;
  const property = PROPERTIES.find(({ id }) => id === trace.property)?.id;
  const about = { name, note: title, property, seed, schedule, found, minimal, searched };
  return recordTrace(trace.settings, codes, about);
}
