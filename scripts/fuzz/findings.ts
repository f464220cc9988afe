/** A run that broke something: saved as it is at once, then made small, then saved again in its place. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Settings } from '../../model/index.ts';
import { PROPERTIES, type Found } from '../../properties/index.ts';
import { minimising, recordTrace, writeTrace, type Trace } from '../../traces/index.ts';
import { foremost, type SavedFinding } from './outcome.ts';

export interface FindingContext {
  readonly settings: Settings;
  readonly seed: number;
  /** Folder for traces; made where it does not exist. */
  readonly folder: string;
  /** Properties whose break was asked to be overlooked. */
  readonly tolerated: ReadonlySet<string>;
  /** The day of the find, ISO 8601. */
  readonly today: string;
  readonly stop: { readonly requested: boolean };
  readonly onProgress: (actions: number, tries: number) => void;
}

/** How long the minimiser goes on before signals get their turn, in ms. */
const TURN_MS = 100;

/** Writes a file so that a reader, or a kill, never sees half of it. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

export async function keepFinding(
  found: Found,
  driver: SavedFinding['driver'],
  context: FindingContext,
): Promise<SavedFinding> {
  const { settings, seed, folder, stop } = context;
  const broken = found.findings.map(({ property }) => property).filter((id) => !context.tolerated.has(id));
  const property = PROPERTIES.find(({ id }) => id === foremost(broken));
  if (property === undefined) throw new Error('a finding that breaks no property');
  const about = {
    property: property.id,
    seed,
    schedule: { driver, seed, run: found.run },
    found: { by: `fuzz, ${driver}`, at: context.today },
  } as const;

  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${property.id.replace('/', '-')}-${seed}-${driver}-${found.run}.json`);
  const brokenAt = found.findings.find((finding) => finding.property === property.id)?.step;
  const actions = found.actions.slice(0, brokenAt);
  writeAtomically(file, writeTrace(recordTrace(settings, actions, about)));

  const search = minimising(settings, actions, property);
  let turnEnds = performance.now() + TURN_MS;
  let next = search.next(true);
  while (next.done !== true) {
    if (performance.now() >= turnEnds) {
      context.onProgress(next.value.actions, next.value.tries);
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
    next = search.next(!stop.requested);
  }
  const small = next.value;
  const trace: Trace = recordTrace(small.settings, small.actions, { ...about, minimal: small.minimal });
  writeAtomically(file, writeTrace(trace));
  return { driver, run: found.run, trace, file, before: actions.length };
}
