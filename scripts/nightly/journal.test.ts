import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal, journalFile, journalFolder, linesOf, sessionsIn } from './journal.ts';
import type { RawLine } from './lines.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-'));
  mkdirSync(journalFolder(folder));
});
afterEach(() => rmSync(folder, { recursive: true }));

const raw = (run: number): RawLine => ({
  kind: 'raw',
  target: '4.1/F1/walk',
  batch: 3,
  run,
  seed: -17,
  property: 'durability/holder',
  says: 'record 1 is gone',
  actions: [1, 2, 3],
});

it('wherever a kill cuts a file off, the lines before are read and nothing else', () => {
  const file = journalFile(folder, 0, 'w0');
  const journal = new Journal(file);
  journal.appendSafely(raw(0));
  journal.appendSafely(raw(1));
  journal.close();
  const whole = readFileSync(file);
  const firstEnds = whole.indexOf('\n') + 1;
  for (let size = whole.length; size >= 0; size -= 7) {
    writeFileSync(file, whole);
    truncateSync(file, size);
    const runs = [...linesOf(folder)].map((line) => (line.kind === 'raw' ? line.run : -1));
    expect(runs).toEqual(size === whole.length ? [0, 1] : size >= firstEnds ? [0] : []);
  }
});

it('who goes on in a file that was cut off goes on after its last whole line', () => {
  const file = journalFile(folder, 0, 'w0');
  writeFileSync(file, `${JSON.stringify(raw(0))}\n{"kind":"ra`);
  const journal = new Journal(file);
  journal.append(raw(1));
  journal.close();
  expect([...linesOf(folder)]).toEqual([raw(0), raw(1)]);
});

it('sessions count on', () => {
  expect(sessionsIn(folder)).toBe(0);
  writeFileSync(journalFile(folder, 4, 'main'), '');
  expect(sessionsIn(folder)).toBe(5);
});

it('a full disk is told of at the first line', () => {
  const journal = new Journal('/dev/full');
  expect(() => journal.append(raw(0))).toThrow('ENOSPC');
});

it('a folder that is gone is told of with its place', () => {
  expect(() => [...linesOf(path.join(folder, 'gone'))]).toThrow('gone/journal: cannot be read');
  mkdirSync(journalFile(folder, 0, 'w0'));
  expect(() => [...linesOf(folder)]).toThrow('0000-w0.jsonl: cannot be read');
});

it.each([
  ['nonsense\n', 'it is not JSON'],
  ['{"kind":"tick"}\n', 'session'],
  ['{"kind":"verdict"}\n', 'kind'],
  [`${JSON.stringify({ ...raw(0), target: 'x'.repeat(1000) })}\n`, 'target'],
  [`${JSON.stringify({ kind: 'small', file: '../../etc/passwd' })}\n`, 'line 1'],
])('a line of somebody else is refused with its place: %j', (line, what) => {
  appendFileSync(journalFile(folder, 0, 'w0'), line);
  expect(() => [...linesOf(folder)]).toThrow(what);
});
