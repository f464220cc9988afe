/** Where the labels of lines go, so that none lies over another. */
import type { Line } from './chart.ts';

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

/** A place for each label, one after the other; the best one where all would lie over others. */
export function placesOf(lines: readonly Labelled[]): readonly Place[] {
  const taken: Box[] = [];
  return lines.map(({ line, label }) => {
    const width = label.length * CHARACTER;
    const places = SHARES.map((share) => placeAt(line, share));
    const free = places.find((place) => !taken.some((box) => overlap({ ...place, width }, box)));
    const place = free ?? placeAt(line, SHARES[0] ?? 0);
    taken.push({ ...place, width });
    return place;
  });
}
