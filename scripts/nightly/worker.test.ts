import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace, replayTrace } from '../../traces/index.ts';
import { isSampled, Worker } from './batch.ts';
import { findingsFolder } from './campaign-folder.ts';
import { Journal, journalFile, journalFolder, linesOf } from './journal.ts';
import { Known } from './known.ts';
import type { Line } from './lines.ts';
import { markdownOf } from './markdown.ts';
import { nightOf, type Night } from './night.ts';
import { junitOf } from './junit.ts';
import { pageOfNight } from './page.ts';
import { targetsFrom, type Target } from './targets.ts';

const targets = targetsFrom(
  {
    strategies: { random: 1 },
    targets: [
      { canary: 'acks-1-loss', strategies: ['walk'], weight: 1 },
      { releases: ['3.6'], faults: ['F0'], expects: 'known-bugs', weight: 1 },
      { releases: ['3.6'], faults: ['F1'], expects: 'clean', strategies: ['walk'], weight: 1 },
    ],
  },
  'a test',
);
const [canary, known, clean] = targets as [Target, Target, Target];

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'campaign-'));
  for (const place of [journalFolder(folder), findingsFolder(folder)]) mkdirSync(place);
  folders.push(folder);
  return folder;
}
/** A folder in which each target has got a batch. */
let all: string;
beforeAll(() => {
  all = newFolder();
  work(all, [canary, known, clean]);
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Works through one batch of each of these in a folder of its own. */
function work(folder: string, wanted: readonly Target[]): void {
  const journal = new Journal(journalFile(folder, 0, 'w0'));
  const worker = new Worker({
    seed: 3,
    folder,
    journal,
    today: '2030-01-01',
    now: () => 0,
    processor: () => 0,
    onRun: () => undefined,
  });
  for (const target of wanted) worker.run({ target, batch: 0, skip: [] });
  journal.close();
}

const lines = (folder: string): Line[] =>
  [...linesOf(folder)].map((line) => (line.kind === 'batch' ? { ...line, heapMb: 0 } : line));

function night(folder: string, of: readonly Target[], knows = new Known([], '2030-01-01')): Night {
  const part = {
    folder,
    seed: 3,
    began: '2030-01-01',
    shard: { part: 1, of: 1 },
    targets: of,
    lines: lines(folder),
  };
  return nightOf([part], knows, undefined);
}

describe('a batch', () => {
  it('comes to the same whoever works it through', () => {
    const other = newFolder();
    work(other, [known]);
    const ofKnown = lines(all).filter((line) => 'target' in line && line.target === known.id);
    expect(lines(other)).toEqual(ofKnown);
    expect(ofKnown.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['raw', 'small', 'batch']));
  });

  it('of a canary says only how often it broke', () => {
    const ofCanary = lines(all).filter((line) => 'target' in line && line.target === canary.id);
    expect(ofCanary).toMatchObject([
      { kind: 'batch', brokenIn: { 'acked-durable': expect.any(Number) as number } },
    ]);
  });

  it('has every finding as it was found before what is made of it, and a trace that replays', () => {
    const written = lines(all);
    for (const line of written.filter((one) => one.kind === 'small')) {
      const raw = written.findIndex(
        (one) => one.kind === 'raw' && one.target === line.target && one.run === line.run,
      );
      expect(raw).toBeGreaterThanOrEqual(0);
      expect(raw).toBeLessThan(written.indexOf(line));
    }
    const files = readdirSync(findingsFolder(all));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const trace = readTrace(readFileSync(path.join(findingsFolder(all), file), 'utf8'));
      if ('error' in trace) throw new Error(trace.error);
      expect(replayTrace(trace, { exact: true }).verdict).toBe('reproduced');
    }
  });
});

it('strategies take turns where known bugs break, and nothing is left out where nothing may', () => {
  const sampled = (target: Target): number[] =>
    Array.from({ length: 130 }, (_, batch) => batch).filter((batch) => isSampled(target, batch));
  expect(sampled({ ...known, strategy: 'random' })).toEqual([0, 61, 122]);
  expect(sampled({ ...known, strategy: 'seeded' })).toEqual([60, 121]);
  expect(sampled(clean)).toHaveLength(130);
});

describe('a night', () => {
  it('is as expected where canaries sing and older rules explain all that breaks', () => {
    const made = night(all, [canary, known]);
    expect(made.because).toEqual([]);
    expect(made.verdict).toBe('as-expected');
    expect(made.buckets.length).toBeGreaterThan(0);
    for (const { standing } of made.buckets) expect(['cured', 'saved']).toContain(standing.kind);
    expect(made.coverage.guards.length).toBeGreaterThan(5);
    expect(made.coverage.states).toBeGreaterThan(100);
  });

  it('is incomplete without a fresh find of a canary, and says that first', () => {
    const made = night(all, [known, { ...canary, property: 'ordering' }]);
    expect(made.verdict).toBe('incomplete');
    expect(made.because[0]?.says).toContain(canary.id);
    expect(markdownOf(made, []).split('\n')[2]).toContain(canary.id);
  });

  it('is unexpected with a finding that nothing known explains, until that is muted, and again when that expires', () => {
    const small = lines(all).filter(
      (line) => line.kind === 'small' && line.target === clean.id && line.file !== null,
    );
    const few = new Set(small.slice(0, 3).map((line) => ('run' in line ? line.run : undefined)));
    const ofClean = lines(all).filter(
      (line) => 'target' in line && line.target === clean.id && (!('run' in line) || few.has(line.run)),
    );
    const unexplained = ofClean.map((line): Line =>
      line.kind === 'small' ? { ...line, cause: null } : line,
    );
    const of = (knows: Known): Night =>
      nightOf(
        [
          {
            folder: all,
            seed: 3,
            began: '2030-01-01',
            shard: { part: 1, of: 1 },
            targets: [clean],
            lines: unexplained,
          },
        ],
        knows,
        undefined,
      );
    const made = of(new Known([], '2030-01-01', []));
    expect(made.verdict).toBe('unexpected');
    const buckets = [...new Set(made.buckets.map(({ bucket }) => bucket))];
    expect(buckets.length).toBe(made.buckets.length);
    const muted = made.buckets.map(({ bucket, property }) => ({
      bucket,
      property,
      reason: 'somebody looks into it',
      expires: '2030-06-01',
    }));
    expect(of(new Known(muted, '2030-06-01', [])).verdict).toBe('as-expected');
    const later = of(new Known(muted, '2030-06-02', []));
    expect(later.verdict).toBe('unexpected');
    expect(markdownOf(later, [])).toContain('has expired on 2030-06-01');

    expect(junitOf(made)).toContain(`failures="1"`);
    const page = pageOfNight(made, []);
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('is unexpected where the engine broke', () => {
    const crash: Line = {
      kind: 'crash',
      target: known.id,
      batch: 9,
      run: 4,
      seed: -5,
      says: '<SIGKILL> & "more"',
    };
    const part = { folder: all, seed: 3, began: '2030-01-01', shard: { part: 1, of: 1 }, targets: [known] };
    const made = nightOf(
      [{ ...part, lines: [...lines(all), crash] }],
      new Known([], '2030-01-01'),
      undefined,
    );
    expect(made.verdict).toBe('unexpected');
    const page = pageOfNight(made, []);
    expect(page).toContain('&lt;SIGKILL');
    expect(page).not.toContain('<SIGKILL');
    expect(junitOf(made)).toContain('&lt;SIGKILL&gt; &amp; &quot;more&quot;');
    expect(markdownOf(made, [])).toContain('seed');
  });
});
