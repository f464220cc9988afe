/** Exit codes, and how mistakes reach the user: one line, no stack trace. */
import { atSources } from './program/source-positions.ts';

export const EXIT = {
  proved: 0,
  passed: 0,
  reproduced: 0,
  'as-expected': 0,
  violated: 1,
  unexpected: 1,
  refused: 1,
  'not-violated': 1,
  usage: 2,
  incomplete: 3,
  internal: 70,
} as const;

export type ExitName = keyof typeof EXIT;
export type Verdict = Exclude<ExitName, 'usage' | 'internal'>;

const WORST_FIRST: readonly Verdict[] = [
  'violated',
  'unexpected',
  'refused',
  'not-violated',
  'incomplete',
  'as-expected',
  'reproduced',
  'passed',
  'proved',
];

/** The worst of some verdicts, of which there must be one: combining keeps the worst. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const found = WORST_FIRST.find((verdict) => verdicts.includes(verdict));
  if (found === undefined) throw new Error('no verdict to combine');
  return found;
}

/** A mistake in the command line or in an input file: what is wrong, where, and what would be right. */
export class UsageError extends Error {}

/** Ends the program for an error that nobody expected: told apart from every verdict. */
export function internalError(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`internal error: ${message}\n`);
  process.stderr.write(
    'This is a mistake of highwater; please report it with the command line and the seed.\n',
  );
  if (process.env['HIGHWATER_DEBUG'] === undefined) {
    process.stderr.write('HIGHWATER_DEBUG=1 shows where it happened.\n');
  } else if (error instanceof Error) {
    process.stderr.write(`${atSources(error.stack ?? '')}\n`);
  }
  return EXIT.internal;
}
