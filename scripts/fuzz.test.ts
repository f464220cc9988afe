import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CATALOG } from '../traces/index.ts';
import { highwater, highwaterProcess, SIGNALLED_AT_ONCE, type Ended } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'highwater-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fuzz = (...args: readonly string[]): Promise<Ended> => highwater('fuzz', '--out', folder, ...args);
const withoutTimes = (json: string): object =>
  Object.fromEntries(Object.entries(JSON.parse(json) as object).filter(([key]) => key !== 'seconds'));

describe('fuzz', () => {
  it('gives the same document for the same seed, apart from times, with however many threads', async () => {
    const rule = ['--rule', 'high-watermark-needs-min-isr=no', '--keep-going'];
    const args = ['--release', '4.1-repaired', ...rule, '--runs', '60', '--seed', '5', '--json'];
    const first = await fuzz(...args, '--threads', '1');
    const second = await fuzz(...args, '--threads', '3');
    expect(withoutTimes(first.out)).toEqual(withoutTimes(second.out));
    expect(first.status).toBe(second.status);
  });

  it('finds, minimises and saves what a broken rule does, and the trace replays', async () => {
    const broken = ['--rule', 'high-watermark-needs-min-isr=no'];
    const page = join(folder, 'found.html');
    const found = await fuzz(
      '--release',
      '4.1-repaired',
      ...broken,
      '--html',
      page,
      '--runs',
      '400',
      '--seed',
      '5',
      '--json',
    );
    expect(found.status).toBe(1);
    const document = JSON.parse(found.out) as {
      verdict: string;
      property: string;
      trace: string;
      steps: number;
    };
    expect(document).toMatchObject({ verdict: 'violated', property: 'commit-on-isr' });
    expect(document.steps).toBeLessThan(40);
    expect(readdirSync(folder).map((name) => join(folder, name))).toContain(document.trace);
    expect(readFileSync(page, 'utf8')).toContain('Breaks commit-on-isr');

    const replayed = await highwater('replay', document.trace, '--exact', '--json');
    expect(replayed.status).toBe(0);
    expect(JSON.parse(replayed.out)).toMatchObject({ verdict: 'reproduced' });
  });

  it('calls a pass that reached too little incomplete', async () => {
    const { status, out } = await fuzz('--release', '4.1-repaired', '--runs', '2', '--seed', '1', '--json');
    expect(status).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'incomplete', runs: 2 });
  });

  it('says with a pass what as many runs would have caught, and draws its first run', async () => {
    const page = join(folder, 'passed.html');
    const known = CATALOG.filter(({ property }) => property !== null);
    const args = ['--release', '4.1-repaired', '--driver', 'walk', '--runs', '500', '--seed', '1', '--json'];
    const { status, out } = await fuzz(...args, '--html', page);
    expect(status).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('Breaks nothing');
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'passed',
      calibration: { from: 'kept', runs: 500, sameOptions: false, bugs: { total: known.length } },
    });
  });

  const long = ['--time', '1h', '--threads', '1', '--json'];
  const endless = ['fuzz', '--out', folder, '--release', '4.1-repaired', ...long];

  it('ends in order on a signal and says how far it came', async () => {
    // The first line of progress comes once runs are made, however slow the machine is.
    let sent = false;
    const { status, out } = await highwaterProcess(endless, {
      onOutput: (child) => {
        if (!sent) sent = child.kill('SIGTERM');
      },
    });
    expect(status).toBe(3);
    const document = JSON.parse(out) as { runs: number };
    expect(document).toMatchObject({ verdict: 'incomplete', because: 'stopped by a signal' });
    expect(document.runs).toBeGreaterThan(0);
  });

  it('ends in order on a signal that comes before anything is loaded', async () => {
    const { status, out } = await highwaterProcess(endless, { node: SIGNALLED_AT_ONCE });
    expect(status).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'incomplete',
      because: 'stopped by a signal',
      runs: 0,
    });
  });

  it('goes on with one thread where no other can start, and says why', async () => {
    // A machine that keeps no bundle of the program, and takes none.
    const nowhere = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
      const fail = () => { throw Object.assign(new Error(), { code: 'EROFS' }); };
      const read = fs.readFileSync;
      fs.readFileSync = (file, ...how) => String(file).endsWith('kept.json') ? fail() : read(file, ...how);
      fs.mkdtempSync = fail;
      syncBuiltinESMExports();`;
    const args = ['fuzz', '--out', folder, '--faults', 'kill:1', '--release', '4.1-repaired'];
    const { err } = await highwaterProcess([...args, '--runs', '40', '--threads', '2'], {
      node: ['--import', `data:text/javascript,${encodeURIComponent(nowhere)}`],
    });
    const told = err.filter((line) => line.startsWith('error: no other thread could start: '));
    expect(told).toHaveLength(1);
    expect(err.join('\n')).not.toContain('    at ');
  });

  it('leaves commands that cannot end in order to the signal', async () => {
    const { status, out } = await highwaterProcess(['bench'], { node: SIGNALLED_AT_ONCE });
    expect({ status, out }).toEqual({ status: null, out: '' });
  });

  it.each([
    [['--time', 'soon'], '30s'],
    [['--tolerate', 'everything'], 'ordering'],
  ])('answers %j with one line that says what would be right', async (args, hint) => {
    const { status, out, err } = await fuzz(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toHaveLength(1);
    expect(err[0]).toContain(hint);
  });
});
