/**
 * What a worker has in hand, in a file of fixed length that it writes over before each run: a worker that is killed
 * cannot say it any more, and one that hangs does not change it.
 */
import { readFileSync } from 'node:fs';
import type { RunName } from './lines.ts';

const LENGTH = 400;

/** `turn` counts what was done: a text that stays the same is a worker that does not get on. */
export const inHandText = (name: RunName, turn: number): string =>
  JSON.stringify({ pid: process.pid, turn, ...name }).padEnd(LENGTH);

export interface InHand {
  /** The process that has it. */
  readonly pid: number;
  readonly turn: number;
  readonly name: RunName;
}

/** Undefined where the worker had not begun. */
export function inHandIn(file: string): InHand | undefined {
  try {
    const { pid, turn, ...name } = JSON.parse(readFileSync(file, 'utf8')) as Omit<InHand, 'name'> & RunName;
    return { pid, turn, name };
  } catch {
    return undefined;
  }
}
