import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configOf, RELEASE_NAMES } from '../../model/index.ts';
import { FULL } from '../../model/testing.ts';
import { expectationsIn, PLAIN, savedRuns, trial, TRIED, type Trial } from '../../traces/index.ts';
import type { Tried } from '../trials/job.ts';
import { highwaterProcess, SIGNALLED_AT_ONCE } from '../testing.ts';
import { cellsOf, judge } from './cells.ts';
import { cellFinder, cellSays, type MatrixOutcome } from './outcome.ts';
import { matrixHtml, matrixJson, matrixMarkdown, matrixText } from './report.ts';
import { askedOf, ROWS } from './rows.ts';
import { searchPlan, searchThrough } from './search.ts';
import { countsForTrials, TriedStore } from './state.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'highwater-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const [row] = ROWS.filter(({ id }) => id === '4.0');
if (row === undefined) throw new Error('there is a row for 4.0');
const rows = [row];
const asked = askedOf(rows);

/** A loss found under F1 from a kept run, and nothing elsewhere. */
const [loss] = savedRuns().filter(({ name }) => name === 'saved/last-replica-standing');
if (loss === undefined) throw new Error('the run is kept');
const f1 = asked.find(({ faults }) => faults === 'F1');
if (f1 === undefined) throw new Error('F1 is asked');
const plan = { seed: 1, runs: 0, actions: 400, tries: 20 };
const lossy: Trial = trial({ ...plan, settings: f1.settings }, [loss]);
const nothing: Trial = {
  ...lossy,
  breaks: [],
  runs: { walk: 5, timed: 5 },
  witnesses: { met: [], unmet: [] },
};
const met = { met: ['commit', 'delivered', 'leader-change', 'acked'], unmet: ['truncated'] };
const clean: Trial = { ...nothing, witnesses: met };
const triedOf = (key: string): Tried => ({ trial: key === f1.key ? lossy : clean, search: undefined });

const expectations = expectationsIn({
  version: 1,
  groups: {},
  expectations: [
    {
      id: 'loss',
      because: 'what is lost is lost for all who look',
      source: 'KIP-966',
      when: { faults: ['F1', 'F2'] },
      breaks: ['durability/holder'],
      mayBreak: TRIED.filter((id) => id !== 'durability/holder'),
      found: { trace: 'saved/last-replica-standing' },
    },
  ],
});
const cells = cellsOf(asked, triedOf, expectations);
const cell = (faults: string, property: string) => {
  const found = cells.find((one) => one.faults === faults && one.property === property);
  if (found === undefined) throw new Error('no such cell');
  return found;
};

describe('rows', () => {
  it('are every release, and configurations of which each is one', () => {
    expect(ROWS.map(({ id }) => id)).toEqual(expect.arrayContaining([...RELEASE_NAMES]));
    for (const { settings } of askedOf(ROWS)) expect(configOf(settings)).not.toHaveProperty('error');
    expect(new Set(ROWS.map(({ group, id }) => `${group} ${id}`)).size).toBe(ROWS.length);
  });

  it('share what is the same run by run: unclean election allowed under F0 is class U', () => {
    const all = askedOf(ROWS);
    const distinct = new Set(all.map(({ key }) => key));
    expect(distinct.size).toBeLessThan(all.length);
  });
});

describe('a cell', () => {
  it('is broken under a class, and under all that hold that class', () => {
    expect(cell('F1', 'durability/holder')).toMatchObject({
      is: 'broken',
      brokenUnder: 'F1',
      asExpected: true,
    });
    expect(cell('F2', 'durability/holder')).toMatchObject({
      is: 'broken',
      brokenUnder: 'F1',
      asExpected: true,
    });
    expect(cell('F0', 'durability/holder')).toMatchObject({ is: 'passed', runs: 10, asExpected: true });
  });

  it('says where it was not reached, and what its pass is worth or that nobody measured it', () => {
    expect(cell('F0', 'log-matching')).toMatchObject({ is: 'unreached', witnesses: ['truncated'] });
    expect(cellSays(cell('F0', 'ordering'))).toBe(
      'passed 10 runs; what as many runs catch was not measured under these settings',
    );
    expect(cellSays(cell('F2', 'durability/holder'))).toContain(
      'under F1, which F2 holds, found from saved/last-replica-standing',
    );
  });

  it('differs where something breaks that was to hold, or holds that was to break', () => {
    expect(judge(cells.filter(({ is }) => is !== 'unreached'))).toBe('as-expected');
    expect(judge(cells)).toBe('incomplete');
    const held = cellsOf(asked, () => ({ trial: clean, search: undefined }), expectations);
    expect(judge(held)).toBe('unexpected');
    const broke = cellsOf(asked, triedOf, expectationsIn({ version: 1, groups: {}, expectations: [] }));
    expect(judge(broke)).toBe('unexpected');
    expect(judge(cellsOf(asked, () => undefined, expectations))).toBe('incomplete');
  });
});

describe('what was tried', () => {
  it('is there again after an end at any moment; a torn or changed line is tried anew', () => {
    const store = new TriedStore(folder, 'some effort');
    store.add('a', { trial: lossy, search: undefined });
    store.add('b', { trial: clean, search: undefined });
    const again = new TriedStore(folder, 'some effort');
    expect(again.get('a')).toEqual({ trial: lossy, search: undefined });
    expect(new TriedStore(folder, 'other effort').get('a')).toBeUndefined();

    const text = readFileSync(store.file, 'utf8');
    writeFileSync(store.file, text.replace('"timed":5', '"timed":9').slice(0, -1));
    appendFileSync(store.file, 'torn');
    const damaged = new TriedStore(folder, 'some effort');
    expect(damaged.refused).toBe(1);
    expect(damaged.get('a')).toBeDefined();
    expect(damaged.get('b')).toBeUndefined();
    damaged.add('b', { trial: clean, search: undefined });
    expect(new TriedStore(folder, 'some effort').get('b')).toBeDefined();
    expect(new TriedStore(folder, 'some effort', true).get('a')).toBeUndefined();
  });
});

