/** The timed simulation as `fuzz` does it: generated fault schedules, all properties look at every step. */
import fc from 'fast-check';
import { ACTIONS, type ActionCode, type Settings } from '../../model/index.ts';
import { PROPERTIES, runSeed, timedCases, TimedRuns } from '../../properties/index.ts';
import type { Mix } from './walk.ts';

/** Schedules of up to six faults within a minute, from seed 1 on, the same ones in every process. */
export function timedBench(settings: Settings): Mix {
  const counts = new Float64Array(ACTIONS.length);
  const runs = new TimedRuns(PROPERTIES);
  const arbitrary = timedCases({ settings, varies: false, faults: 6, horizon: 60_000 });
  const count = (code: ActionCode): void => {
    const kind = code & 0xff;
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  let run = 0;
  return {
    counts,
    work: () => {
      const [timed] = fc.sample(arbitrary, { numRuns: 1, seed: runSeed(1, run++) });
      if (timed === undefined) throw new Error('fast-check gave no schedule');
      const outcome = runs.run(timed, () => false, count);
      return { steps: outcome.run.actions.length, commits: outcome.committed };
    },
  };
}
