import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../model/index.ts';
import { machineOf, readTrace, recordTrace, writeTrace, type Trace } from '../traces/index.ts';
import { highwater, highwaterProcess } from './testing.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'highwater-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Without this clause a consumer reads what is not committed. */
const settings: Settings = { ...defaultSettings, mutant: ['a consumer reads only below the high watermark'] };
const machine = machineOf(settings);
const codes = [
  { kind: 'pause', broker: 2 },
  { kind: 'send-record', producer: 0 },
  { kind: 'handle-produce', from: 6, to: 0, nth: 0 },
  { kind: 'poll', consumer: 0 },
].flatMap((action) => machine.encode(action) ?? []);
const trace: Trace = recordTrace(settings, codes, { property: 'committed-reads', name: 'dirty-read' });
const text = writeTrace(trace);
const good = written('good.json', text);
const wrongDigest = written(
  'digest.json',
  writeTrace({ ...trace, digests: trace.digests?.with(2, '0123456789abcdef') }),
);
const changed = (name: string, change: Partial<Trace>): string =>
  written(name, writeTrace({ ...trace, digests: undefined, ...change }));
const disabled = changed('disabled.json', { actions: [...trace.actions.slice(0, 1), ...trace.actions] });
const harmless = changed('harmless.json', { actions: trace.actions.slice(0, 3), brokenAt: 3 });

describe('a command line or file that makes no sense ends with status 2 and one line', () => {
  it.each([
    ['unknown command', ['replya'], /^error: unknown command "replya"; did you mean "replay"\?$/],
    [
      'unknown option',
      ['replay', '--exat', good],
      /^error: unknown option '--exat' \(Did you mean --exact\?\)$/,
    ],
    [
      'unknown Kafka key',
      ['fuzz', '--set', 'min.insync.replica=2'],
      /^error: --set min\.insync\.replica=2: unknown Kafka key; did you mean "min\.insync\.replicas"\?$/,
    ],
    [
      'value out of range',
      ['fuzz', '--set', 'min.insync.replicas=9'],
      /^error: .*min\.insync\.replicas must be a whole number, 1 to 5, got "9"$/,
    ],
    [
      'several traces for one page',
      ['replay', good, good, '--html', 'x.html'],
      /--html takes one trace, got 2$/,
    ],
    [
      'a page where there is no folder, before hours of work',
      ['matrix', '--html', '/nowhere/page.html'],
      /^error: option '--html <file>' argument '\/nowhere\/page\.html' is invalid\. It cannot be written, there is no such folder\.$/,
    ],
    [
      'no duration',
      ['explore', '--calibrate', '3'],
      /^error: --calibrate 3: expected a duration such as 30s, 5m or 2h$/,
    ],
    [
      'unknown scenario',
      ['scenario', 'leader-electoin'],
      /^error: unknown scenario "leader-electoin"; did you mean "leader-election"\?$/,
    ],
    [
      'rows that there are not',
      ['matrix', '--only', 'nope'],
      /^error: --only nope: no row has this in its name; names are like "/,
    ],
    [
      'several partitions in ZooKeeper mode',
      ['explore', '--release', '3.9-zk', '--set', 'num.partitions=2'],
      /^error: several partitions need controller=kraft: ZooKeeper mode knows one$/,
    ],
    ['one page for many runs', ['scenario', '--all', '--html', 'x.html'], /--html takes a single run: /],
    ['a walk for a program', ['replay', good, '--step', '--json'], /--step is for people; /],
    ['empty trace', ['replay', written('empty.json', '')], /^error: .*empty\.json: the file is empty; /],
    [
      'truncated trace',
      ['replay', written('cut.json', text.slice(0, 99))],
      /: the file breaks off after 99 /,
    ],
    [
      'huge trace',
      ['replay', written('huge.json', ' '.repeat(17 * 1024 * 1024))],
      /huge\.json: the file has 17825792 bytes; a trace has at most 16777216$/,
    ],
    [
      'trace of a newer version',
      ['replay', written('newer.json', text.replace('"version": 1', '"version": 7'))],
      /: version is 7, newer than 1, /,
    ],
    [
      'trace with an unknown action, be there good ones too',
      ['replay', good, written('action.json', text.replace('"kind":"pause"', '"kind":"paus"'))],
      /action\.json: action 1: kind is unknown: "paus"; did you mean "pause"\?$/,
    ],
  ] as const)('%s', async (_name, args, says) => {
    const { status, out, err } = await highwater(...args);
    expect({ status, out, lines: err.length }, err.join('\n')).toEqual({ status: 2, out: '', lines: 1 });
    expect(err[0]).toMatch(says);
  });
});

