/** The command line: one file per command, registered here. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, internalError, UsageError } from './exit.ts';
import { register as bench } from './commands/bench.ts';
import { register as fuzz } from './commands/fuzz.ts';

const COMMANDS = [bench, fuzz];

function programOf(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('highwater')
    .description('Property-based and model-checking verification of Kafka’s partition replication protocol')
    .version(version)
    .exitOverride()
    // One line, without the usage that commander would add.
    .configureOutput({ writeErr: (text) => process.stderr.write(`${text.trim().split('\n')[0] ?? ''}\n`) })
    .showHelpAfterError(false);
  for (const register of COMMANDS) register(program);
  for (const command of program.commands) {
    command.exitOverride().configureOutput({
      writeErr: (text) => process.stderr.write(`${text.trim().split('\n')[0] ?? ''}\n`),
    });
  }
  return program;
}

/** Runs the command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await programOf().parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n`);
      return EXIT.usage;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    return internalError(error);
  }
}

process.exitCode = await main(process.argv);
