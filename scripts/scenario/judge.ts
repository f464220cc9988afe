/** Compares the runs of a scenario with what is expected of it. */
import type { Fates } from '../../properties/index.ts';
import type { Count, Expected, Span } from '../scenarios/index.ts';
import type { ScenarioRun } from './run.ts';

/** Over the runs of a scenario. */
export interface Figures {
  readonly median: number;
  readonly worst: number;
}

export interface Judged {
  readonly verdict: 'as-expected' | 'unexpected';
  /** What is not as expected, one sentence each. */
  readonly unexpected: readonly string[];
  /** Standstills of producers and consumers (ms). */
  readonly producers: Figures;
  readonly consumers: Figures;
  /** From the first fault to the end of the last standstill that somebody would notice (ms). */
  readonly asUsualAfter: Figures;
  readonly fates: Readonly<Record<keyof Fates, Figures>>;
  /** In how many runs each property broke. */
  readonly broken: Readonly<Record<string, number>>;
}

/** Of an even number the lower one of the two in the middle: a figure that some run had. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, worst: sorted.at(-1) ?? 0 };
}

const FATES: readonly (keyof Fates)[] = ['acknowledged', 'failed', 'lost', 'duplicates', 'gaps', 'reordered'];

/** What each count is of, and what is said of it. */
const COUNTED = {
  lost: 'acknowledged records lost',
  duplicates: 'records delivered twice',
  gaps: 'acknowledged records never delivered',
  reordered: 'records delivered out of order',
  failed: 'sends that failed',
} as const satisfies Partial<Record<keyof Fates, string>>;

function outside(
  who: string,
  [least, most]: Span,
  runs: readonly { seed: number; value: number }[],
): string[] {
  return runs
    .filter(({ value }) => value < least || value > most)
    .slice(0, 1)
    .map(
      ({ seed, value }) =>
        `${who} stood still for ${value} ms, expected ${least} to ${most} ms (seed ${seed})`,
    );
}

function miscounted(what: string, expected: Count, values: readonly number[]): string[] {
  const worst = Math.max(0, ...values);
  switch (expected) {
    case 'none':
      return worst > 0 ? [`${worst} ${what}, expected none`] : [];
    case 'some':
      return worst === 0 ? [`no ${what}, expected some`] : [];
    case 'any':
      return [];
  }
}

export function judge(runs: readonly ScenarioRun[], expected: Expected): Judged {
  const values = (of: (run: ScenarioRun) => number): number[] => runs.map(of);
  const broken: Record<string, number> = {};
  for (const { measured } of runs) {
    const { findings, unmet } = measured.outcome;
    const ids = new Set([...findings, ...(unmet ?? [])].map(({ property }) => property));
    for (const id of ids) broken[id] = (broken[id] ?? 0) + 1;
  }
  const must = expected.broken ?? [];
  const allowed = new Set([...must, ...(expected.mayBreak ?? [])]);
  const standing = (of: (run: ScenarioRun) => number): { seed: number; value: number }[] =>
    runs.map((run) => ({ seed: run.seed, value: of(run) }));
  const unexpected = [
    ...outside(
      'producers',
      expected.producers,
      standing(({ measured }) => measured.producers.longest),
    ),
    ...outside(
      'consumers',
      expected.consumers,
      standing(({ measured }) => measured.consumers.longest),
    ),
    ...Object.entries(COUNTED).flatMap(([key, what]) => {
      const name = key as keyof typeof COUNTED;
      return miscounted(
        what,
        expected[name] ?? 'none',
        values(({ measured }) => measured.fates[name]),
      );
    }),
    ...Object.keys(broken)
      .filter((id) => !allowed.has(id))
      .sort()
      .map((id) => `${id} broke in ${broken[id] ?? 0} of ${runs.length} runs, expected to hold`),
    ...must.filter((id) => broken[id] === undefined).map((id) => `${id} held, expected to break`),
    ...runs.flatMap(({ seed, measured }) => skippedOf(seed, measured)).slice(0, 1),
    ...runs.flatMap(({ seed, measured }) => cutShort(seed, measured)).slice(0, 1),
  ];
  return {
    verdict: unexpected.length === 0 ? 'as-expected' : 'unexpected',
    unexpected,
    producers: figuresOf(values(({ measured }) => measured.producers.longest)),
    consumers: figuresOf(values(({ measured }) => measured.consumers.longest)),
    asUsualAfter: figuresOf(
      values(({ measured, faultAt }) => Math.max(0, (measured.asUsualAt ?? 0) - (faultAt ?? 0))),
    ),
    fates: Object.fromEntries(
      FATES.map((name) => [name, figuresOf(values(({ measured }) => measured.fates[name]))]),
    ) as Record<keyof Fates, Figures>,
    broken,
  };
}

/** A fault that did not happen makes another scenario of it. */
const skippedOf = (seed: number, { outcome }: ScenarioRun['measured']): string[] =>
  outcome.run.faults.flatMap(({ skipped }) =>
    skipped === undefined ? [] : [`a fault did not happen: ${skipped} (seed ${seed})`],
  );

const cutShort = (seed: number, { outcome }: ScenarioRun['measured']): string[] =>
  outcome.unmet === undefined
    ? [`the run was cut short after ${outcome.run.actions.length} actions (seed ${seed})`]
    : [];
