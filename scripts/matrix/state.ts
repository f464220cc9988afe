/**
 * What a matrix has tried so far, so that an end at any moment loses only what was under way: a file of lines, each with
 * its own digest. A line that is torn, changed or of other code is not believed.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readTrace, writeTrace, type Break } from '../../traces/index.ts';
import { makeFolders } from '../files.ts';
import type { Tried } from '../trials/job.ts';
import { SEARCHED_TO } from './search.ts';

const count = z.int().min(0);
const ids = z.array(z.string());
const schema = z.strictObject({
  trial: z.strictObject({
    replayed: count,
    runs: z.strictObject({ walk: count, timed: count }),
    actions: count,
    witnesses: z.strictObject({ met: ids, unmet: ids }),
    breaks: z.array(
      z.strictObject({
        property: z.string(),
        says: z.string(),
        steps: count,
        trace: z.string(),
        found: z.union([
          z.strictObject({ by: z.literal('replay'), of: z.string() }),
          z.strictObject({ by: z.literal('explore') }),
          z.strictObject({ by: z.enum(['walk', 'timed']), run: count }),
        ]),
      }),
    ),
    brokenIn: z.record(z.string(), count),
  }),
  search: z
    .strictObject({
      end: z.enum(SEARCHED_TO),
      bounds: z.string(),
      grain: z.string(),
      states: count,
      tolerated: ids,
    })
    .optional(),
});

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Whether what is tried depends on a file: sources do, and the runs that are kept; figures that were measured, what is
 * expected and the page of a run do not.
 */
export const countsForTrials = (file: string): boolean =>
  /^traces\/(saved|mutants)\/.*\.json$/.test(file) ||
  (/(?<!\.test)\.ts$/.test(file) && !/^traces\/(viewer|expectations)\//.test(file));

/** Of everything that what was tried depends on. */
export function codeDigest(): string {
  const root = path.join(import.meta.dirname, '..', '..');
  const digest = createHash('sha256');
  for (const folder of [
    'model',
    'properties',
    'traces',
    'scripts/explore',
    'scripts/matrix',
    'scripts/trials',
  ]) {
    const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.split(path.sep).join('/')}`)
      .filter(countsForTrials);
    for (const file of files.sort()) digest.update(`${file}\n`).update(readFileSync(path.join(root, file)));
  }
  return digest.digest('hex').slice(0, 16);
}

/** Keeps what was tried in a file of a folder; one file for each code and effort. */
export class TriedStore {
  readonly file: string;
  private readonly known = new Map<string, Tried>();
  /** Lines of the file that are not believed. */
  readonly refused: number = 0;

  /** `fresh`: what was kept is forgotten. */
  constructor(folder: string, effort: string, fresh = false) {
    makeFolders(folder);
    this.file = path.join(folder, `tried-${hash(effort).slice(0, 16)}.jsonl`);
    if (fresh) rmSync(this.file, { force: true });
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    for (const line of lines.filter((text) => text !== '')) {
      const read = lineOf(line);
      if (read === undefined) this.refused++;
      else this.known.set(read.key, read.tried);
    }
  }

  get(key: string): Tried | undefined {
    return this.known.get(hash(key));
  }

  add(key: string, { trial, search }: Tried): void {
    const breaks = trial.breaks.map(({ trace, ...rest }) => ({ ...rest, trace: writeTrace(trace) }));
    const body = JSON.stringify({ trial: { ...trial, breaks }, search });
    // One write of one line, on a line of its own even after a torn one.
    appendFileSync(this.file, `\n${hash(key)} ${hash(body)} ${body}\n`);
    this.known.set(hash(key), { trial, search });
  }
}

function lineOf(line: string): { readonly key: string; readonly tried: Tried } | undefined {
  const [, key, digest, body] = /^([0-9a-f]{64}) ([0-9a-f]{64}) (.*)$/.exec(line) ?? [];
  if (key === undefined || body === undefined || hash(body) !== digest) return undefined;
  const read = schema.safeParse(JSON.parse(body));
  if (!read.success) return undefined;
  const { trial, search } = read.data;
  const breaks: Break[] = [];
  for (const { trace: text, ...rest } of trial.breaks) {
    const trace = readTrace(text);
    if ('error' in trace) return undefined;
    breaks.push({ ...rest, trace });
  }
  return { key, tried: { trial: { ...trial, breaks }, search } };
}