it('what was tried is forgotten with sources and kept runs, not with what was measured or expected', () => {
  const counting = [
    'model/protocol/machine.ts',
    'traces/saved/acks-1-loss.json',
    'traces/mutants/together/x.json',
  ];
  const others = [
    'model/protocol/machine.test.ts',
    'properties/strategies/scores.json',
    'traces/driver-scores.json',
    'traces/expectations/seen.json',
    'traces/expectations/schema.ts',
    'traces/viewer/build.ts',
    'traces/README.md',
  ];
  expect([...counting, ...others].filter(countsForTrials)).toEqual(counting);
});

describe('reports', () => {
  const shown = cells.map((one) => ({
    ...one,
    asExpected: one.property !== 'durability/holder' || one.faults !== 'F2',
  }));
  const outcome: MatrixOutcome = {
    verdict: 'incomplete',
    quick: true,
    rows,
    cells: shown,
    cellAt: cellFinder(shown),
    runs: 10,
    replayed: 1,
    seed: 1,
    seconds: 1,
    tried: 6,
    remembered: 0,
    asked: 6,
    savedRun: () => ({ file: 'runs/x.json', page: 'm-runs/<x>.html' }),
  };

  it('mark what is broken and what differs', () => {
    const text = matrixText(outcome, PLAIN);
    // F0 F1 F1e F2 F3 U
    expect(text).toMatch(/^4\.0 .* \+x\+!\+\+ /m);
    expect(text).toContain('4.0, F2, durability/holder: broken in ');
  });

  it('name the run of each broken cell', () => {
    const steps = cell('F1', 'durability/holder').broken?.steps ?? 0;
    expect(matrixJson(outcome)).toMatchObject({ verdict: 'incomplete' });
    expect(JSON.stringify(matrixJson(outcome))).toContain('"trace":"runs/x.json"');
    expect(matrixMarkdown(outcome, '../traces')).toContain(
      `[F1 F2 ${steps}](../traces/saved/last-replica-standing.json)`,
    );
  });

  it('say where something was proved, and within which bounds', () => {
    const proof = {
      end: 'complete',
      bounds: '1 record, kill:1',
      grain: 'a grain',
      states: 1234,
      tolerated: [],
    } as const;
    const some = outcome.cells.map((one) =>
      one.property === 'ordering' && one.faults === 'F0' ? { ...one, is: 'proved' as const, proof } : one,
    );
    const markdown = matrixMarkdown({ ...outcome, cells: some, cellAt: cellFinder(some) }, 'traces');
    const { group } = cell('F0', 'ordering').row;
    expect(markdown).toContain(`**${group}**\n\n- 4.0, F0: 1 record, kill:1; a grain, 1,234 states\n`);
    expect(matrixMarkdown(outcome, 'traces')).not.toContain('Proved');
  });

  it('escape what they show in the page', () => {
    const page = matrixHtml(outcome);
    expect(page).toContain('href="m-runs/&lt;x>.html"');
    expect(page).not.toMatch(/<script|m-runs\/<x/);
  });
});

it('a small search proves within bounds that it names', async () => {
  const f0 = asked.find(({ faults }) => faults === 'F0');
  if (f0 === undefined) throw new Error('F0 is asked');
  const kafka = { ...f0.settings.kafka, 'default.replication.factor': 2, 'min.insync.replicas': 1 };
  const small = { ...f0.settings, release: '4.1-repaired' as const, kafka, brokers: 2, consumers: 0 };
  const wanted = searchPlan(small, 'F3', ['ordering']);
  const { search, breaks } = await searchThrough(wanted);
  expect(breaks).toEqual([]);
  expect(search).toMatchObject({
    end: 'complete',
    bounds: '1 record, wipe:1, fence:1',
    tolerated: ['ordering'],
  });
  expect(search.states).toBeGreaterThan(100);
}, 60_000);

// It takes seconds to see that an exchange goes on and on.
it.runIf(FULL)(
  'a small search that an exchange without rest ends is no proof, and can be kept',
  async () => {
    const f0 = asked.find(({ faults }) => faults === 'F0');
    if (f0 === undefined) throw new Error('F0 is asked');
    const mutant = ['a broker is fenced only after its session has expired'];
    const wanted = searchPlan({ ...f0.settings, release: '4.1-repaired', mutant }, 'F0', []);
    const { search } = await searchThrough(wanted);
    expect(search.end).toBe('endless');
  },
  120_000,
);

// A matrix has to be made first.
it.runIf(FULL)(
  'a matrix that is asked to end draws no more pages, though it knows of runs to draw',
  async () => {
    const out = mkdtempSync(path.join(tmpdir(), 'matrix-'));
    const pages = path.join(out, 'report-runs');
    const args = ['matrix', '--quick', '--no-search', '--only', '4.0+elr', '--runs', '2', '--out', out];
    const html = ['--html', path.join(out, 'report.html')];
    await highwaterProcess(args);
    await highwaterProcess([...args, ...html], { node: SIGNALLED_AT_ONCE });
    expect(existsSync(path.join(out, 'report.html'))).toBe(true);
    expect(existsSync(pages)).toBe(false);
    await highwaterProcess([...args, ...html]);
    expect(readdirSync(pages).length).toBeGreaterThan(0);
    rmSync(out, { recursive: true });
  },
  300_000,
);
