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
 * The line that runs `command` the way this program was run: a checkout through its npm scripts, which start cli.ts
 * itself; an installed package through npx, or by its name where that is on the path.
 */
export function commandLine(
  command: string,
  args: readonly string[] = [],
  { script = '', npmEvent }: Started = own(),
): string {
  const words =
    path.basename(script) === 'cli.ts'
      ? ['npm', 'run', command, ...(args.length === 0 ? [] : ['--'])]
      : [...(npmEvent === undefined ? [] : ['npx']), 'highwater', command];
  return [...words, ...args].join(' ');
}
