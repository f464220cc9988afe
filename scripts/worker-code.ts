/**
 * The program of a worker as one plain JavaScript file. What loads TypeScript in the main program takes most of a second
 * of processor time again in each thread and each process, and gives every function its name anew whenever it is made;
 * a file that was bundled once starts in a fifth of that, and runs faster.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { UsageError } from './exit.ts';
import { reasonOf } from './files.ts';

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
    onLoad({ filter: /\.tsx?$/ }, ({ path: file }) => {
      const own = `const ${FOLDER} = ${JSON.stringify(path.dirname(file))}, ${URL_} = ${JSON.stringify(pathToFileURL(file).href)};`;
      return {
        contents: `${own}\n${readFileSync(file, 'utf8')}`,
        loader: file.endsWith('x') ? 'tsx' : 'ts',
      };
    });
    // It starts a program of its own, which lies in its package.
    onResolve({ filter: /^esbuild$/ }, ({ path: name }) => ({
      path: import.meta.resolve(name),
      external: true,
    }));
  },
};

const files = new Map<string, Promise<string>>();
let folder: string | undefined;

/**
 * The file to start a worker from, made once in a process and gone with it. Rejects with a UsageError where the folder
 * for temporary files takes none.
 */
export function workerFile(entry: string): Promise<string> {
  let file = files.get(entry);
  if (file === undefined) files.set(entry, (file = bundled(entry)));
  return file;
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: BANNER },
    plugins: [placed],
    define: { 'import.meta.dirname': FOLDER, 'import.meta.url': URL_ },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    // Whoever runs this may have a tsconfig of his own.
    tsconfigRaw: '{}',
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error('the bundler made no file');
  try {
    const file = path.join(
      ownFolder(),
      `${path.basename(path.dirname(entry))}-${path.basename(entry, '.ts')}.mjs`,
    );
    writeFileSync(file, code.contents);
    return file;
  } catch (thrown) {
    throw new UsageError(`${tmpdir()}: no room for the program of a worker, ${reasonOf(thrown)}`);
  }
}

/** Names of our folders begin so; the process that made one comes next. */
const PREFIX = 'highwater-workers-';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Nobody else may write to it: what lies there is run. */
function ownFolder(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  removeLeftBehind();
  return made;
}

/** What killed processes could not take with them. A day old: another container may share the folder, not the numbers. */
function removeLeftBehind(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const left = path.join(tmpdir(), name);
    try {
      if (Date.now() - statSync(left).mtimeMs > DAY_MS) rmSync(left, { recursive: true, force: true });
    } catch {
      // Another user's, or somebody else has just removed it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH');
  }
}
