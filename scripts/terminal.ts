/** What the terminal at hand can show. */
import colors from 'picocolors';
import { PLAIN, type Paint } from '../traces/index.ts';

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Colours on a terminal, unless NO_COLOR is set to anything (no-color.org) or the terminal is dumb. */
export function paintFor(stream: Stream): Paint {
  const { NO_COLOR = '', TERM } = process.env;
  const colourful = stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
  return colourful ? colors.createColors(true) : PLAIN;
}

const NARROWEST = 80;
const WIDEST = 200;
const ELSEWHERE = 110;

/** Characters in a line: as the terminal has it, within reason. */
export const widthOf = (stream: Stream): number =>
  stream.columns === undefined ? ELSEWHERE : Math.min(Math.max(stream.columns, NARROWEST), WIDEST);
