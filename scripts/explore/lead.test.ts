/** What is said of a search towards a property: a counterexample, or that nothing is proved. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS, type FaultKind, type Settings } from '../../model/index.ts';
import { ALONE, type EngineOptions } from './engine.ts';
import { lead } from './lead.ts';
import { jsonOf, outcomeOf, type ExploreOutcome } from './outcome.ts';
import type { MachineProblem } from './problem.ts';
import { summary } from './report.ts';
import { CATALOG, minimise, PLAIN, savedRuns } from '../../traces/index.ts';
import { PROPERTIES } from '../../properties/index.ts';

const options: Omit<EngineOptions, 'problem'> = {
  ...ALONE,
  memory: 512 * 1024 * 1024,
};

const problemOf = (settings: Settings, property: string, detached: number): MachineProblem => ({
  kind: 'machine',
  settings,
  bounds: {},
  grain: { name: 'exchange', detached },
  properties: [property],
  towards: property,
});

async function towards(
  faults: Partial<Record<FaultKind, number>>,
  more: Partial<EngineOptions> = {},
): Promise<ExploreOutcome> {
  const settings: Settings = {
    ...defaultSettings,
    release: '4.0',
    kafka: { ...defaultSettings.kafka, 'default.replication.factor': 2, 'min.insync.replicas': 1 },
    brokers: 2,
    consumers: 0,
    records: 1,
    faults: { ...defaultSettings.faults, budgets: { ...NO_FAULTS, ...faults } },
  };
  const problem = problemOf(settings, 'durability/holder', 0);
  const result = await lead({ ...options, problem, ...more });
  const { memory, symmetry } = options;
  return outcomeOf({ problem, result, finding: undefined, memory, symmetry, calibration: undefined });
}

describe('a search towards a property', () => {
  it('is no proof, even where it has met every state', async () => {
    const outcome = await towards({});
    expect(outcome.verdict).toBe('incomplete');
    expect(outcome.because).toMatch(/^all \d+ states were met; the same search without --towards/);
    expect(jsonOf(outcome)).toMatchObject({ verdict: 'incomplete', frontier: 0 });
    expect(summary(outcome, PLAIN)).not.toContain('proved (');
  });

  it('says what was left where a limit or a signal ended it', async () => {
    const limited = await towards({ kill: 1 }, { limits: { states: 30 } });
    expect(limited.because).toMatch(/^stopped at --states; \d+ of \d+ states were met and not expanded$/);
    const stopped = await towards({ kill: 2, fence: 2, lost: 2 }, { stop: { requested: true } });
    expect(stopped.because).toMatch(/^stopped by a signal; /);
    const late = await towards({ kill: 2, fence: 2, lost: 2 }, { ms: 0 });
    expect(late.because).toMatch(/^stopped at --time; /);
  });

  it('does not call what it finds shortest', async () => {
    const { verdict, result } = await towards({ 'power-loss': 1, shrink: 2 });
    expect(verdict).toBe('violated');
    expect(result.counterexample).toMatchObject({ broken: ['durability/holder'], shortest: false });
  });

  it.each(['visible-below-min-isr', 'single-in-sync-replica'])(
    'finds what is kept as %s, minimised in no more actions',
    async (name) => {
      const entry = CATALOG.find((known) => known.name === name);
      const kept = savedRuns().find((run) => run.name === `saved/${name}`);
      const property = PROPERTIES.find(({ id }) => id === entry?.property);
      if (entry === undefined || kept === undefined || property === undefined) throw new Error(`no ${name}`);
      const { counterexample } = await lead({
        ...options,
        problem: problemOf(entry.settings, property.id, 1),
      });
      const { after } = minimise(entry.settings, counterexample?.labels ?? [], property);
      expect(after).toBeLessThanOrEqual(kept.trace.actions.length);
    },
  );
});
