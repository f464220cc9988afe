/**
 * What a pass is worth: how many runs it takes to catch each known bug and each mutant of the rules. Measured once
 * under the settings below and kept in calibration.json, so that every pass can say what its number of runs would
 * have caught; `npm run calibrate` measures anew what is missing, and all of it once the runs are other ones.
 */
import { createHash } from 'node:crypto';
import { defaultSettings, type Settings } from '../model/index.ts';
import {
  DRIVERS,
  mutantsOf,
  PROPERTIES,
  runsOf,
  Turns,
  type Driver,
  type Property,
} from '../properties/index.ts';
import kept from './calibration.json' with { type: 'json' };
import { CATALOG } from './catalog.ts';
import { propertyOf } from './run.ts';

/** What each mutant and bug gets, or how a campaign was made. */
export interface Effort {
  /** They take turns. */
  readonly drivers: readonly Driver[];
  readonly seed: number;
  /** The longest run, in actions. */
  readonly actions: number;
  readonly runs: number;
  /** Breaks of these do not count: the rules themselves break them. */
  readonly tolerated: ReadonlySet<string>;
}

/** Something broken that a campaign ought to notice. */
export interface Target {
  readonly id: string;
  readonly kind: 'mutant' | 'bug';
  readonly settings: Settings;
  /** A bug has to break the property that it is known for, a mutant any. */
  readonly properties: readonly Property[];
}

/** The run that caught it, counted from 1, and the property that broke first. */
export interface Catch {
  readonly run: number;
  readonly property: string;
}

/** Null where the runs made did not catch it; what has not been measured is missing. */
export type Catches = Readonly<Record<string, Catch | null>>;

export interface Measured {
  /** Of the runs that the catches were counted in: see `fingerprint`. */
  readonly fingerprint: string;
  readonly mutants: Catches;
  readonly bugs: Catches;
}

/** Under which the kept figures are measured: those of a pass with default options under the repaired rules. */
export const MEASURED_SETTINGS: Settings = { ...defaultSettings, release: '4.1-repaired' };

/** Enough for the figures of any pass with up to so many runs. */
export const MEASURED_EFFORT: Effort = {
  drivers: DRIVERS,
  seed: 1,
  actions: 400,
  runs: 5_000,
  tolerated: new Set(),
};

/** The mutants of the rules that `settings` has in force, and the known bugs, each under the settings that it needs. */
export function targetsOf(settings: Settings): Target[] {
  const mutants = mutantsOf(settings).map((mutant): Target => ({
    ...mutant,
    kind: 'mutant',
    properties: PROPERTIES,
  }));
  const bugs = CATALOG.flatMap(({ name, settings: needed, property }): Target[] =>
    property === null
      ? []
      : [{ id: name, kind: 'bug', settings: needed, properties: [propertyOf(property)] }],
  );
  return [...mutants, ...bugs];
}

/** Runs until the target is caught; yields after each run, and ends early when it gets false. */
export function* firstCatch(target: Target, effort: Effort): Generator<number, Catch | undefined, boolean> {
  const { settings, properties } = target;
  const wanted = new Set(properties.map(({ id }) => id));
  // What does not come about after the healing counts for mutants: it is no property of single steps.
  const counts = (id: string): boolean =>
    target.kind === 'mutant' ? !effort.tolerated.has(id) : wanted.has(id);
  const { seed, actions, tolerated, drivers } = effort;
  const campaign = { settings, properties, seed, actions, tolerated };
  const turns = new Turns(drivers.map((driver) => ({ driver, runs: runsOf(driver, campaign) })));
  for (let run = 0; run < effort.runs; run++) {
    const turn = turns.next();
    const found = turn.source.runs.run(turn.run);
    const caught = found?.findings.find(({ property }) => counts(property));
    if (caught !== undefined) return { run: run + 1, property: caught.property };
    if (!(yield run + 1)) return undefined;
  }
  return undefined;
}

/** Runs of each driver whose course stands for all. */
const SAMPLE = 12;

/**
 * Changes with whatever makes runs others than they were: rules, order of actions, generators, fault plans. The same
 * runs under the same properties give the same catches; what a property asks is compared by the test of this file.
 */
export function fingerprint(): string {
  return (fingerprintOfRuns ??= workedOut());
}

/** It takes thousands of steps, and does not change while the program runs. */
let fingerprintOfRuns: string | undefined;

function workedOut(): string {
  const { seed, actions, tolerated } = MEASURED_EFFORT;
  const hash = createHash('sha256');
  for (const driver of MEASURED_EFFORT.drivers) {
    const runs = runsOf(driver, {
      settings: MEASURED_SETTINGS,
      properties: PROPERTIES,
      seed,
      actions,
      tolerated,
    });
    for (let run = 0; run < SAMPLE; run++) {
      runs.run(run);
      hash.update(JSON.stringify(runs.tally().taken));
    }
  }
  hash.update(JSON.stringify(PROPERTIES.map(({ id }) => id)));
  return hash.digest('hex').slice(0, 16);
}

/** The kept figures. */
export const keptCalibration = (): Measured => kept;
