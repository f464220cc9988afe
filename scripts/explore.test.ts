/** `explore`: what it says, and how it ends. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTrace, replayTrace } from '../traces/index.ts';
import { highwater, highwaterProcess, type Ended } from './testing.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'highwater-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A search lays claim to much memory, so it is a process of its own. */
const explore = (...args: readonly string[]): Promise<Ended> =>
  highwaterProcess(['explore', '--out', folder, ...args]);
const spec = (...args: readonly string[]): string[] => ['--spec', 'isr-kip-320', ...args];

describe('a command line that makes no sense ends with status 2 and one line', () => {
  it.each([
    ['unknown spec', ['--spec', 'nope'], /Allowed choices are isr-kip-320, /],
    ['unknown property', ['--property', 'order'], /--property order: unknown property; known are ordering, /],
    ['unknown tolerated property', ['--tolerate', 'x'], /--tolerate x: unknown property/],
    ['unknown fault', ['--faults', 'flood:1'], /unknown fault "flood"; known are kill, /],
    ['unknown grain', ['--grain', 'fine'], /Allowed choices are message, exchange/],
    ['a parameter of a spec without one', ['--replicas', '3'], /--replicas belongs to --spec/],
    ['symmetry where no two clients are alike', ['--symmetry'], /--symmetry: no two clients are alike here/],
    [
      'any election in exchange grain',
      ['--election', 'any', '--grain', 'exchange'],
      /--election any goes with --grain message/,
    ],
    [
      'any election where brokers differ in more',
      ['--election', 'any', '--faults', 'reassign:1'],
      /--election any: a reassignment names brokers$/,
    ],
    ['detached messages in message grain', ['--detached', '2'], /--detached belongs to --grain exchange/],
    [
      'a spec with faults',
      spec('--faults', 'kill:1'),
      /--faults says nothing to --spec isr-kip-320; it takes --replicas, --log-size, --records, --epochs$/,
    ],
    [
      'a spec with another one’s parameter',
      ['--spec', 'two-phase-commit', '--records', '2'],
      /--records says nothing to/,
    ],
    ['a spec out of its range', spec('--epochs', '99'), /epochs must be a whole number from 0 to 15, got 99/],
    ['too little memory', ['--memory', '10'], /--memory 10: \d+ threads need at least \d+ MiB/],
    ['two questions', ['--can-recover', '--towards', 'acked-durable'], /are two questions: ask one$/],
    [
      'properties where recovery is asked',
      ['--can-recover', '--property', 'ordering'],
      /--can-recover goes without --property/,
    ],
    ['recovery of nobody', ['--can-recover', 'nobody'], /Allowed choices are everyone, survivors/],
    ['recovery by bits', ['--can-recover', '--bitstate'], /--can-recover goes without --bitstate/],
    [
      'levels where there are none',
      ['--towards', 'acked-durable', '--depth', '3'],
      /--towards has no levels/,
    ],
    [
      'a property that nothing leads to',
      ['--towards', 'ordering'],
      /Allowed choices are durability\/in-sync, /,
    ],
    ['a limit of nothing', ['--states', '0'], /--states.*It must be a whole number from 1 to /],
    ['a limit that is no number', ['--depth', 'x'], /--depth.*It must be a whole number from 1 to /],
  ] as const)('%s', async (_name, args, says) => {
    const { status, out, err } = await highwater('explore', ...args);
    expect({ status, out, lines: err.length }, err.join('\n')).toEqual({ status: 2, out: '', lines: 1 });
    expect(err[0]).toMatch(/^error: /);
    expect(err[0]).toMatch(says);
  });
});

