/**
 * The command line. Every file in commands/ is a command of the same name: it exports `register(program)`, and only
 * the command that is asked for is loaded.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { suggestion } from '../traces/index.ts';
import about from '../package.json' with { type: 'json' };
import { EXIT, internalError, UsageError } from './exit.ts';
import { commandLine, keptByNpm } from './invocation.ts';
import { remark, say } from './output.ts';
import { endAtSignals } from './signals.mjs';

interface CommandModule {
  readonly register: (program: Command) => void;
  /** Whether it ends in order when a signal asks it to; others are ended by it. */
  readonly endsInOrder?: boolean;
}

const COMMANDS = readdirSync(path.join(import.meta.dirname, 'commands'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => path.basename(file, '.ts'))
  .sort();

/** The commands that are to be loaded for these arguments. Throws a UsageError where they name none. */
function commandsFor([first]: readonly string[]): readonly string[] {
  if (first === undefined) throw new UsageError(`no command given; known are ${COMMANDS.join(', ')}`);
  if (first.startsWith('-') || first === 'help') return COMMANDS;
  if (COMMANDS.includes(first)) return [first];
  throw new UsageError(`unknown command "${first}"${suggestion(first, COMMANDS)}`);
}

async function parse(args: readonly string[]): Promise<void> {
  const program = new Command('highwater')
    .description('Property-based and model-checking verification of Kafka’s partition replication protocol')
    .version(about.version)
    .exitOverride()
    // What commander complains of is told in one line below.
    .configureOutput({ writeOut: (text) => say(text.trimEnd()), writeErr: () => undefined });
  let endsInOrder = true;
  for (const name of commandsFor(args)) {
    const command = (await import(`./commands/${name}.ts`)) as CommandModule;
    command.register(program);
    endsInOrder &&= command.endsInOrder === true;
  }
  for (const command of program.commands) {
    const options = command.options.flatMap(({ long }) =>
      long === undefined ? [] : [long.replace(/^--/, '')],
    );
    const kept = keptByNpm(command.name(), options);
    if (kept === undefined) continue;
    const right = commandLine(command.name(), [`--${kept}`, '…']);
    throw new UsageError(`npm kept --${kept} for itself: options go behind "--", as in "${right}"`);
  }
  if (!endsInOrder) endAtSignals();
  await program.parseAsync(args, { from: 'user' });
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');

/** Runs the command line, the arguments after the program's name; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await parse(args);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      remark(`error: ${oneLine(error.message.replace(/^error: /, ''))}`);
      return EXIT.usage;
    }
    if (error instanceof UsageError) {
      remark(`error: ${oneLine(error.message)}`);
      return EXIT.usage;
    }
    return internalError(error);
  }
}

// A reader that has seen enough, as in `| head`, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
