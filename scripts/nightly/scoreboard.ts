/**
 * Strategies against each other: in how many of some seeds each finds each known bug and each of some mutants that
 * nobody tuned a strategy on, with how many schedules, and in how many seconds of one core.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  PROPERTIES,
  runSeed,
  slug,
  strategyRuns,
  type Campaign,
  type Found,
  type StrategyName,
} from '../../properties/index.ts';
import {
  causeOf,
  MEASURED_SETTINGS,
  machineOf,
  runActions,
  savedRuns,
  startsUnder,
  targetsOf,
  type Start,
  type Target,
} from '../../traces/index.ts';

/** A control is broken nowhere: what is found there says how far the others can be relied on. */
const KINDS = ['bug', 'held out', 'control'] as const;

/** What one seed came to. */
export interface Try {
  readonly schedules: number;
  /** Of one core; null where it was not found within the limit. */
  readonly seconds: number | null;
  /** Length of the run that was found once it is minimised, where that was done. */
  readonly actions?: number;
}

export const isMissed = ({ seconds }: Try): boolean => seconds === null;

const trySchema = z
  .tuple([z.int().min(0), z.number().min(0).nullable()], z.int().min(0))
  .transform(([schedules, seconds, actions]): Try => ({
    ...{ schedules, seconds },
    ...(actions === undefined ? {} : { actions }),
  }));

const rowSchema = z.strictObject({
  subject: z.string(),
  kind: z.enum(KINDS),
  strategy: z.string(),
  /** Of seed 1, 2 and so on. */
  tries: z.array(trySchema),
});
export type ScoreRow = z.infer<typeof rowSchema>;

export const scoresSchema = z.strictObject({
  /** Seconds of one core after which a try ends. */
  limit: z.number().positive(),
  /** Of the model and the generators. */
  fingerprint: z.string(),
  node: z.string(),
  rows: z.array(rowSchema),
});
export type Scores = z.infer<typeof scoresSchema>;

/** A row to a line. */
export function textOf({ rows, ...about }: Scores): string {
  const lines = rows.map(({ tries, ...row }) =>
    JSON.stringify({
      ...row,
      tries: tries.map(({ schedules, seconds, actions = [] }) => [schedules, seconds, actions].flat()),
    }),
  );
  return `${JSON.stringify(about).slice(0, -1)},"rows":[\n${lines.join(',\n')}\n]}\n`;
}

export interface Subject {
  readonly id: string;
  readonly kind: (typeof KINDS)[number];
  readonly target: Target;
  /** Saved runs that show it: nobody may begin from them. */
  readonly shownBy: ReadonlySet<string>;
}

/** One mutant in so many, by a digest of its name, of those that some saved run kills. */
const HELD_OUT_ONE_IN = 4;

export function subjects(): readonly Subject[] {
  const killed = new Set(savedRuns().map(({ name }) => name));
  const control: Target = {
    id: 'nothing broken',
    kind: 'mutant',
    settings: MEASURED_SETTINGS,
    properties: PROPERTIES,
  };
  const broken = targetsOf(MEASURED_SETTINGS).flatMap((target): Subject[] => {
    const isHeldOut =
      (createHash('sha256').update(target.id).digest()[0] ?? 0) % HELD_OUT_ONE_IN === 0 &&
      killed.has(`mutants/${slug(target.id)}`);
    if (target.kind === 'mutant' && !isHeldOut) return [];
    return [
      { id: target.id, kind: target.kind === 'bug' ? 'bug' : 'held out', target, shownBy: shownBy(target) },
    ];
  });
  return [...broken, { id: control.id, kind: 'control', target: control, shownBy: new Set() }];
}

/** By name of a saved run, what takes its break away. */
let causes: ReadonlyMap<string, string | undefined> | undefined;

function causesOfRuns(): ReadonlyMap<string, string | undefined> {
  causes ??= new Map(savedRuns().map(({ name, trace }) => [name, causeOf(trace)]));
  return causes;
}

