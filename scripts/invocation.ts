/** How the program was started, so that hints can be typed as they stand. */
import path from 'node:path';

/** What a hint is made from; the process's own unless told otherwise. */
export interface Started {
  /** The file that was run. */
  readonly script: string | undefined;
  /** Set where npm or npx began it. */
  readonly npmEvent: string | undefined;
}

const own = (): Started => ({ script: process.argv[1], npmEvent: process.env['npm_lifecycle_event'] });

/**
 * The line that runs `command` the way this program was run: a checkout through its npm scripts, which start cli.mjs
 * itself; an installed package through npx, or by its name where that is on the path.
 */
export function commandLine(
  command: string,
  args: readonly string[] = [],
  { script = '', npmEvent }: Started = own(),
): string {
  const words =
    path.basename(script) === 'cli.mjs'
      ? ['npm', 'run', command, ...(args.length === 0 ? [] : ['--'])]
      : [...(npmEvent === undefined ? [] : ['npx']), 'highwater', command];
  return [...words, ...args].join(' ');
}

/** `args` without options that take a value, whichever way it is written. */
export const withoutOptions = (args: readonly string[], names: readonly string[]): string[] =>
  args.filter((arg, i) =>
    names.every((name) => arg !== name && args[i - 1] !== name && !arg.startsWith(`${name}=`)),
  );

/** A word as a shell takes it for one. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Options of ours that npm knows too: a user's .npmrc may set them for npm's own sake. */
const ALSO_NPMS: ReadonlySet<string> = new Set(['json', 'only', 'version']);

/**
 * An option that was written before the `--` of `npm run`: npm keeps it for itself, and the command would run without
 * it. npm tells its scripts of it in their environment. Undefined where there is none.
 */
export function keptByNpm(
  command: string,
  options: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (env['npm_lifecycle_event'] !== command) return undefined;
  return options.find(
    (name) => !ALSO_NPMS.has(name) && env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );
}
