/** The cells of the matrix: what was tried, what it shows of each property, and whether that was expected. */
import { rulesOf, type FaultClass } from '../../model/index.ts';
import {
  expectedIn,
  MEASURED_SETTINGS,
  standOf,
  TRIED,
  type Break,
  type Expectations,
  type Expected,
} from '../../traces/index.ts';
import { heldBy } from '../fault-classes.ts';
import { keptFor } from '../fuzz/calibrate.ts';
import type { Tried } from '../trials/job.ts';
import type { Asked, Row } from './rows.ts';
import type { Search } from './search.ts';

export interface Calibrated {
  readonly bugs: string;
  readonly mutants: string;
}

export interface Cell {
  readonly row: Row;
  readonly faults: FaultClass;
  readonly property: string;
  /** `untried`: a signal came first. `unreached`, `vacuous`: nothing broke, and that says nothing. */
  readonly is: 'proved' | 'passed' | 'broken' | 'unreached' | 'vacuous' | 'untried';
  readonly broken: Break | undefined;
  /** The class of faults under which the break was found: this one, or one that it holds. */
  readonly brokenUnder: FaultClass | undefined;
  /** Generated runs that broke it. */
  readonly brokenIn: number;
  readonly runs: number;
  readonly proof: Search | undefined;
  readonly witnesses: readonly string[];
  readonly expected: Expected;
  readonly asExpected: boolean;
  readonly calibration: Calibrated | undefined;
}

const HOLDS: Expected = { is: 'holds', by: [] };

/** Makes definite what is expected of a property in a place, where expectations allow both and it is known better. */
export type Sharpen = (place: Pick<Cell, 'row' | 'faults'>, property: string, expected: Expected) => Expected;

const asItIs: Sharpen = (_place, _property, expected) => expected;

/** All cells, row by row, class by class, property by property. `triedOf` gives undefined where nothing was tried. */
export function cellsOf(
  asked: readonly Asked[],
  triedOf: (key: string) => Tried | undefined,
  expectations: Expectations,
  sharpen: Sharpen = asItIs,
): readonly Cell[] {
  const byRow = new Map(asked.map((one) => [`${one.row.group}/${one.row.id}/${one.faults}`, one]));
  return asked.flatMap(({ row, faults, settings, key }) => {
    const tried = triedOf(key);
    const rules = rulesOf(settings.release, settings.rules);
    if ('error' in rules) throw new RangeError(rules.error);
    const expected = expectedIn(
      { release: settings.release, rules, kafka: settings.kafka, faults: faults === 'U' ? 'F0' : faults },
      expectations,
    );
    const milder = heldBy(faults).flatMap((name) => {
      const other = byRow.get(`${row.group}/${row.id}/${name}`);
      const made = other === undefined ? undefined : triedOf(other.key);
      return made === undefined ? [] : [{ faults: name, tried: made }];
    });
    const calibration = tried === undefined ? undefined : calibrationOf(settings, tried);
    return TRIED.map((property): Cell => {
      const shown = shownBy(property, faults, tried, milder);
      const wanted = sharpen({ row, faults }, property, expected.get(property) ?? HOLDS);
      return {
        row,
        faults,
        property,
        ...shown,
        expected: wanted,
        asExpected: agrees(shown.is, wanted),
        calibration: shown.is === 'passed' || shown.is === 'proved' ? calibration : undefined,
      };
    });
  });
}

function agrees(is: Cell['is'], expected: Expected): boolean {
  // What was not tried differs from nothing.
  if (is === 'untried') return true;
  if (is === 'broken') return expected.is !== 'holds';
  return expected.is !== 'broken';
}

type Shown = Pick<Cell, 'is' | 'broken' | 'brokenUnder' | 'brokenIn' | 'runs' | 'proof' | 'witnesses'>;

function shownBy(
  property: string,
  faults: FaultClass,
  tried: Tried | undefined,
  milder: readonly { readonly faults: FaultClass; readonly tried: Tried }[],
): Shown {
  const nothing = {
    broken: undefined,
    brokenUnder: undefined,
    brokenIn: 0,
    runs: 0,
    proof: undefined,
    witnesses: [],
  };
  if (tried === undefined) return { ...nothing, is: 'untried' };
  const { trial, search } = tried;
  const eventual = property.startsWith('eventually/');
  const runs = eventual ? trial.runs.timed : trial.runs.walk + trial.runs.timed;
  const brokenIn = trial.brokenIn[property] ?? 0;
  // A run under fewer faults is a run under these too: the shortest counts.
  const found = [{ faults, tried }, ...milder]
    .flatMap(({ faults: under, tried: made }) => {
      const stand = standOf(property, made.trial);
      return stand.is === 'broken' ? [{ under, by: stand.by }] : [];
    })
    .toSorted((a, b) => a.by.steps - b.by.steps)[0];
  if (found !== undefined) {
    return { ...nothing, is: 'broken', broken: found.by, brokenUnder: found.under, brokenIn, runs };
  }
  const stand = standOf(property, trial);
  if (stand.is === 'unreached' || stand.is === 'vacuous') {
    return { ...nothing, is: stand.is, runs, witnesses: stand.witnesses };
  }
  const proved = search?.end === 'complete' && !eventual && !search.tolerated.includes(property);
  return { ...nothing, is: proved ? 'proved' : 'passed', runs, proof: proved ? search : undefined };
}

/** What as many runs catch, where that was measured: under these very settings. */
function calibrationOf(settings: Asked['settings'], { trial }: Tried): Calibrated | undefined {
  if (JSON.stringify(settings) !== JSON.stringify(MEASURED_SETTINGS)) return undefined;
  const runs = trial.runs.walk + trial.runs.timed;
  const { bugs, mutants, fresh } = keptFor({
    settings,
    drivers: ['walk', 'timed'],
    seed: 1,
    actions: 400,
    runs,
    tolerated: new Set(),
  });
  if (!fresh) return undefined;
  return {
    bugs: `${bugs.caught.length} of ${bugs.total}`,
    mutants: `${mutants.caught.length} of ${mutants.total}`,
  };
}

export type Verdict = 'as-expected' | 'unexpected' | 'incomplete';

/** Combining keeps the worst: one cell that differs is enough. */
export function judge(cells: readonly Cell[]): Verdict {
  if (cells.some(({ asExpected }) => !asExpected)) return 'unexpected';
  return cells.some(({ is }) => is === 'untried' || is === 'unreached') ? 'incomplete' : 'as-expected';
}
