/** Every run that is kept in this folder: what broke one configuration once is worth trying on another. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Trace } from '../format.ts';
import { readTrace } from '../read.ts';

export interface SavedRun {
  /** Its file, from the folder of all traces on and without its ending, as in `saved/unclean-election`. */
  readonly name: string;
  readonly trace: Trace;
}

const FOLDERS = ['saved', 'mutants', 'mutants/together'] as const;
const traces = path.join(import.meta.dirname, '..');

function runsIn(folder: string): SavedRun[] {
  const place = path.join(traces, folder);
  const files = existsSync(place) ? readdirSync(place).filter((file) => file.endsWith('.json')) : [];
  return files.sort().map((file) => {
    const trace = readTrace(readFileSync(path.join(place, file), 'utf8'));
    if ('error' in trace) throw new Error(`${folder}/${file}: ${trace.error}`);
    return { name: `${folder}/${path.basename(file, '.json')}`, trace };
  });
}

let read: readonly SavedRun[] | undefined;

/** In a fixed order. Read once. */
export function savedRuns(): readonly SavedRun[] {
  read ??= FOLDERS.flatMap(runsIn);
  return read;
}
