/** What breaks where any eligible replica may be elected counts only if it breaks in assignment order. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS, type Settings } from '../../model/index.ts';
import { ALONE, explore, type EngineResult } from './engine.ts';
import { outcomeOf } from './outcome.ts';
import type { MachineProblem } from './problem.ts';
import { isReal } from './real.ts';

const MIB = 1024 * 1024;
const ID = 'commit-on-isr';

/** Without the gate of KAFKA-15583 a leader commits alone. */
const settings: Settings = {
  ...defaultSettings,
  ...{ release: '4.1-repaired', brokers: 2, consumers: 0, records: 1 },
  rules: { 'high-watermark-needs-min-isr': 'no' },
  kafka: { ...defaultSettings.kafka, 'default.replication.factor': 2 },
  faults: { ...defaultSettings.faults, budgets: { ...NO_FAULTS, shrink: 1 } },
};
const problem: MachineProblem = {
  ...{ kind: 'machine', settings, bounds: {}, grain: { name: 'message' }, properties: [ID] },
};

const search = (election: 'any' | undefined, symmetry: boolean): Promise<EngineResult> =>
  explore({
    ...ALONE,
    problem: { ...problem, election },
    memory: 512 * MIB,
    symmetry,
  });

describe('a counterexample where any eligible replica may be elected', () => {
  it('is as short as one in assignment order, and one of the machine’s own runs', async () => {
    const ordered = await search(undefined, false);
    for (const symmetry of [false, true]) {
      const { end, counterexample, unreal } = await search('any', symmetry);
      expect(end).toBe('broken');
      expect(unreal).toBeUndefined();
      expect(counterexample?.labels.length).toBe(ordered.counterexample?.labels.length);
      expect(counterexample && isReal(problem, counterexample)).toBe(true);
    }
  });

  it('is none where the machine refuses an action, or nothing breaks', async () => {
    const { counterexample } = await search('any', false);
    const { labels = [], broken = [] } = counterexample ?? {};
    expect(isReal(problem, { labels: labels.slice(1), broken })).toBe(false);
    expect(isReal(problem, { labels: labels.slice(0, -1), broken })).toBe(false);
    expect(isReal(problem, { labels, broken: ['ordering'] })).toBe(false);
  });

  it('that the machine does not take proves nothing and breaks nothing', async () => {
    const { counterexample, ...result } = await search('any', false);
    const outcome = outcomeOf({
      problem: { ...problem, election: 'any' },
      result: { ...result, counterexample: undefined, unreal: counterexample },
      finding: undefined,
      memory: 512 * MIB,
      symmetry: false,
      calibration: undefined,
    });
    expect(outcome.verdict).toBe('incomplete');
    expect(outcome.because).toMatch(
      /^commit-on-isr breaks in \d+ actions, but not where elections follow the assignment order/,
    );
  });
});