describe('explore', () => {
  it('proves, and says within which bounds', async () => {
    const { status, out } = await explore(...spec('--replicas', '2', '--json'));
    expect(status).toBe(0);
    const document = JSON.parse(out) as object;
    expect(document).toMatchObject({
      verdict: 'proved',
      distinctStates: 5973,
      frontier: 0,
      spec: 'isr-kip-320',
      parameters: { replicas: 2, 'log-size': 2, records: 2, epochs: 2 },
    });
    expect(Object.keys(document).sort()).toEqual([
      'bounds',
      'bytesPerState',
      'depth',
      'distinctStates',
      'frontier',
      'memory',
      'parameters',
      'seconds',
      'spec',
      'symmetry',
      'threads',
      'transitions',
      'verdict',
    ]);
  });

  it('ends although threads are still being started', async () => {
    const larger = spec('--replicas', '2', '--log-size', '3', '--records', '3', '--threads', '3');
    const { status } = await explore(...larger);
    expect(status).toBe(0);
  });

  it('finds a shortest counterexample and saves it as a trace that replays', async () => {
    const mutant = ['--rule', 'high-watermark-needs-min-isr=no', '--faults', 'shrink:2', '--lemmas'];
    const page = path.join(folder, 'broken.html');
    // A claim to so much memory that, in about half of all runs, no process can be started for the page once it stands.
    const much = ['--memory', '20000'];
    const args = [...mutant, ...much, '--consumers', '0', '--time', '60s', '--json', '--html', page];
    const { status, out } = await explore(...args);
    const document = JSON.parse(out) as { readonly trace: string; readonly steps: number };
    expect(document).toMatchObject({ verdict: 'violated', minimal: 'shortest', grain: 'message' });
    expect(status).toBe(1);
    expect(Object.keys(document).sort()).toEqual([
      'bounds',
      'broken',
      'bytesPerState',
      'depth',
      'distinctStates',
      'election',
      'faults',
      'frontier',
      'grain',
      'kafka',
      'memory',
      'minimal',
      'properties',
      'property',
      'records',
      'reduced',
      'release',
      'rules',
      'seconds',
      'steps',
      'symmetry',
      'threads',
      'tolerated',
      'trace',
      'transitions',
      'verdict',
      'witnesses',
    ]);
    const trace = readTrace(readFileSync(path.join(document.trace), 'utf8'));
    if ('error' in trace) throw new Error(trace.error);
    expect(trace.actions).toHaveLength(document.steps);
    expect(replayTrace(trace, { exact: true }).verdict).toBe('reproduced');
    expect(readFileSync(page, 'utf8')).toContain(`Breaks ${trace.property ?? ''}:`);
  });

  it('says what is left where it is stopped by its limits', async () => {
    const { status, out, err } = await explore('--states', '300', '--html', 'nothing.html');
    expect(status).toBe(3);
    expect(err).toEqual(['nothing.html: not written, nothing broke']);
    expect(out).toMatch(
      /\nincomplete \(message grain, partial-order reduction\): stopped at --states; every run of up to \d transitions is covered, [\d,]+ states were met and not expanded\n$/,
    );
  });

  it('gives its partial report on an interrupt', async () => {
    let sent = false;
    const { status, out, err } = await highwaterProcess(
      ['explore', '--release', '4.1-repaired', '--json', '--time', '10m', '--threads', '1'],
      {
        // There is progress to be seen.
        onOutput: (child) => {
          if (!sent) sent = child.kill('SIGINT');
        },
      },
    );
    expect(status, err.join('\n')).toBe(3);
    const document = JSON.parse(out) as { readonly distinctStates: number };
    expect(document).toMatchObject({ verdict: 'incomplete' });
    expect(out).toContain('stopped by a signal');
    expect(document.distinctStates).toBeGreaterThan(100);
  });

  it('has a help that fits a terminal', async () => {
    const { status, out } = await highwater('explore', '--help');
    expect(status).toBe(0);
    for (const option of ['--grain', '--detached', '--messages', '--memory', '--spec', '--symmetry']) {
      expect(out).toContain(option);
    }
    expect(out).toContain('two-phase-commit: the textbook transaction protocol');
  });
});
