/**
 * Strategies against each other: in how many of some seeds each finds each known bug and each of some mutants that
 * nobody tuned a strategy on, with how many schedules, and in how many seconds of one core.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { runSeed, slug, STRATEGIES, strategyRuns, type StrategyName } from '../../properties/index.ts';
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

const KINDS = ['bug', 'held out'] as const;

export const trialSchema = z.strictObject({
  subject: z.string(),
  kind: z.enum(KINDS),
  strategy: z.string(),
  seed: z.int().min(1),
  found: z.boolean(),
  schedules: z.int().min(0),
  seconds: z.number().min(0),
});
export type ScoreTrial = z.infer<typeof trialSchema>;

export const scoresSchema = z.strictObject({
  /** Seconds of one core after which a trial ends. */
  limit: z.number().positive(),
  /** Of the model and the generators. */
  fingerprint: z.string(),
  node: z.string(),
  trials: z.array(trialSchema),
});
export type Scores = z.infer<typeof scoresSchema>;

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
  return targetsOf(MEASURED_SETTINGS).flatMap((target): Subject[] => {
    const isHeldOut =
      (createHash('sha256').update(target.id).digest()[0] ?? 0) % HELD_OUT_ONE_IN === 0 &&
      killed.has(`mutants/${slug(target.id)}`);
    if (target.kind === 'mutant' && !isHeldOut) return [];
    return [
      { id: target.id, kind: target.kind === 'bug' ? 'bug' : 'held out', target, shownBy: shownBy(target) },
    ];
  });
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

export const trialKey = ({
  subject,
  strategy,
  seed,
}: Pick<ScoreTrial, 'subject' | 'strategy' | 'seed'>): string => `${strategy} ${seed} ${subject}`;

/** The longest run of a walk, in actions. */
const ACTIONS = 400;

/** Runs until the subject breaks or its seconds are used up; `cpu` gives the seconds of this core so far. */
export function tryOn(
  subject: Subject,
  strategy: StrategyName,
  seed: number,
  limit: number,
  cpu: () => number,
): ScoreTrial {
  const { target, shownBy } = subject;
  const { settings, properties } = target;
  const wanted = new Set(properties.map(({ id }) => id));
  const runs = strategyRuns(
    strategy,
    { settings, properties, seed, actions: ACTIONS, tolerated: new Set() },
    startsUnder(settings).flatMap(({ name, codes }) => (shownBy.has(name) ? [] : [codes])),
  );
  const began = cpu();
  let found = false;
  let seconds = 0;
  for (let run = 0; !found && seconds < limit; run++) {
    const broken = runs.runFrom(runSeed(seed, run), run);
    found =
      broken?.findings.some(({ property }) => wanted.has(property) || target.kind === 'mutant') ?? false;
    seconds = cpu() - began;
  }
  return {
    subject: subject.id,
    kind: subject.kind,
    strategy,
    seed,
    found,
    schedules: runs.tally().runs,
    seconds: Math.round(Math.min(seconds, limit) * 1000) / 1000,
  };
}

export interface Cell {
  readonly tried: number;
  readonly found: number;
  /** Medians; those of trials that did not find it count as the limit. Undefined where more than half did not. */
  readonly schedules: number | undefined;
  readonly seconds: number | undefined;
}

export function cellOf(trials: readonly ScoreTrial[]): Cell {
  const found = trials.filter((trial) => trial.found);
  const most = (of: (trial: ScoreTrial) => number): number | undefined => {
    const sorted = trials.map((trial) => (trial.found ? of(trial) : Infinity)).sort((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)];
    return median === undefined || median === Infinity ? undefined : median;
  };
  return {
    tried: trials.length,
    found: found.length,
    schedules: most(({ schedules }) => schedules),
    seconds: most(({ seconds }) => seconds),
  };
}

const BEGIN = '<!-- scores:begin -->';
const END = '<!-- scores:end -->';

/** The page with the table of these scores between its two marks. Throws where a mark is missing. */
export function withScores(page: string, scores: Scores): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new RangeError(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${tableOf(scores)}\n\n${page.slice(end)}`;
}

export function tableOf({ limit, trials, node }: Scores): string {
  const of = (subject: string, strategy: string): ScoreTrial[] =>
    trials.filter((trial) => trial.subject === subject && trial.strategy === strategy);
  const columns = [...new Set(trials.map(({ strategy }) => strategy))];
  const rows = KINDS.flatMap((kind) =>
    [...new Set(trials.filter((trial) => trial.kind === kind).map(({ subject }) => subject))].map(
      (subject) => ({ subject, kind }),
    ),
  );
  const cells = rows.map(({ subject, kind }) => [
    subject,
    kind,
    ...columns.map((strategy) => cellText(cellOf(of(subject, strategy)))),
  ]);
  const total = (kind: ScoreTrial['kind']): string[] =>
    columns.map((strategy) => {
      const all = trials.filter((trial) => trial.strategy === strategy && trial.kind === kind);
      const seconds = all.reduce((sum, trial) => sum + trial.seconds, 0) / Math.max(all.length, 1);
      return `${all.filter(({ found }) => found).length}/${all.length}, ${seconds.toFixed(2)} s`;
    });
  const kept: readonly string[] = STRATEGIES;
  const head = [
    'broken',
    'kind',
    ...columns.map((name) => (kept.includes(name) ? name : `${name} (removed)`)),
  ];
  const table = [
    head,
    head.map(() => '---'),
    ...cells,
    ['**all bugs**: found, mean time', '', ...total('bug')],
    ['**all held out**', '', ...total('held out')],
  ];
  const seeds = new Set(trials.map(({ seed }) => seed)).size;
  return [
    `Found in how many seeds; median of schedules; median of seconds on one core, of at most ${limit}. ` +
      `${seeds} seeds at the most, ${trials.length} trials, Node ${node}.`,
    '',
    ...table.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');
}

function cellText({ tried, found, schedules, seconds }: Cell): string {
  if (tried === 0) return '';
  const medians =
    schedules === undefined || seconds === undefined ? '' : `, ${schedules}, ${seconds.toFixed(2)} s`;
  return `${found}/${tried}${medians}`;
}

/** All trials in an order that makes any beginning of it a fair comparison. */
export function* plan(
  all: readonly Subject[],
  seeds: number,
): Generator<{ readonly subject: Subject; readonly strategy: StrategyName; readonly seed: number }> {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const subject of all) for (const strategy of STRATEGIES) yield { subject, strategy, seed };
  }
}
