import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const scripts = import.meta.dirname;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'worker-code-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes the file of a worker in a process of its own, whose temporary files go to `temporary`. */
function made(temporary: string): { readonly output: string; readonly status: number | null } {
  writeFileSync(
    path.join(folder, 'entry.ts'),
    "import { STRATEGIES } from '../' ;\n".replace(
      '../',
      path.join(scripts, '..', 'properties', 'index.ts'),
    ) + 'console.log(STRATEGIES.length > 0, import.meta.dirname, import.meta.url);\n',
  );
  const program = `
    process.env.TMPDIR = ${JSON.stringify(temporary)};
    import { workerFile } from ${JSON.stringify(path.join(scripts, 'worker-code.ts'))};
    const entry = ${JSON.stringify(path.join(folder, 'entry.ts'))};
    workerFile(entry).then(
      async (file) => {
        await import(file);
        console.log(file === (await workerFile(entry)), file);
      },
      (thrown) => console.log(String(thrown)),
    );`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  return { output: stdout + stderr, status };
}

/** What a process of that number left so many days ago. */
function leftBehind(pid: number, name: string, days: number): string {
  const place = path.join(folder, `highwater-workers-${pid}-${name}`);
  mkdirSync(place);
  const then = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
  utimesSync(place, then, then);
  return place;
}

it('a worker is started from one file, whose modules find their own folders, and which goes with the process; what a killed one left goes when it is a day old', () => {
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  leftBehind(gone, 'stale', 1.1);
  const kept = [leftBehind(gone, 'fresh', 0.9), leftBehind(process.pid, 'alive', 1.1)];
  const { output, status } = made(folder);
  expect(status, output).toBe(0);
  const [loaded = '', told = ''] = output.trim().split('\n');
  expect(loaded).toBe(`true ${folder} file://${path.join(folder, 'entry.ts')}`);
  const [same, file = ''] = told.split(' ');
  expect(same).toBe('true');
  expect(path.dirname(path.dirname(file))).toBe(folder);
  expect(existsSync(file)).toBe(false);
  const left = readdirSync(folder).filter((name) => name.startsWith('highwater-'));
  expect(new Set(left)).toEqual(new Set(kept.map((place) => path.basename(place))));
});

it('where temporary files cannot be written, that is what is said', () => {
  const { output } = made(path.join(folder, 'nowhere'));
  expect(output.trim()).toMatch(/nowhere: no room for the program of a worker, there is no such file$/);
});
