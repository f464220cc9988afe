/** Bitstate searches: one pass, or many side by side. */
import { describe, expect, it } from 'vitest';
import { ALONE, type EngineOptions, type EngineResult } from './engine.ts';
import type { Problem } from './problem.ts';
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
    const { end, threads, sweep: swept } = await run(holds, { ms: 1000 });
    expect({ end, threads }).toEqual({ end: 'time', threads: 2 });
    expect(swept?.passes).toBeGreaterThan(2);
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
