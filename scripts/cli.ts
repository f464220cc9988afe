/**
 * The command line. Every file in commands/ is a command of the same name: it exports `register(program)`, and only
 * the command that is asked for is loaded.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { suggestion } from '../traces/index.ts';
import about from '../package.json' with { type: 'json' };
import { BAD_INPUT, InputError, INTERNAL } from './exit.ts';
import { remark, say } from './output.ts';

interface CommandModule {
  readonly register: (program: Command) => void;
}

const folder = path.join(import.meta.dirname, 'commands');
const commands = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => path.basename(file, '.ts'))
  .sort();

async function load(program: Command, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { register } = (await import(`./commands/${name}.ts`)) as CommandModule;
    register(program);
  }
}

/** Runs one command line, the arguments after the program's name. Commands set the exit status themselves. */
async function run(args: readonly string[]): Promise<void> {
  const program = new Command('highwater')
    .description(about.description)
    .version(about.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => say(text.trimEnd()), writeErr: () => undefined })
    .addHelpText(
      'after',
      '\nEvery command takes --help. Exit status: 0 as hoped, 1 broken, 2 bad input, 3 incomplete.',
    );
  const [first] = args;
  if (first === undefined) throw new InputError(`no command given; known are ${commands.join(', ')}`);
  if (first.startsWith('-') || first === 'help') {
    await load(program, commands);
  } else if (commands.includes(first)) {
    await load(program, [first]);
  } else {
    throw new InputError(`unknown command "${first}"${suggestion(first, commands)}`);
  }
  await program.parseAsync(args, { from: 'user' });
}

/** What went wrong, on one line, and the status to end with. */
function fail(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return;
    const line = thrown.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
    remark(`highwater: ${line}`);
    process.exitCode = BAD_INPUT;
    return;
  }
  if (thrown instanceof InputError) {
    remark(`highwater: ${thrown.message}`);
    process.exitCode = BAD_INPUT;
    return;
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  remark(`highwater: internal error: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`);
  remark(`Please report it with highwater ${about.version}, Node ${process.version} and this command line:`);
  remark(`  highwater ${process.argv.slice(2).join(' ')}`);
  if (process.env.HIGHWATER_DEBUG !== undefined) remark(error.stack ?? 'no stack');
  else remark('HIGHWATER_DEBUG=1 shows where it happened.');
  process.exitCode = INTERNAL;
}

// A reader that has seen enough (`| head`) is no mistake of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await run(process.argv.slice(2));
} catch (thrown) {
  fail(thrown);
}
