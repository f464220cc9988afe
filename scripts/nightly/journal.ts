/**
 * What a campaign remembers, as lines of JSON. Every process writes a file of its own, each line in one write, and a
 * line that must not be lost is on the disk before work goes on. What a kill cut short is the end of a file, and is
 * not read.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../files.ts';
import { lineSchema, type Line } from './lines.ts';

export class Journal {
  private readonly fd: number;

  /** Goes on after the last whole line: who wrote here before may have been cut short. */
  constructor(file: string) {
    this.fd = openSync(file, 'a');
    const { size } = fstatSync(this.fd);
    const whole = size === 0 ? 0 : readFileSync(file).lastIndexOf('\n') + 1;
    if (whole < size) ftruncateSync(this.fd, whole);
  }

  append(line: Line): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    const written = writeSync(this.fd, bytes);
    if (written === bytes.length) return;
    ftruncateSync(this.fd, fstatSync(this.fd).size - written);
    throw Object.assign(new Error('a line did not fit on the disk'), { code: 'ENOSPC' });
  }

  /** The same, and it is on the disk when this returns. */
  appendSafely(line: Line): void {
    this.append(line);
    fsyncSync(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }
}

export const journalFolder = (folder: string): string => path.join(folder, 'journal');
export const journalFile = (folder: string, session: number, writer: string): string =>
  path.join(journalFolder(folder), `${String(session).padStart(4, '0')}-${writer}.jsonl`);

const journals = (folder: string): string[] =>
  reading(journalFolder(folder), (place) => readdirSync(place))
    .filter((file) => file.endsWith('.jsonl'))
    .sort();

/** Somebody may have taken away or put there what a campaign did not: throws a UsageError. */
function reading<R>(place: string, read: (place: string) => R): R {
  try {
    return read(place);
  } catch (thrown) {
    throw new UsageError(`${place}: cannot be read, ${reasonOf(thrown)}`);
  }
}

/** All whole lines, session by session. Throws a UsageError for a line that no campaign has written. */
export function* linesOf(folder: string): Generator<Line> {
  for (const file of journals(folder)) {
    const place = path.join(journalFolder(folder), file);
    const text = reading(place, () => readFileSync(place, 'utf8'));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const [index, line] of whole.split('\n').entries()) {
      if (line !== '') yield lineFrom(line, `${place}, line ${index + 1}`);
    }
  }
}

function lineFrom(line: string, place: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UsageError(`${place}: it is not JSON`);
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${place}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is no line of a journal'}`,
  );
}

/** How many sessions have written here. */
export const sessionsIn = (folder: string): number =>
  Math.max(-1, ...journals(folder).map((file) => Number(/^\d+/.exec(file)?.[0] ?? -1))) + 1;
