/** The whole engine: the same answer however many threads there are, and an honest one where it is stopped. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS, type Settings } from '../../model/index.ts';
import { ALONE, explore, type EngineOptions } from './engine.ts';
import type { Problem } from './problem.ts';

const MIB = 1024 * 1024;

/** Enough states for other threads to be started. */
const holds: Problem = {
  kind: 'spec',
  name: 'isr-kip-320',
  bounds: { replicas: 2, 'log-size': 3, records: 3, epochs: 3 },
};
const breaks: Problem = { kind: 'spec', name: 'isr-kip-101', bounds: { replicas: 3 } };

const run = (problem: Problem, options: Partial<EngineOptions> = {}) =>
  explore({
    ...ALONE,
    problem,
    memory: 512 * MIB,
    ...options,
  });

describe('a search with several threads', () => {
  // On a busy machine a search may be over before all its threads have started.
  it('meets the same states and transitions at the same depth', { retry: 2 }, async () => {
    const [alone, ...others] = await Promise.all([1, 3].map((threads) => run(holds, { threads })));
    expect(alone?.end).toBe('complete');
    expect(alone?.threads).toBe(1);
    expect(alone?.totals.states).toBeGreaterThan(40_000);
    for (const { end, totals, threads } of others) {
      expect({ end, totals }).toEqual({ end: alone?.end, totals: alone?.totals });
      expect(threads).toBe(3);
    }
  });

  it('finds a counterexample of the same length', async () => {
    const found = await Promise.all([1, 3].map((threads) => run(breaks, { threads })));
    for (const { end, counterexample } of found) {
      expect(end).toBe('broken');
      expect(counterexample?.labels).toHaveLength(10);
    }
  });
});

describe('a search that is stopped', () => {
  it('by a signal says so, and how far it has come', async () => {
    const stop = { requested: false };
    const { end, totals } = await run(holds, {
      stop,
      onProgress: ({ states }) => {
        if (states > 2_000) stop.requested = true;
      },
    });
    expect(end).toBe('stopped');
    expect(totals.states).toBeGreaterThan(2_000);
    expect(totals.frontier).toBeGreaterThan(0);
  });

  it('by its time, its depth or its states names what stopped it', async () => {
    expect((await run(holds, { ms: 0 })).end).toBe('time');
    expect(await run(holds, { limits: { depth: 4 } })).toMatchObject({ end: 'depth', totals: { depth: 4 } });
    expect((await run(holds, { limits: { states: 500 } })).end).toBe('states');
  });
});

describe('the bounds', () => {
  it('are one each, however many components they count, and say how often they cut', async () => {
    const settings: Settings = { ...defaultSettings, brokers: 2, consumers: 0, records: 2 };
    const kafka = { ...settings.kafka, 'default.replication.factor': 2 };
    const faults = { ...settings.faults, budgets: NO_FAULTS };
    const { end, bounds } = await run({
      kind: 'machine',
      settings: { ...settings, kafka, faults },
      bounds: { 'log-length': 1, epochs: 7 },
      grain: { name: 'exchange', detached: 1 },
      properties: [],
    });
    expect(end).toBe('complete');
    expect(bounds.map(({ name, limit }) => [name, limit])).toEqual([
      ['epochs', 7],
      ['log-length', 1],
      ['detached', 1],
    ]);
    expect(bounds.map(({ cut }) => cut > 0)).toEqual([false, true, true]);
  });
});
