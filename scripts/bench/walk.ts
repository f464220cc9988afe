/** The random walk as `fuzz` does it: fast-check picks, all properties look at every step. */
import fc from 'fast-check';
import { ACTIONS, configOf, createMachine, type ActionCode, type Settings } from '../../model/index.ts';
import { Checker, PROPERTIES, runSeed, walks } from '../../properties/index.ts';
import type { Portion } from './measure.ts';

export interface Mix {
  /** Actions taken, by kind, all samples together. */
  readonly counts: Float64Array;
  work(): Portion;
}

/** Runs of 400 actions from seed 1 on, the same ones in every process. */
export function walkBench(settings: Settings): Mix {
  const config = configOf(settings);
  if ('error' in config) throw new Error(config.error);
  const machine = createMachine(config);
  const checker = new Checker(machine, PROPERTIES);
  const counts = new Float64Array(ACTIONS.length);
  const count = (code: ActionCode): void => {
    const kind = code & 0xff;
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const arbitrary = walks(machine, checker, 400, () => false, count);
  let run = 0;
  return {
    counts,
    work: () => {
      const [made] = fc.sample(arbitrary, { numRuns: 1, seed: runSeed(1, run++) });
      return { steps: made?.actions.length ?? 0, commits: checker.observed().commits.length };
    },
  };
}
