/** Verdicts and how they become the status of the process. */

/** Every verdict that a command can give, the worst first: combining keeps the worst. */
const STATUS = {
  violated: 1,
  unexpected: 1,
  refused: 1,
  'not-violated': 1,
  incomplete: 3,
  'as-expected': 0,
  reproduced: 0,
  passed: 0,
  proved: 0,
} as const;

export type Verdict = keyof typeof STATUS;
const WORST_FIRST = Object.keys(STATUS) as readonly Verdict[];

/** A command line or an input file that makes no sense. */
export const BAD_INPUT = 2;
/** A mistake of this program. */
export const INTERNAL = 70;

export const statusOf = (verdict: Verdict): number => STATUS[verdict];

/** The worst of some verdicts; there must be one. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const found = WORST_FIRST.find((verdict) => verdicts.includes(verdict));
  if (found === undefined) throw new Error('no verdict to combine');
  return found;
}

/** Thrown for what the person at the terminal can put right: one line that says what, where and what would be right. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
