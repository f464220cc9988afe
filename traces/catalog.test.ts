import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOG } from './catalog.ts';
import { readTrace } from './read.ts';
import { replayTrace } from './replay.ts';
import { searchEntry } from './search.ts';

const saved = (name: string): string => readFileSync(new URL(`saved/${name}.json`, import.meta.url), 'utf8');

/** Entries that a search finds within a second or so; the others are searched for by the full test run. */
const QUICK = ['acks-1-loss', 'dead-last-known-leader', 'error-yet-visible', 'retries-reorder'];
const FULL = process.env['HIGHWATER_FULL'] === '1';

describe.each(CATALOG)('$name', (entry) => {
  it('has a saved trace that breaks exactly what it says', () => {
    const trace = readTrace(saved(entry.name));
    if ('error' in trace) throw new Error(trace.error);
    expect([...trace.broken].sort()).toEqual([...entry.broken].sort());
    expect(trace.property).toBe(entry.property);
    expect(trace.settings.release).toBe(entry.settings.release);
    expect(trace.settings.rules).toEqual(entry.settings.rules);
    const replayed = replayTrace(trace, { exact: true });
    expect(replayed.verdict).toBe('reproduced');
  });

  it.runIf(entry.by === 'walk' && (FULL || QUICK.includes(entry.name)))(
    'is found anew, with nothing broken that it does not name',
    () => {
      const { needed, trace } = searchEntry(entry, FULL ? [1, 2, 3, 4, 5] : [1], 20_000);
      expect(needed).not.toContain(undefined);
      // What a search minimises may be longer than the saved run, and break less on its way.
      if (entry.property !== null) expect(trace?.broken).toContain(entry.property);
      expect(entry.broken).toEqual(expect.arrayContaining([...(trace?.broken ?? [])]));
    },
    300_000,
  );
});

it('no two entries share a name', () => {
  const names = CATALOG.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
