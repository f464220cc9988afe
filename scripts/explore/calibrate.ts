/** What a proof is worth: how many known bugs and mutants of the rules the same search finds within the same bounds. */
import type { Settings } from '../../model/index.ts';
import { mutantsOf } from '../../properties/index.ts';
import { CATALOG } from '../../traces/index.ts';
import { explore, type EngineOptions } from './engine.ts';
import { foremost } from './outcome.ts';
import type { MachineProblem } from './problem.ts';

export interface Caught {
  readonly id: string;
  readonly property: string;
  /** Length of the counterexample, in actions. */
  readonly steps: number;
}

export interface Measured {
  readonly total: number;
  readonly caught: readonly Caught[];
  /** Searched to the end, and nothing broke. */
  readonly missed: readonly string[];
  /** The search ended before its end, or was never begun. */
  readonly unfinished: readonly string[];
}

export interface Calibration {
  readonly mutants: Measured;
  readonly bugs: Measured;
}

export interface CalibrationProgress {
  readonly done: number;
  readonly total: number;
  readonly caught: number;
}

export interface Target {
  readonly kind: keyof Calibration;
  readonly id: string;
  readonly settings: Settings;
}

/** Mutants of the rules in force; and the configurations of the known bugs, with the faults and records of the search. */
function targetsOf({ settings }: MachineProblem): readonly Target[] {
  const { faults, records } = settings;
  return [
    ...CATALOG.filter(({ property }) => property !== null).map((entry) => ({
      ...{ kind: 'bugs' as const, id: entry.name },
      settings: { ...entry.settings, faults, records },
    })),
    ...mutantsOf(settings).map((mutant) => ({ kind: 'mutants' as const, ...mutant })),
  ];
}

/** Searches each target as the search itself was done, each for `ms` at the most. A signal ends it with what is known. */
export async function calibrate(
  options: EngineOptions & { readonly problem: MachineProblem },
  ms: number,
  onProgress: (progress: CalibrationProgress) => void,
  targets: readonly Target[] = targetsOf(options.problem),
): Promise<Calibration> {
  const measured = (): { total: number; caught: Caught[]; missed: string[]; unfinished: string[] } => ({
    ...{ total: 0, caught: [], missed: [], unfinished: [] },
  });
  const all = { mutants: measured(), bugs: measured() };
  for (const [done, { kind, id, settings }] of targets.entries()) {
    const { caught, missed, unfinished } = all[kind];
    all[kind].total++;
    if (options.stop.requested) {
      unfinished.push(id);
      continue;
    }
    onProgress({
      ...{ done, total: targets.length },
      caught: all.bugs.caught.length + all.mutants.caught.length,
    });
    const { end, counterexample } = await explore({
      ...options,
      problem: { ...options.problem, settings },
      ms,
      checkpoint: undefined,
      resume: undefined,
      onProgress: () => undefined,
    });
    const property = counterexample === undefined ? undefined : foremost(counterexample.broken);
    if (counterexample !== undefined && property !== undefined) {
      caught.push({ id, property, steps: counterexample.labels.length });
    } else if (end === 'complete') missed.push(id);
    else unfinished.push(id);
  }
  return all;
}
