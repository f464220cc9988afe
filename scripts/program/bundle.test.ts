/** A small program in a folder of its own, started as ours is. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SIGNALLED_AT_ONCE } from '../testing.ts';
import { PROGRAMS } from './bundle.ts';

const ours = path.join(import.meta.dirname, '..', '..');
let root = '';
let temporary = '';
const inRoot = (...names: string[]): string => path.join(root, ...names);
const cache = (): string => inRoot('node_modules', '.cache');

function write(file: string, text: string): void {
  mkdirSync(path.dirname(inRoot(file)), { recursive: true });
  writeFileSync(inRoot(file), text);
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'bundle-')));
  temporary = inRoot('temporary');
  mkdirSync(temporary);
  mkdirSync(inRoot('node_modules'));
  for (const name of readdirSync(path.join(ours, 'node_modules'))) {
    if (!name.startsWith('.'))
      symlinkSync(path.join(ours, 'node_modules', name), inRoot('node_modules', name));
  }
  for (const name of ['cli.mjs', 'exit.ts', 'files.ts', 'signals.mjs', 'program']) {
    cpSync(path.join(ours, 'scripts', name), inRoot('scripts', name), { recursive: true });
  }
  write('package.json', '{ "type": "module" }');
  write('scripts/commands/one.ts', '');
  for (const file of Object.values(PROGRAMS)) write(file, '');
  write('scripts/told.ts', "export const told = 'first';");
  write(
    'scripts/cli.ts',
    `import { internalError } from './exit.ts';
import { stopOnSignal } from './signals.mjs';
import { told } from './told.ts';
console.log(told, import.meta.dirname, import.meta.url);
const fail = (): never => {
  throw new Error('broken');
};
try {
  if (process.argv.includes('fail')) fail();
  if (stopOnSignal().requested) console.log('asked to end');
} catch (thrown) {
  internalError(thrown);
}
`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function node(...args: string[]): { readonly out: string; readonly err: string } {
  const env = { ...process.env, TMPDIR: temporary, HIGHWATER_DEBUG: '1' };
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  return { out: stdout, err: stderr };
}
const start = (...args: string[]) => node(inRoot('scripts', 'cli.mjs'), ...args);
const says = (told: string): string =>
  `${told} ${inRoot('scripts')} ${pathToFileURL(inRoot('scripts', 'cli.ts')).href}\n`;

const bundlesIn = (place: string): string[] =>
  readdirSync(place).filter((name) => name.startsWith('bundle-'));
const kept = (): string[] => bundlesIn(path.join(cache(), 'highwater'));
const elsewhere = (): string => path.join(temporary, `highwater-${process.getuid?.() ?? 'own'}`);

describe('the bundle of the program', () => {
  it('is made once, and anew where a source changes or a command comes; its modules find their own folders', () => {
    expect(start()).toEqual({ out: says('first'), err: '' });
    const [first] = kept();
    expect(start()).toEqual({ out: says('first'), err: '' });
    expect(kept()).toEqual([first]);

    write('scripts/told.ts', "export const told = 'again';");
    expect(start()).toEqual({ out: says('again'), err: '' });
    expect(kept()).toHaveLength(2);
    write('scripts/commands/two.ts', '');
    start();
    expect(kept()).toHaveLength(3);
  });

  it('goes once it is old, or many are newer', () => {
    const place = path.join(cache(), 'highwater');
    mkdirSync(place, { recursive: true });
    const made = (name: string, hours: number): void => {
      mkdirSync(path.join(place, name));
      const then = new Date(Date.now() - hours * 60 * 60 * 1000);
      utimesSync(path.join(place, name), then, then);
    };
    made('bundle-old', 49);
    made('bundle-day', 25);
    start();
    expect(kept()).toHaveLength(2);
    expect(kept()).toContain('bundle-day');

    for (let nth = 0; nth < 20; nth++) made(`bundle-${nth}`, 1 + nth);
    write('scripts/told.ts', "export const told = 'again';");
    start();
    expect(kept()).toHaveLength(21);
    expect(kept()).toContain('bundle-18');
    expect(kept()).not.toContain('bundle-19');
  });

  it('is left alone where others may write to it', () => {
    mkdirSync(path.join(cache(), 'highwater'), { recursive: true });
    chmodSync(path.join(cache(), 'highwater'), 0o777);
    expect(start().out).toBe(says('first'));
    expect(kept()).toEqual([]);
    expect(bundlesIn(elsewhere())).toHaveLength(1);
  });

  it('is not needed: where none can be kept the sources run as they are, and a worker is told why it cannot start', () => {
    writeFileSync(cache(), '');
    writeFileSync(elsewhere(), '');
    expect(start()).toEqual({ out: says('first'), err: '' });
    const program = `import { programFile } from ${JSON.stringify(inRoot('scripts', 'program', 'bundle.ts'))};
      await programFile('fuzz-worker').catch((thrown) => console.log(thrown.message));`;
    const { out } = node('--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program);
    expect(out).toMatch(
      /^the program cannot be bundled: \S+: there is something else of that name; \S+: it is no folder that only you can write to$/m,
    );
  });

  it('is torn, gone or of something else: another one is made', () => {
    start();
    rmSync(path.join(cache(), 'highwater', kept()[0] ?? ''), { recursive: true });
    expect(start()).toEqual({ out: says('first'), err: '' });
    expect(kept()).toHaveLength(1);
    writeFileSync(path.join(cache(), 'highwater', 'kept.json'), '{"inputs":');
    expect(start()).toEqual({ out: says('first'), err: '' });
    expect(kept()).toHaveLength(2);
  });

  it('hears a signal that comes while it is made', () => {
    const { out } = node(...SIGNALLED_AT_ONCE, inRoot('scripts', 'cli.mjs'));
    expect(out).toBe(`${says('first')}asked to end\n`);
  });

  it('shows an internal error where it is in the sources', () => {
    // The first start loads TypeScript to make the bundle, and what loads that tells positions by itself.
    start();
    const { err } = start('fail');
    expect(err).toContain(`${inRoot('scripts', 'cli.ts')}:6:9`);
    expect(err).not.toContain(cache());
  });
});
