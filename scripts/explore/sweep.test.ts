/** Bitstate searches: one pass, or many side by side. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS } from '../../model/index.ts';
import { FULL } from '../../model/testing.ts';
import { ALONE, leastMemory, type EngineOptions, type EngineResult } from './engine.ts';
import { outcomeOf } from './outcome.ts';
import type { MachineProblem, Problem } from './problem.ts';
import { sweep } from './sweep.ts';

const MIB = 1024 * 1024;
const breaks: Problem = { kind: 'spec', name: 'isr-kip-101', bounds: { replicas: 3 } };
const holds: Problem = { kind: 'spec', name: 'isr-kip-320', bounds: { replicas: 2 } };

const run = (problem: Problem, options: Partial<EngineOptions>): Promise<EngineResult> =>
  sweep({
    ...ALONE,
    problem,
    memory: 256 * MIB,
    threads: 2,
    onTrouble: (says) => {
      throw new Error(says);
    },
    ...options,
  });

describe('a bitstate search', () => {
  it('without a limit of time is one pass of one thread, the same each time', async () => {
    const [one, other] = [await run(holds, {}), await run(holds, {})];
    expect(one).toMatchObject({ end: 'swept', threads: 1, sweep: { passes: 1 } });
    expect(other.totals).toEqual(one.totals);
  });

  it('makes passes side by side until the time is over', async () => {
    // With few states and little memory to clear a pass is short, so that some are made on a busy machine too.
    const few: Problem = { ...holds, bounds: { replicas: 2, 'log-size': 1, records: 1, epochs: 1 } };
    const { end, threads, sweep: swept } = await run(few, { ms: 1000, memory: leastMemory(2) });
    // Time is over within a pass or between two.
    expect(['time', 'swept']).toContain(end);
    expect(threads).toBe(2);
    expect(swept?.passes).toBeGreaterThan(2);
  });

  // It takes seconds to see that an exchange goes on and on.
  it.runIf(FULL)('says where an exchange never comes to rest', async () => {
    const settings = {
      ...defaultSettings,
      ...{ consumers: 0, records: 1, mutant: ['a broker is fenced only after its session has expired'] },
      faults: { ...defaultSettings.faults, budgets: { ...NO_FAULTS, fence: 1 } },
    };
    const problem: MachineProblem = {
      kind: 'machine',
      settings,
      bounds: {},
      grain: { name: 'exchange', detached: 0 },
      properties: ['agreement'],
    };
    const limits = { states: 30 };
    const result = await run(problem, { limits });
    expect(result.sweep?.endless).toBeGreaterThan(0);
    const { because } = outcomeOf({
      ...{ problem, result, memory: 0, symmetry: false },
      ...{ finding: undefined, calibration: undefined },
    });
    expect(because).toContain('exchanges did not come to rest');
    const sound = { ...problem, settings: { ...settings, mutant: [] } };
    expect((await run(sound, { limits })).sweep?.endless).toBe(0);
  });

  it('ends them all as soon as one breaks something', async () => {
    const { end, counterexample, elapsedMs } = await run(breaks, { ms: 60_000 });
    expect(end).toBe('broken');
    expect(counterexample?.broken.length).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThan(30_000);
  });

  it('ends them all when it is asked to', async () => {
    const stop = { requested: false };
    const { end } = await run(holds, { ms: 60_000, stop, onProgress: () => void (stop.requested = true) });
    expect(end).toBe('stopped');
  });
});