/** Its own run, those that break the same under its settings, and those of bugs that the same rule cures. */
function shownBy({ id, settings, properties }: Target): ReadonlySet<string> {
  const own = [`saved/${id}`, `mutants/${slug(id)}`];
  const known = causesOfRuns();
  const ownCauses = own.flatMap((name) => known.get(name) ?? []);
  const alike = [...known].flatMap(([name, cause]) =>
    cause !== undefined && ownCauses.includes(cause) ? [name] : [],
  );
  const wanted = new Set(properties.map((property) => property.id));
  const machine = machineOf(settings);
  const shows = ({ codes }: Start): boolean =>
    runActions(machine, codes, 'lenient').findings.some(({ property }) => wanted.has(property));
  const showing = startsUnder(settings)
    .filter(shows)
    .map(({ name }) => name);
  return new Set([...own, ...alike, ...showing]);
}

/** The longest run of a walk, in actions. */
const ACTIONS = 400;

/** Runs until the subject breaks or its seconds are used up; `cpu` gives the seconds of this core so far. */
export const tryOn = (
  subject: Subject,
  strategy: StrategyName,
  seed: number,
  limit: number,
  cpu: () => number,
): Try => attempt(subject, strategy, seed, limit, cpu).tried;

/** What came of a seed, and the run that broke it. */
export interface Attempt {
  readonly tried: Try;
  readonly found: Found | undefined;
}

/** The same, with the run that broke it. */
export function attempt(
  subject: Subject,
  strategy: StrategyName,
  seed: number,
  limit: number,
  cpu: () => number,
): Attempt {
  const { target, shownBy } = subject;
  const runs = strategyRuns(
    strategy,
    campaignOf(subject, seed),
    startsUnder(target.settings).flatMap(({ name, codes }) => (shownBy.has(name) ? [] : [codes])),
  );
  let run = 0;
  const next = (): Found | undefined => {
    const number = run++;
    return runs.runFrom(runSeed(seed, number), number);
  };
  const { found, seconds } = draw(target, next, limit, cpu);
  return { tried: { schedules: runs.tally().runs, seconds }, found };
}

export const campaignOf = ({ target: { settings, properties } }: Subject, seed: number): Campaign => ({
  ...{ settings, properties, seed, actions: ACTIONS, tolerated: new Set() },
});

/** Makes runs until the target breaks or the seconds are used up: null where they were. */
export function draw(
  { kind, properties }: Target,
  next: () => Found | undefined,
  limit: number,
  cpu: () => number,
): { readonly found: Found | undefined; readonly seconds: number | null } {
  const wanted = new Set(properties.map(({ id }) => id));
  const counts = ({ property }: { property: string }): boolean => wanted.has(property) || kind === 'mutant';
  const began = cpu();
  let found: Found | undefined;
  let seconds = 0;
  while (found === undefined && seconds < limit) {
    const broken = next();
    if (broken?.findings.some(counts) === true) found = broken;
    seconds = cpu() - began;
  }
  return { found, seconds: found === undefined ? null : Math.round(seconds * 1000) / 1000 };
}

/** The median; what was not found counts as more than anything. Undefined where more than half did not find it. */
export function medianOf(
  tries: readonly Try[],
  of: (found: Try, seconds: number) => number,
): number | undefined {
  const sorted = tries
    .map((one) => (one.seconds === null ? Infinity : of(one, one.seconds)))
    .sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return median === Infinity ? undefined : median;
}

/** How many seeds a subject gets that nobody has found by then, where a try takes many seconds. */
export const SEEDS_WITHOUT_A_FIND = 2;
/** How many a driver gets that has not found it itself by then. */
export const SEEDS_WITHOUT_AN_OWN_FIND = 5;

/** What is tried next, seed by seed, so that any beginning of it is a fair comparison. */
export function* plan(
  all: readonly Subject[],
  strategies: readonly StrategyName[],
  seeds: number,
  isWorthwhile: (subject: string, strategy: StrategyName, seed: number) => boolean,
): Generator<{ readonly subject: Subject; readonly strategy: StrategyName; readonly seed: number }> {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const subject of all) {
      // All at once: what one of them finds counts for the next seed.
      for (const strategy of strategies.filter((one) => isWorthwhile(subject.id, one, seed))) {
        yield { subject, strategy, seed };
      }
    }
  }
}
