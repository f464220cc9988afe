/** The saved traces, and their table in the README beside them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withSavedTable } from '../traces/index.ts';
import { writeAtomically } from './files.ts';
import { traceIn } from './trace-file.ts';

/** Where traces are that every test run replays. */
export const SAVED = path.join(import.meta.dirname, '..', 'traces', 'saved');

export const savedFiles = (folder = SAVED): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => path.relative(process.cwd(), path.join(folder, file)));

/** Writes the table of saved traces anew. */
export function listSaved(folder = SAVED): void {
  const page = path.join(folder, '..', 'README.md');
  const before = readFileSync(page, 'utf8');
  const after = withSavedTable(before, savedFiles(folder).map(traceIn));
  if (after !== before) writeAtomically(page, after);
}
