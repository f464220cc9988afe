/** Where everything in the space-time diagram goes: time runs down, one row per step, one column per party. */
import type { Film } from '../film.ts';
import { trafficOf, type Arrow, type Exchange, type Wait } from './arrows.ts';
import { cutsAlong, lanesOf, spansOf, type CutSpan, type Lane, type Span } from './lanes.ts';

export interface Chart {
  readonly lanes: readonly Lane[];
  readonly spans: readonly (readonly Span[])[];
  readonly arrows: readonly Arrow[];
  readonly exchanges: readonly Exchange[];
  readonly waits: readonly Wait[];
  readonly cuts: readonly CutSpan[];
}

export function chartOf(film: Film): Chart {
  const lanes = lanesOf(film);
  return {
    lanes,
    spans: lanes.map((lane) => spansOf(film, lane)),
    cuts: cutsAlong(film, lanes),
    ...trafficOf(film),
  };
}

/** The part of a chart that is drawn, in pixels. */
export interface Grid {
  /** First and last step drawn. */
  readonly from: number;
  readonly to: number;
  readonly row: number;
  readonly column: number;
  readonly columns: ReadonlyMap<number, number>;
}

export function gridOf({ lanes }: Chart, from: number, to: number, row: number, column: number): Grid {
  return { from, to, row, column, columns: new Map(lanes.map(({ party }, i) => [party, i])) };
}

export const xOf = ({ columns, column }: Grid, party: number): number =>
  ((columns.get(party) ?? 0) + 0.5) * column;

/** The middle of the row of a step. */
export const yOf = ({ from, row }: Grid, step: number): number => (step - from + 0.5) * row;

export const widthOf = ({ columns, column }: Grid): number => columns.size * column;
export const heightOf = ({ from, to, row }: Grid): number => (to - from + 1) * row;

/** Whether something that lasts from one step to another reaches into the part that is drawn. */
export const isSeen = ({ from, to }: Grid, start: number, end: number): boolean => start <= to && end >= from;

export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Arrows end before the lane that they point at, so that their heads are not hidden by the marks on it. */
const CLEARANCE = 7;
/** A lost message gets this far, and one that is still under way. */
const LOST_AT = 0.55;
const UNDER_WAY_AT = 0.4;

/** Within one row. */
export function exchangeLineOf(grid: Grid, { step, from, to }: Exchange): Line {
  const x1 = xOf(grid, from);
  const x2 = xOf(grid, to);
  const y = yOf(grid, step);
  return { x1, y1: y, x2: x2 - CLEARANCE * Math.sign(x2 - x1), y2: y };
}

export function lineOf(grid: Grid, { from, to, sent, ended, fate }: Arrow): Line {
  const x1 = xOf(grid, from);
  const y1 = yOf(grid, sent);
  const x = xOf(grid, to);
  const y = yOf(grid, ended);
  switch (fate) {
    case 'received': {
      const length = Math.hypot(x - x1, y - y1) || 1;
      const share = Math.max(0, 1 - CLEARANCE / length);
      return { x1, y1, x2: x1 + (x - x1) * share, y2: y1 + (y - y1) * share };
    }
    case 'lost':
      return { x1, y1, x2: x1 + (x - x1) * LOST_AT, y2: y };
    case 'under way':
      // Down to the end of the run, where there are no more rows.
      return { x1, y1, x2: x1 + (x - x1) * UNDER_WAY_AT, y2: y + grid.row / 2 };
  }
}
