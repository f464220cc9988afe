/** What a matrix has come to, as data: every report reads the same value. */
import type { FaultClass } from '../../model/index.ts';
import type { Break } from '../../traces/index.ts';
import type { Cell, Verdict } from './cells.ts';
import type { Row } from './rows.ts';

/** Where the run of a break was saved. */
export interface SavedRun {
  readonly file: string;
  /** Link from the HTML report, where there is one. */
  readonly page?: string | undefined;
}

export interface MatrixOutcome {
  readonly verdict: Verdict;
  readonly quick: boolean;
  readonly rows: readonly Row[];
  readonly cells: readonly Cell[];
  readonly cellAt: CellAt;
  /** Generated runs of each trial, and kept ones taken again. */
  readonly runs: number;
  readonly replayed: number;
  readonly seed: number;
  readonly seconds: number;
  /** Rows under a class of faults that were tried, how many of them before, and how many there are. */
  readonly tried: number;
  readonly remembered: number;
  readonly asked: number;
  readonly savedRun: (broken: Break) => SavedRun | undefined;
}

export type CellAt = (row: Row, faults: FaultClass, property: string) => Cell;

/** The cell of a row, a class and a property. */
export function cellFinder(cells: readonly Cell[]): CellAt {
  const keyOf = (row: Row, faults: FaultClass, property: string): string =>
    JSON.stringify([row.group, row.id, faults, property]);
  const known = new Map(cells.map((cell) => [keyOf(cell.row, cell.faults, cell.property), cell]));
  return (row, faults, property) => {
    const cell = known.get(keyOf(row, faults, property));
    if (cell === undefined) throw new RangeError(`no cell for ${property}`);
    return cell;
  };
}

export const groupsOf = ({ rows }: MatrixOutcome): readonly (readonly [string, readonly Row[]])[] =>
  [...new Set(rows.map(({ group }) => group))].map((group) => [
    group,
    rows.filter((row) => row.group === group),
  ]);

/** One line for a cell: what it shows, how that was found, what was expected. */
export function cellSays(cell: Cell): string {
  const { is, broken, brokenUnder, brokenIn, runs, proof, witnesses, expected, asExpected, calibration } =
    cell;
  const said = ((): string => {
    switch (is) {
      case 'broken': {
        const minimal =
          broken === undefined || broken.trace.minimal === 'no' ? '' : ` (${broken.trace.minimal})`;
        const under =
          brokenUnder === cell.faults ? '' : ` under ${brokenUnder ?? ''}, which ${cell.faults} holds`;
        return `broken in ${broken?.steps ?? 0} actions${minimal}${under}, ${foundBy(broken)}; ${brokenIn} of ${runs} generated runs broke it: ${broken?.says ?? ''}`;
      }
      case 'proved':
        return `proved within ${proof?.bounds ?? ''} (${proof?.grain ?? ''}, ${proof?.states ?? 0} states); passed ${runs} runs`;
      case 'passed':
        return `passed ${runs} runs`;
      case 'unreached':
        return `not broken in ${runs} runs, which never met ${witnesses.join(', ')}`;
      case 'vacuous':
        return `says nothing here: ${witnesses.join(', ')} cannot come about`;
      case 'untried':
        return 'not tried';
    }
  })();
  const worth =
    is !== 'passed' && is !== 'proved'
      ? ''
      : calibration === undefined
        ? '; what as many runs catch was not measured under these settings'
        : `; as many runs catch ${calibration.mutants} mutants and ${calibration.bugs} known bugs`;
  const before = expected.asSeen === true ? ', as it was seen before' : '';
  const differs = asExpected ? '' : `; expected: ${expected.is}${before}`;
  const by = expected.by.length === 0 ? '' : ` [${expected.by.join(', ')}]`;
  return `${said}${worth}${differs}${by}`;
}

function foundBy(broken: Break | undefined): string {
  switch (broken?.found.by) {
    case undefined:
      return '';
    case 'replay':
      return `found from ${broken.found.of}`;
    case 'explore':
      return 'found by an exhaustive search';
    case 'walk':
    case 'timed':
      return `found by generated run ${broken.found.run} (${broken.found.by})`;
  }
}
