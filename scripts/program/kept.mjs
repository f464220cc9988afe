/**
 * The bundle of the program that is kept, and whether it is still of these sources. Plain JavaScript, for it is asked
 * before anything is there that loads TypeScript.
 */
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Says which bundle of a place is the present one. */
export const KEPT = 'kept.json';

/**
 * What a bundle was made of, and by what: a change of any of it makes another.
 * @typedef {object} Kept
 * @property {string} folder
 * @property {string} root
 * @property {string} node
 * @property {readonly Input[]} inputs
 */

/**
 * A file, or a folder whose files count, when it was last written, in ms, and its size in bytes.
 * @typedef {readonly [file: string, written: number, size: number]} Input
 */

/**
 * Where bundles may be kept, the best place first.
 * @returns {readonly string[]}
 */
export function places() {
  const above = path.dirname(ROOT);
  const modules = path.basename(above) === 'node_modules' ? above : path.join(ROOT, 'node_modules');
  return [
    path.join(modules, '.cache', 'highwater'),
    path.join(tmpdir(), `highwater-${process.getuid?.() ?? 'own'}`),
  ];
}

/**
 * Whether nobody else can write there: what lies there is run.
 * @param {string} place
 */
export function isOwn(place) {
  if (process.getuid === undefined) return true;
  const found = lstatSync(place, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid() && (found.mode & 0o022) === 0;
}

/**
 * A file or folder as it is now; undefined where there is none.
 * @param {string} file
 * @returns {Input | undefined}
 */
export function inputOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && [file, found.mtimeMs, found.isDirectory() ? 0 : found.size];
}

/**
 * The folder of a bundle that is still of these sources; undefined where there is none.
 * @returns {string | undefined}
 */
export function freshBundle() {
  for (const place of places()) {
    try {
      if (!isOwn(place)) continue;
      /** @type {Kept} */
      const kept = JSON.parse(readFileSync(path.join(place, KEPT), 'utf8'));
      if (kept.root !== ROOT || kept.node !== process.version) continue;
      const folder = path.join(place, kept.folder);
      if (!existsSync(path.join(folder, 'cli.mjs'))) continue;
      if (kept.inputs.every(([file, written, size]) => isAsItWas(file, written, size))) return folder;
    } catch {
      // Nothing is kept there, or nobody can tell what: a new one is made.
    }
  }
  return undefined;
}

/**
 * @param {string} file
 * @param {number} written
 * @param {number} size
 */
function isAsItWas(file, written, size) {
  const now = inputOf(path.join(ROOT, file));
  return now !== undefined && now[1] === written && now[2] === size;
}
