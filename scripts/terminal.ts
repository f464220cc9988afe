/** What the terminal can do: colours where they are wanted, a bar on a terminal, plain lines elsewhere. */
import { SingleBar } from 'cli-progress';
import colours from 'picocolors';
import type { Paint } from '../traces/index.ts';

const NARROWEST = 80;
const WIDEST = 200;
const ELSEWHERE = 110;

/** Characters in a line: as the terminal has it, within reason. */
export const widthOf = (stream: { readonly columns?: number }): number =>
  stream.columns === undefined ? ELSEWHERE : Math.min(Math.max(stream.columns, NARROWEST), WIDEST);

/** Colours for a stream; NO_COLOR and a stream that is no terminal turn them off. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const wanted = stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  const { bold, dim, red } = colours.createColors(wanted);
  return { bold, dim, red };
}

export interface ProgressLine {
  /** Shows how far the work has come; `share` between 0 and 1. */
  update(share: number, text: string): void;
  stop(): void;
}

/** How often a log that is no terminal gets a line, in ms. */
const LINE_EVERY_MS = 5000;

/** Progress on standard error; where that is no terminal, a line every `everyMs`. */
export function progressLine(everyMs = LINE_EVERY_MS): ProgressLine {
  if (process.stderr.isTTY) {
    const bar = new SingleBar({
      format: '{bar} {percentage}% {text}',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    });
    bar.start(1000, 0, { text: '' });
    return {
      update: (share, text) => {
        bar.update(Math.round(Math.min(share, 1) * 1000), { text });
      },
      stop: () => {
        bar.stop();
      },
    };
  }
  let last = performance.now();
  return {
    update: (share, text) => {
      if (performance.now() - last < everyMs) return;
      last = performance.now();
      process.stderr.write(`${Math.round(Math.min(share, 1) * 100)} % ${text}\n`);
    },
    stop: () => undefined,
  };
}
