/** A counterexample of the reference machine, saved as a trace. */
import { join } from 'node:path';
import { PROPERTIES } from '../../properties/index.ts';
import { minimising, recordTrace, writeTrace } from '../../traces/index.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import { inTurns } from '../turns.ts';
import { CAN_RECOVER, type Counterexample } from './engine.ts';
import { foremost, type SavedCounterexample } from './outcome.ts';
import type { MachineProblem } from './problem.ts';

/** The search for a run shorter than the one that was found ends after so many states. */
const STATES_FOR_SHORTER = 20_000;

export interface KeepOptions {
  readonly folder: string;
  /** The day of the find, ISO 8601. */
  readonly today: string;
  readonly stop: { readonly requested: boolean };
}

/**
 * In message grain a break found level by level is a shortest one. In exchange grain levels count exchanges, so the
 * run is minimised, as is one that was not found level by level.
 */
export async function keepCounterexample(
  { labels, broken, shortest }: Counterexample,
  problem: MachineProblem,
  { folder, today, stop }: KeepOptions,
): Promise<SavedCounterexample> {
  if (broken.includes(CAN_RECOVER)) return keepStuck(labels, shortest, problem, { folder, today });
  const { settings, grain } = problem;
  const id = foremost(broken);
  const property = PROPERTIES.find((known) => known.id === id);
  if (property === undefined) throw new Error('a counterexample that breaks no property');
  const isShortest = shortest && grain.name === 'message';
  const about = {
    property: property.id,
    schedule: { driver: 'explore' as const },
    found: { by: `explore, ${grain.name} grain`, at: today },
  };
  makeFolders(folder);
  const file = join(folder, `${property.id.replace('/', '-')}-explore.json`);
  const raw = recordTrace(settings, labels, {
    ...about,
    minimal: isShortest ? 'shortest' : 'no',
  });
  writeAtomically(file, writeTrace(raw));
  if (isShortest) return { trace: raw, file };
  const search = minimising(settings, labels, property, { states: STATES_FOR_SHORTER });
  const small = await inTurns(search, stop, () => undefined);
  const { minimal, searched } = small;
  const trace = recordTrace(small.settings, small.actions, { ...about, minimal, searched });
  writeAtomically(file, writeTrace(trace));
  return { trace, file };
}

/** The run to a state that cannot recover: no step of it breaks anything, so there is nothing to minimise by. */
function keepStuck(
  labels: readonly number[],
  shortest: boolean,
  { settings, grain }: MachineProblem,
  { folder, today }: Pick<KeepOptions, 'folder' | 'today'>,
): SavedCounterexample {
  const trace = recordTrace(settings, labels, {
    name: 'cannot recover',
    schedule: { driver: 'explore' },
    found: { by: `explore --can-recover, ${grain.name} grain`, at: today },
    minimal: shortest ? 'shortest' : 'no',
  });
  makeFolders(folder);
  const file = join(folder, `${CAN_RECOVER}-explore.json`);
  writeAtomically(file, writeTrace(trace));
  return { trace, file };
}
