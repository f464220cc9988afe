/** Where the words of the diagram go: those of lines make way for each other and for those of marks. */
import { widthOf, xOf, yOf, type Grid, type Line } from './chart.ts';

/** Width of a small character, and height of a line of them, about, in pixels. */
export const CHARACTER = 6;
const HEIGHT = 11;

/**
 * Shares of a line at which its label may stand, the best first: before the middle, for the end belongs to the mark of
 * whoever receives.
 */
const SHARES = [0.42, 0.6, 0.26, 0.75, 0.88, 0.12];

export interface Place {
  /** The middle of the label. */
  readonly x: number;
  readonly y: number;
}

interface Labelled {
  readonly line: Line;
  readonly label: string;
}

const tidy = (value: number): number => Math.round(value * 10) / 10;

/** Above its line. */
function placeAt({ x1, y1, x2, y2 }: Line, share: number): Place {
  return { x: tidy(x1 + (x2 - x1) * share), y: tidy(y1 + (y2 - y1) * share - 4) };
}

interface Box extends Place {
  readonly width: number;
}

const overlap = (a: Box, b: Box): boolean =>
  Math.abs(a.y - b.y) < HEIGHT && Math.abs(a.x - b.x) < (a.width + b.width) / 2;

/** Where the words of a mark begin, or end if they stand to its left. */
export interface MarkWords extends Place {
  readonly says: string;
  readonly isLeft: boolean;
}

/** How far they stand from the middle of their lane, and below that of their row. */
const ASIDE = 9;
const BELOW = 12;

export function wordsOfMark(grid: Grid, step: number, party: number, says: string): MarkWords {
  const x = xOf(grid, party);
  // Where there is no room to the right, the words stand to the left.
  const isLeft = x + ASIDE + says.length * CHARACTER > widthOf(grid);
  return { says, isLeft, x: isLeft ? x - ASIDE : x + ASIDE, y: yOf(grid, step) + BELOW };
}

function boxOf({ says, isLeft, x, y }: MarkWords): Box {
  const width = says.length * CHARACTER;
  return { width, x: isLeft ? x - width / 2 : x + width / 2, y };
}

/** A place for each label, one after the other; the best one where all would lie over others or over words of marks. */
export function placesOf(lines: readonly Labelled[], marks: readonly MarkWords[]): readonly Place[] {
  const taken = marks.filter(({ says }) => says !== '').map(boxOf);
  return lines.map(({ line, label }) => {
    const width = label.length * CHARACTER;
    const places = SHARES.map((share) => placeAt(line, share));
    const free = places.find((place) => !taken.some((box) => overlap({ ...place, width }, box)));
    const place = free ?? placeAt(line, SHARES[0] ?? 0);
    taken.push({ ...place, width });
    return place;
  });
}
