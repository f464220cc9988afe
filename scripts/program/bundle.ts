/**
 * The program and those of its workers, bundled as plain JavaScript. What loads TypeScript takes a second or two of
 * processor time in each process and each thread, and gives every function its name anew whenever it is made; what was
 * bundled once starts in a quarter of that, and runs faster.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { UsageError } from '../exit.ts';
import { makeFolders, reasonOf, writeAtomically } from '../files.ts';
import { freshBundle, inputOf, isOwn, KEPT, places, ROOT, type Input, type Kept } from './kept.mjs';

/** By name of the bundled file, what is started. */
export const PROGRAMS = {
  cli: 'scripts/cli.ts',
  'explore-worker': 'scripts/explore/worker.ts',
  'pass-worker': 'scripts/explore/pass-worker.ts',
  'fuzz-worker': 'scripts/fuzz/worker.ts',
  'catch-worker': 'scripts/fuzz/catch-worker.ts',
  'trial-worker': 'scripts/trials/worker.ts',
  'night-worker': 'scripts/nightly/worker.ts',
  'night-bare': 'scripts/nightly/bare.ts',
} as const;
export type Program = keyof typeof PROGRAMS;

/** Commands are loaded by name: a file more or less is another program. */
const FOLDERS = ['scripts/commands'];

/** Packages of CommonJS may ask for modules of Node. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Names within each module for what `import.meta` says of it. */
const FOLDER = '__moduleFolder';
const URL_ = '__moduleUrl';

/** Modules find files of theirs beside themselves, not beside the bundle. */
const placed: Plugin = {
  name: 'placed',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\.(tsx?|mjs)$/ }, ({ path: file }) => {
      if (path.relative(ROOT, file).split(path.sep).includes('node_modules')) return null;
      const own = `const ${FOLDER} = ${JSON.stringify(path.dirname(file))}, ${URL_} = ${JSON.stringify(pathToFileURL(file).href)};`;
      return {
        contents: `${own}${readFileSync(file, 'utf8')}`,
        loader: file.endsWith('x') ? 'tsx' : 'ts',
      };
    });
    // Who starts the program has it already, and what it has heard.
    onResolve({ filter: /\/signals\.mjs$/ }, ({ path: name, resolveDir }) => ({
      path: pathToFileURL(path.join(resolveDir, name)).href,
      external: true,
    }));
    // It starts a program of its own, which lies in its package.
    onResolve({ filter: /^esbuild$/ }, ({ path: name }) => ({
      path: import.meta.resolve(name),
      external: true,
    }));
  },
};

/** Set in what was bundled: the folder that it lies in. */
declare const __BUNDLE__: string | undefined;

let made: Promise<string> | undefined;

/** The file of a program. Rejects with a UsageError where there is none and none can be made. */
export async function programFile(name: Program): Promise<string> {
  return path.join(await bundleFolder(), `${name}.mjs`);
}

/** Whoever runs from a bundle stays with it, whatever becomes of the sources meanwhile. */
async function bundleFolder(): Promise<string> {
  if (typeof __BUNDLE__ === 'string') return __BUNDLE__;
  return (made ??= Promise.resolve(freshBundle() ?? newBundle()));
}

/** Makes a bundle of these sources, to be kept until they change. Rejects with a UsageError that says why it cannot. */
export async function newBundle(): Promise<string> {
  const reasons: string[] = [];
  for (const place of places()) {
    try {
      return await newBundleIn(place);
    } catch (thrown) {
      reasons.push(`${place}: ${thrown instanceof UsageError ? thrown.message : reasonOf(thrown)}`);
    }
  }
  throw new UsageError(`the program cannot be bundled: ${reasons.join('; ')}`);
}

async function newBundleIn(place: string): Promise<string> {
  makeFolders(path.dirname(place));
  if (!existsSync(place)) mkdirSync(place, { mode: 0o700 });
  if (!isOwn(place)) throw new UsageError('it is no folder that only you can write to');
  const folder = mkdtempSync(path.join(place, 'bundle-'));
  try {
    const inputs = await bundle(folder);
    const kept: Kept = { folder: path.basename(folder), root: ROOT, node: process.version, inputs };
    writeAtomically(path.join(place, KEPT), JSON.stringify(kept));
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
  removeOld(place, path.basename(folder));
  return folder;
}

/** What it was made of. */
async function bundle(folder: string): Promise<readonly Input[]> {
  // Before it is read: what is written meanwhile counts as changed.
  const began = Date.now();
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: BANNER },
    plugins: [placed],
    define: {
      'import.meta.dirname': FOLDER,
      'import.meta.url': URL_,
      __BUNDLE__: JSON.stringify(folder),
    },
    sourcemap: 'linked',
    sourcesContent: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    // Whoever runs this may have a tsconfig of his own.
    tsconfigRaw: '{}',
  });
  return [...Object.keys(metafile.inputs), ...FOLDERS].flatMap((file): Input[] => {
    const input = inputOf(path.join(ROOT, file));
    if (input === undefined) return [];
    const [, written, size] = input;
    const isOfMeanwhile = written > began && written <= Date.now();
    return [[file, isOfMeanwhile ? 0 : written, size]];
  });
}

const KEPT_MS = 2 * 24 * 60 * 60 * 1000;
const KEPT_BUNDLES = 20;

/** Whoever is at work may still start workers from an older bundle. */
function removeOld(place: string, present: string): void {
  const others = readdirSync(place).flatMap((name) => {
    const folder = path.join(place, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    return found === undefined || name === present || !name.startsWith('bundle-')
      ? []
      : [{ folder, made: found.mtimeMs }];
  });
  const newestFirst = others.sort((a, b) => b.made - a.made);
  for (const [nth, { folder, made }] of newestFirst.entries()) {
    if (nth >= KEPT_BUNDLES || Date.now() - made > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