describe('replay', () => {
  it('shows the run and reproduces, without colours where there is no terminal', async () => {
    const { status, out, err } = await highwaterProcess(['replay', good]);
    expect({ status, err }).toEqual({ status: 0, err: [] });
    expect(out.split('\n')[0]).toMatch(/^dirty-read: breaks committed-reads: /);
    expect(out.trimEnd().split('\n').at(-1)).toBe('reproduced: committed-reads breaks after 4 actions');
    expect(out).not.toContain('\u001b');
  });

  it('warns of a state that differs', async () => {
    const { status, err } = await highwater('replay', wrongDigest);
    expect({ status, err }).toEqual({
      status: 0,
      err: [`${wrongDigest}: warning: the state after action 3 is not the recorded one`],
    });
  });

  it('refuses it when asked to be exact', async () => {
    const { status, out } = await highwater('replay', '--exact', wrongDigest);
    expect(status).toBe(1);
    expect(out).toMatch(/\nrefused: the state after action 3 is not the recorded one\n$/);
  });

  it('gives the worst verdict of several, and one JSON document', async () => {
    const { status, out, err } = await highwater('replay', '--json', good, disabled, harmless);
    expect({ status, err }).toEqual({ status: 1, err: [] });
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'refused',
      traces: [
        { verdict: 'reproduced', property: 'committed-reads', steps: 4, trace: good, brokenAt: 4 },
        { verdict: 'refused', says: expect.stringContaining('action 2 (pause) is not enabled') as string },
        {
          verdict: 'not-violated',
          broken: [],
          steps: 3,
          metrics: { counts: { 'record-retry-total': 0 }, highest: { UnderReplicatedPartitions: 0 } },
        },
      ],
    });
  });

  it('draws the run as a page, beside what it says anyway', async () => {
    const page = path.join(folder, 'page.html');
    const { status, out, err } = await highwater('replay', '--json', '--html', page, good);
    expect(status).toBe(0);
    expect(err).toEqual([expect.stringMatching(/page\.html: the run as a page, \d+ kB$/)]);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'reproduced', trace: good });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n/);
  });

  it('walks through the run, and ends where nothing more is asked', async () => {
    const { status, out } = await highwaterProcess(['replay', '--step', good]);
    expect(status).toBe(0);
    expect(out).toMatch(/^step 0 of 4: the first state\n\nbroker 0 +broker 1 +broker 2\n/);
    expect(out).toMatch(/\nreproduced: committed-reads breaks after 4 actions\n$/);
    expect(out).not.toContain('\u001b');
  });

  it('does not reproduce a run that breaks nothing', async () => {
    const { status, out } = await highwater('replay', harmless);
    expect(status).toBe(1);
    expect(out).toMatch(/\nnot-violated: committed-reads does not break along 3 actions\n$/);
  });
});

describe('scenario', () => {
  it('measures one run, and saves it as a trace that replays', async () => {
    const { status, out } = await highwater('scenario', 'healthy', '--seed', '7', '--json', '--out', folder);
    const file = path.join(folder, 'healthy-7.json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'as-expected',
      seed: 7,
      runs: 1,
      scenarios: [
        {
          name: 'healthy',
          records: { lost: { median: 0, worst: 0 } },
          trace: file,
          run: { metrics: { every: 1000 } },
        },
      ],
    });
    expect(readTrace(readFileSync(file, 'utf8'))).toMatchObject({ name: 'healthy-7', property: null });
  });
});

describe('shrink', () => {
  it('writes the smaller trace beside the one it was given', async () => {
    const { status, out } = await highwater('shrink', '--json', good);
    const small = path.join(folder, 'good.min.json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'reproduced', stepsBefore: 4, steps: 3, trace: small });
    expect(readTrace(readFileSync(small, 'utf8'))).toMatchObject({
      name: 'dirty-read',
      minimal: 'shortest',
      searched: { upTo: 2 },
    });
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
});

describe('traces-refresh', () => {
  it('records digests anew, but only where the run is the same', async () => {
    const stale = written('stale.json', readFileSync(wrongDigest, 'utf8'));
    const { status, out } = await highwater('traces-refresh', stale, harmless);
    expect(status).toBe(1);
    expect(out).toContain(`${stale}: refreshed from action 3 on\n`);
    expect(out).toContain(`${harmless}: left as it is: committed-reads does not break along 3 actions\n`);
    expect(readFileSync(stale, 'utf8')).toBe(text);
  });
});
