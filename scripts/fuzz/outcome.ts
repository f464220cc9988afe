/** What a campaign has shown, as data: the JSON document and the report read the same value. */
import type { Settings } from '../../model/index.ts';
import { PROPERTIES, type Driver, type Tally } from '../../properties/index.ts';
import type { Catch, Trace } from '../../traces/index.ts';
import type { EngineResult } from './engine.ts';

export type Verdict = 'passed' | 'violated' | 'incomplete';

/** One run that broke something, made small and saved. */
export interface SavedFinding {
  readonly driver: Driver;
  readonly run: number;
  /** The foremost property that it breaks, and how. */
  readonly property: string;
  readonly says: string;
  readonly trace: Trace;
  /** File it was saved to. */
  readonly file: string;
  /** Length of the run before it was minimised, in actions. */
  readonly before: number;
}

export interface FuzzOutcome {
  readonly verdict: Verdict;
  /** Why the campaign is incomplete, in one line. */
  readonly because: string | undefined;
  readonly settings: Settings;
  readonly seed: number;
  readonly drivers: readonly string[];
  readonly runs: number;
  readonly actions: number;
  readonly seconds: number;
  readonly taken: Readonly<Record<string, number>>;
  readonly witnesses: Tally['witnesses'];
  readonly findings: readonly SavedFinding[];
  /** Runs that broke each property, all findings together. */
  readonly brokenIn: Readonly<Record<string, number>>;
  readonly calibration: Calibration | undefined;
}

/** How many known bugs and mutants of the rules as many runs catch. */
export interface Calibration {
  /** `kept`: measured before, under `settings`; `live`: measured for this campaign, under its own. */
  readonly from: 'kept' | 'live';
  readonly settings: string;
  readonly drivers: readonly Driver[];
  readonly seed: number;
  /** Those that each mutant and bug has got, or as many of them as are counted. */
  readonly runs: number;
  /** Whether it was measured under the options of this campaign, but for seed and number of runs. */
  readonly sameOptions: boolean;
  /** False where the model has changed since it was measured. */
  readonly fresh: boolean;
  readonly mutants: Share;
  /** Each under the settings that it needs. */
  readonly bugs: Share;
}

export interface Share {
  readonly total: number;
  readonly caught: readonly ({ readonly id: string } & Catch)[];
  readonly missed: readonly string[];
  /** Not got to before a signal, or new since the figures were measured. */
  readonly unmeasured: readonly string[];
}

/** Adds up what several drivers did. A witness is met when one of them met it. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const met = new Set(tallies.flatMap(({ witnesses }) => witnesses.met));
  const unmet = new Set(tallies.flatMap(({ witnesses }) => witnesses.unmet).filter((id) => !met.has(id)));
  const taken: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [kind, count] of Object.entries(tally.taken)) taken[kind] = (taken[kind] ?? 0) + count;
  }
  return {
    runs: tallies.reduce((sum, { runs }) => sum + runs, 0),
    actions: tallies.reduce((sum, { actions }) => sum + actions, 0),
    taken,
    witnesses: { met: [...met].sort(), unmet: [...unmet].sort() },
  };
}

/** Combining keeps the worst: a find is a find, and a pass that reached too little is none. */
export function judge(
  result: EngineResult,
  tally: Tally,
): { readonly verdict: Verdict; readonly because: string | undefined } {
  if (result.findings > 0) return { verdict: 'violated', because: undefined };
  if (result.interrupted) return { verdict: 'incomplete', because: 'stopped by a signal' };
  const { unmet } = tally.witnesses;
  if (unmet.length > 0) return { verdict: 'incomplete', because: `never reached: ${unmet.join(', ')}` };
  return { verdict: 'passed', because: undefined };
}

/** The property to name first: guarantees, promises, what did not come about, lemmas. */
export function foremost(broken: readonly string[]): string | undefined {
  return broken.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** Place of a property in that order. */
export function rank(id: string): number {
  const lemmas = PROPERTIES.findIndex(({ kind }) => kind === 'lemma');
  const index = PROPERTIES.findIndex((property) => property.id === id);
  return index < 0 ? lemmas - 0.5 : index;
}

export function jsonOf(outcome: FuzzOutcome): object {
  const [first] = outcome.findings;
  return {
    verdict: outcome.verdict,
    ...(outcome.because === undefined ? {} : { because: outcome.because }),
    ...(first === undefined
      ? {}
      : {
          property: first.property,
          broken: first.trace.broken,
          steps: first.trace.actions.length,
          trace: first.file,
        }),
    runs: outcome.runs,
    actions: outcome.actions,
    seconds: outcome.seconds,
    seed: outcome.seed,
    release: outcome.settings.release,
    rules: outcome.settings.rules,
    kafka: outcome.settings.kafka,
    faults: outcome.settings.faults,
    drivers: outcome.drivers,
    witnesses: outcome.witnesses,
    taken: outcome.taken,
    brokenIn: outcome.brokenIn,
    findings: outcome.findings.map(({ driver, run, property, trace, file, before }) => ({
      driver,
      run,
      property,
      broken: trace.broken,
      steps: trace.actions.length,
      stepsBefore: before,
      trace: file,
    })),
    ...(outcome.calibration === undefined ? {} : { calibration: outcome.calibration }),
  };
}
