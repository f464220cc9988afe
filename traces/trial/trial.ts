/**
 * What some settings stand: the runs that are kept are taken again under them, then new ones are generated. Repeatable
 * from its plan alone.
 */
import type { ActionCode, Settings } from '../../model/index.ts';
import { PROPERTIES, runsOf, type Found } from '../../properties/index.ts';
import type { Trace } from '../format.ts';
import { minimising } from '../minimise.ts';
import { recordTrace } from '../record.ts';
import { propertyOf, machineOf, runActions } from '../run.ts';
import { replayUnder } from './replays.ts';
import { savedRuns, type SavedRun } from './saved-runs.ts';

/** They take turns, run by run. */
const TRIAL_DRIVERS = ['walk', 'timed'] as const;
type TrialDriver = (typeof TRIAL_DRIVERS)[number];

export interface TrialPlan {
  readonly settings: Settings;
  readonly seed: number;
  /** Generated runs; the drivers take turns. */
  readonly runs: number;
  /** The longest generated run, in actions. */
  readonly actions: number;
  /** Tries for making each find small. */
  readonly tries: number;
  /** Runs to be taken again besides those that are kept. */
  readonly also?: readonly SavedRun[] | undefined;
  /** Ends early once all of these are broken. */
  readonly until?: readonly string[] | undefined;
}

/** How a break was found: a kept run taken again, the n-th generated run of a driver, an exhaustive search. */
export type Finder =
  | { readonly by: 'replay'; readonly of: string }
  | { readonly by: TrialDriver; readonly run: number }
  | { readonly by: 'explore' };

export interface Break {
  readonly property: string;
  readonly says: string;
  /** Actions taken when it broke. */
  readonly steps: number;
  readonly trace: Trace;
  readonly found: Finder;
}

export interface Trial {
  /** Kept runs that were taken again. */
  readonly replayed: number;
  /** Generated runs, by driver, and the actions that they took. */
  readonly runs: Readonly<Record<TrialDriver, number>>;
  readonly actions: number;
  readonly witnesses: { readonly met: readonly string[]; readonly unmet: readonly string[] };
  /** The shortest known break of each property, in the order of the suite. */
  readonly breaks: readonly Break[];
  /** Generated runs that broke each property. */
  readonly brokenIn: Readonly<Record<string, number>>;
}

const isLemma = (id: string): boolean =>
  PROPERTIES.some((property) => property.id === id && property.kind === 'lemma');
const isOfSteps = (id: string): boolean => PROPERTIES.some((property) => property.id === id);

export function trial(plan: TrialPlan, saved: readonly SavedRun[] = savedRuns()): Trial {
  const { settings, seed, actions, runs, until, also = [] } = plan;
  const kept = [...also, ...saved];
  const finds = new Finds(plan.tries);
  for (const { property, settings: under, actions: codes, says, of } of replayUnder(
    settings,
    kept,
  ).values()) {
    finds.add({ property, settings: under, codes, says, found: { by: 'replay', of } });
  }
  finds.makeSmall();

  const brokenIn: Record<string, number> = {};
  // A run goes on past what is known to break, to see what else does.
  const tolerated = finds.known;
  const campaign = { settings, properties: PROPERTIES, seed, actions, tolerated };
  const sources = TRIAL_DRIVERS.map((driver) => ({ driver, made: runsOf(driver, campaign) }));
  const done: Record<TrialDriver, number> = { walk: 0, timed: 0 };
  const enough = (): boolean => until?.every((id) => tolerated.has(id)) === true;
  for (let run = 0; run < runs && !enough(); run++) {
    const source = sources[run % sources.length];
    if (source === undefined) throw new Error('a trial needs a driver');
    const number = done[source.driver]++;
    const found = source.made.run(number);
    if (found === undefined) continue;
    for (const id of new Set(found.findings.map(({ property }) => property))) {
      brokenIn[id] = (brokenIn[id] ?? 0) + 1;
    }
    finds.addRun(found, { by: source.driver, run: number });
    finds.makeSmall();
  }
  const tallies = sources.map(({ made }) => made.tally());
  const met = new Set(tallies.flatMap(({ witnesses }) => witnesses.met));
  const unmet = new Set(tallies.flatMap(({ witnesses }) => witnesses.unmet).filter((id) => !met.has(id)));
  return {
    replayed: kept.length,
    runs: done,
    actions: tallies.reduce((sum, tally) => sum + tally.actions, 0),
    witnesses: { met: [...met].sort(), unmet: [...unmet].sort() },
    breaks: finds.shortest(),
    brokenIn,
  };
}

interface Find {
  readonly property: string;
  readonly settings: Settings;
  readonly codes: readonly ActionCode[];
  readonly says: string;
  readonly found: Finder;
}

/** What broke so far, each property with its shortest run. */
class Finds {
  readonly known = new Set<string>();
  private readonly tries: number;
  private readonly raw = new Map<string, Find>();
  private readonly breaks = new Map<string, Break>();

  constructor(tries: number) {
    this.tries = tries;
  }

  add(find: Find): void {
    this.known.add(find.property);
    this.raw.set(find.property, find);
  }

  addRun({ findings, settings, actions }: Found, found: Finder): void {
    for (const { property, step, says } of findings) {
      if (this.known.has(property)) continue;
      this.add({ property, settings, codes: actions.slice(0, step), says, found });
    }
  }

  /** Records what was added. Whoever is hurt gets a small run of its own; lemmas break along those too. */
  makeSmall(): void {
    const ids = [...this.raw.keys()].sort((a, b) => Number(isLemma(a)) - Number(isLemma(b)));
    for (const id of ids) {
      const find = this.raw.get(id);
      if (find !== undefined) this.record(find);
    }
    this.raw.clear();
  }

  private record({ property, settings, codes, says, found }: Find): void {
    if (!isOfSteps(property)) {
      const trace = recordTrace(settings, codes, { note: `${property}: ${says}` });
      this.breaks.set(property, { property, says, steps: codes.length, trace, found });
      return;
    }
    if (isLemma(property)) {
      if ((this.breaks.get(property)?.steps ?? Infinity) <= codes.length) return;
      this.note(recordTrace(settings, codes, { property }), found);
      return;
    }
    const { settings: smaller, actions, minimal } = this.small(settings, codes, property);
    this.note(recordTrace(smaller, actions, { property, minimal }), found);
  }

  private small(settings: Settings, codes: readonly ActionCode[], property: string) {
    const search = minimising(settings, codes, propertyOf(property));
    let next = search.next(true);
    while (next.done !== true) next = search.next(next.value.tries < this.tries);
    return next.value;
  }

  /** Takes the trace for its property, and for every other that it breaks sooner than what is known. */
  private note(trace: Trace, found: Finder): void {
    const machine = machineOf(trace.settings);
    const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
    for (const { property, step, says } of runActions(machine, codes, 'strict').findings) {
      const known = this.breaks.get(property);
      if (known !== undefined && known.steps <= step) continue;
      this.known.add(property);
      this.breaks.set(property, { property, says, steps: step, trace, found });
    }
  }

  shortest(): Break[] {
    const rank = (id: string): number => {
      const index = PROPERTIES.findIndex((property) => property.id === id);
      return index < 0 ? PROPERTIES.length : index;
    };
    return [...this.breaks.values()].sort((a, b) => rank(a.property) - rank(b.property));
  }
}
