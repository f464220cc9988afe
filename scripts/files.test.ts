import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, makeFolders, reasonAgainstFile } from './files.ts';

let own = '';
beforeAll(() => {
  own = mkdtempSync(path.join(tmpdir(), 'files-'));
});
afterAll(() => rmSync(own, { recursive: true, force: true }));

it('a folder is made with those above it, and may be there already', () => {
  const folder = path.join(own, 'a', 'b', 'c');
  makeFolders(folder);
  makeFolders(folder);
  expect(existsSync(folder)).toBe(true);
});

it('a file where a folder is to be is told of', () => {
  const file = path.join(own, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder('--out', file)).toThrow(/^--out \S+file: cannot be made, there is something else/);
  expect(() => makeFolder('--out', path.join(file, 'x'))).toThrow(
    /cannot be made, a part of its path is no folder$/,
  );
});

// Node's own way of making folders one in the other never returns there.
it.runIf(existsSync('/proc/self'))('where the system takes no folders, that is said at once', () => {
  expect(() => makeFolder('--out', '/proc/nowhere')).toThrow(/^--out \/proc\/nowhere: cannot be made, /);
  expect(() => makeFolder('--out', '/proc/nowhere/below')).toThrow(/cannot be made, /);
});

it('why a file cannot be written is known beforehand, and nothing is left behind', () => {
  const fresh = path.join(own, 'fresh.html');
  expect(reasonAgainstFile(fresh)).toBeUndefined();
  expect(existsSync(fresh)).toBe(false);
  const kept = path.join(own, 'kept.html');
  writeFileSync(kept, 'kept');
  expect(reasonAgainstFile(kept)).toBeUndefined();
  expect(readFileSync(kept, 'utf8')).toBe('kept');
  expect(reasonAgainstFile(own)).toBe('it is a folder, not a file');
  expect(reasonAgainstFile(path.join(own, 'no', 'page.html'))).toBe('there is no such folder');
});
