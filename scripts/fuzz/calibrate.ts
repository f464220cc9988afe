/** What a pass is worth: how many known bugs and mutants of the rules as many runs catch. */
import type { Settings } from '../../model/index.ts';
import {
  fingerprint,
  keptCalibration,
  MEASURED_EFFORT,
  MEASURED_SETTINGS,
  settingsLine,
  targetsOf,
  type Catch,
  type Catches,
  type Effort,
  type Measured,
  type Target,
} from '../../traces/index.ts';
import { doJobs, type PoolOptions } from '../pool.ts';
import { jobFor } from './catch.ts';
import type { Calibration, Share } from './outcome.ts';

/** The campaign that passed. */
export interface Passed extends Effort {
  readonly settings: Settings;
}

/** What the kept figures say of as many runs, without making one more. */
export function keptFor(passed: Passed, kept: Measured = keptCalibration()): Calibration {
  const runs = Math.min(passed.runs, MEASURED_EFFORT.runs);
  const targets = targetsOf(MEASURED_SETTINGS);
  return {
    from: 'kept',
    settings: settingsLine(MEASURED_SETTINGS),
    drivers: MEASURED_EFFORT.drivers,
    seed: MEASURED_EFFORT.seed,
    runs,
    sameOptions: asMeasured(passed),
    fresh: kept.fingerprint === fingerprint(),
    mutants: share(ofKind(targets, 'mutant'), kept.mutants, runs),
    bugs: share(ofKind(targets, 'bug'), kept.bugs, runs),
  };
}

/** Whether the kept figures were measured under the options of this pass, but for seed and number of runs. */
function asMeasured({ settings, drivers, actions, tolerated }: Passed): boolean {
  const text = (...parts: readonly unknown[]): string => JSON.stringify(parts);
  return (
    tolerated.size === 0 &&
    text(settings, drivers, actions) ===
      text(MEASURED_SETTINGS, MEASURED_EFFORT.drivers, MEASURED_EFFORT.actions)
  );
}

const ofKind = (targets: readonly Target[], kind: Target['kind']): string[] =>
  targets.filter((target) => target.kind === kind).map(({ id }) => id);

function share(ids: readonly string[], catches: Catches, runs: number): Share {
  const caught = ids.flatMap((id) => {
    const found = catches[id] ?? null;
    return found !== null && found.run <= runs ? [{ id, ...found }] : [];
  });
  return {
    total: ids.length,
    caught,
    missed: ids.filter((id) => id in catches && !caught.some((found) => found.id === id)),
    unmeasured: ids.filter((id) => !(id in catches)),
  };
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly caught: number;
}

/** Catches by id, those of mutants apart from those of bugs. */
interface Taken {
  readonly mutants: Record<string, Catches[string]>;
  readonly bugs: Record<string, Catches[string]>;
}

/** Gives each target as many runs as it takes; `onTarget` hears of each that is through. Ends early on a signal. */
export async function measure(
  targets: readonly Target[],
  effort: Effort,
  { threads, stop }: Pick<PoolOptions<unknown>, 'threads' | 'stop'>,
  onProgress: (progress: Progress) => void,
  onTarget: (taken: Taken) => void = () => undefined,
): Promise<Taken> {
  const taken: Taken = { mutants: {}, bugs: {} };
  let done = 0;
  let caught = 0;
  await doJobs(
    'catch-worker',
    targets.map((target) => jobFor(target, effort)),
    {
      threads,
      stop,
      onDone: (found: Catch | null, index) => {
        const target = targets[index];
        if (target === undefined) return;
        taken[target.kind === 'mutant' ? 'mutants' : 'bugs'][target.id] = found;
        if (found !== null) caught++;
        onTarget(taken);
        onProgress({ done: ++done, total: targets.length, caught });
      },
    },
  );
  return taken;
}

/** The same measured for this very pass: its settings, seed, drivers and number of runs. */
export async function liveFor(
  passed: Passed,
  pool: Pick<PoolOptions<unknown>, 'threads' | 'stop'>,
  onProgress: (progress: Progress) => void,
): Promise<Calibration> {
  const targets = targetsOf(passed.settings);
  const { mutants, bugs } = await measure(targets, passed, pool, onProgress);
  return {
    from: 'live',
    settings: settingsLine(passed.settings),
    drivers: passed.drivers,
    seed: passed.seed,
    runs: passed.runs,
    sameOptions: true,
    fresh: true,
    mutants: share(ofKind(targets, 'mutant'), mutants, passed.runs),
    bugs: share(ofKind(targets, 'bug'), bugs, passed.runs),
  };
}
