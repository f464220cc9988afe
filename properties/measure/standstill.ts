/** How long somebody waited while there was something to do and nothing got done. */

/** A piece of work: wanted from `from` on, done or given up at `to` (ms). */
export interface Wait {
  readonly from: number;
  readonly to: number;
  readonly done: boolean;
}

export interface Standstill {
  readonly from: number;
  readonly to: number;
}

export const lengthOf = ({ from, to }: Standstill): number => to - from;

/**
 * The longest spans in which something was wanted and nothing was done, in order: each ends with something done, the
 * last one perhaps with the end of what was waited for.
 */
export function standstills(waits: readonly Wait[]): Standstill[] {
  const byEnd = waits.toSorted((a, b) => a.to - b.to);
  // Of the waits from each one on, when the first began.
  const since: number[] = byEnd.map(({ from }) => from);
  for (let i = since.length - 2; i >= 0; i--) since[i] = Math.min(since[i] ?? 0, since[i + 1] ?? 0);
  const found: Standstill[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let open = 0;
  const close = (to: number): void => {
    const from = Math.max(last, since[open] ?? to);
    if (to > from) found.push({ from, to });
  };
  byEnd.forEach(({ to, done }, index) => {
    if (!done) return;
    if (to > last) {
      close(to);
      last = to;
    }
    // What was given up before this is waited for no longer.
    open = index + 1;
  });
  const end = byEnd.at(-1)?.to;
  if (open < byEnd.length && end !== undefined) close(end);
  return found;
}

/** Spans shorter than this are the ordinary life of a network with a tail (ms). */
export const ORDINARY = 1_000;

/** The standstills that somebody would notice. */
export const noticeable = (spans: readonly Standstill[]): Standstill[] =>
  spans.filter((span) => lengthOf(span) > ORDINARY);

export const longest = (spans: readonly Standstill[]): number =>
  spans.reduce((most, span) => Math.max(most, lengthOf(span)), 0);
