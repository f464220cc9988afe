/** Files and folders, and what is said where they cannot be read or written. */
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './exit.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'it may not be read',
  ENOSPC: 'no space is left on the disk',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'there is something else of that name',
};

/** Writes a file so that nobody, a kill included, ever sees half of it. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw new UsageError(`${file}: cannot be written, ${reasonAgainstWriting(thrown)}`);
  }
}

/** Why a file cannot be written, or undefined; it is left as it is. */
export function reasonAgainstFile(file: string): string | undefined {
  const isThere = existsSync(file);
  try {
    appendFileSync(file, '');
    if (!isThere) rmSync(file);
    return undefined;
  } catch (thrown) {
    return reasonAgainstWriting(thrown);
  }
}

/** Adds to the file that an option names. Throws a UsageError. */
export function addTo(option: string, file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (thrown) {
    throw new UsageError(`${option} ${file}: cannot be written, ${reasonAgainstWriting(thrown)}`);
  }
}

/**
 * Makes a folder and those above it, where they are not there. Not mkdirSync with `recursive`: that never returns where
 * a folder that exists, as /proc, says of a new one that there is no such place.
 */
export function makeFolders(folder: string): void {
  const above = path.dirname(path.resolve(folder));
  if (!existsSync(above)) makeFolders(above);
  try {
    mkdirSync(folder);
  } catch (thrown) {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw thrown;
  }
}

/** Makes the folder that an option names, where it is not there. Throws a UsageError. */
export function makeFolder(option: string, folder: string): void {
  try {
    makeFolders(folder);
  } catch (thrown) {
    throw new UsageError(`${option} ${folder}: cannot be made, ${reasonOf(thrown)}`);
  }
}

/** Why a file could not be written. */
export function reasonAgainstWriting(thrown: unknown): string {
  const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
  return isMissing ? 'there is no such folder' : reasonOf(thrown);
}

export function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return REASONS[code] ?? (code === '' ? String(thrown) : code);
}
