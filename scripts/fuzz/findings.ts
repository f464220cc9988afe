/** A run that broke something: saved as it is at once, then made small, then saved again in its place. */
import { join } from 'node:path';
import { PROPERTIES, type Driver, type Found } from '../../properties/index.ts';
import { minimising, recordTrace, writeTrace } from '../../traces/index.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import { inTurns } from '../turns.ts';
import { foremost, type SavedFinding } from './outcome.ts';

export interface FindingContext {
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

export async function keepFinding(
  found: Found,
  driver: Driver,
  context: FindingContext,
): Promise<SavedFinding> {
  const { seed, folder, stop } = context;
  const { settings } = found;
  const finding = foremostOf(found, context.tolerated);
  const property = PROPERTIES.find(({ id }) => id === finding.property);
  const about = {
    seed,
    schedule: { driver, seed, run: found.run },
    found: { by: `fuzz, ${driver}`, at: context.today },
    ...(property === undefined
      ? { note: `${finding.property}: ${finding.says}` }
      : { property: property.id }),
  };

  makeFolders(folder);
  const file = join(folder, `${finding.property.replace('/', '-')}-${seed}-${driver}-${found.run}.json`);
  const actions = found.actions.slice(0, finding.step);
  const raw = recordTrace(settings, actions, about);
  const kept = {
    driver,
    run: found.run,
    property: finding.property,
    says: finding.says,
    file,
    before: actions.length,
  };
  writeAtomically(file, writeTrace(raw));
  // What did not come about shows only in the whole run: there is no step at which it breaks.
  if (property === undefined) return { ...kept, trace: raw };

  const small = await inTurns(minimising(settings, actions, property), stop, (progress) => {
    context.onProgress(progress.actions, progress.tries);
  });
  const trace = recordTrace(small.settings, small.actions, { ...about, minimal: small.minimal });
  writeAtomically(file, writeTrace(trace));
  return { ...kept, trace };
}

function foremostOf(found: Found, tolerated: ReadonlySet<string>): Found['findings'][number] {
  const broken = found.findings.filter(({ property }) => !tolerated.has(property));
  const id = foremost(broken.map(({ property }) => property));
  const finding = broken.find(({ property }) => property === id);
  if (finding === undefined) throw new Error('a finding that breaks no property');
  return finding;
}
