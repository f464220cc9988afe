import { describe, expect, it } from 'vitest';
import { defaultSettings, faultsOfClass, type Settings } from '../../model/index.ts';
import { replayTrace } from '../replay.ts';
import { savedRuns } from './saved-runs.ts';
import { standOf } from './stand.ts';
import { trial, type TrialPlan } from './trial.ts';
import { unconfirmedRepaired } from './unconfirmed.ts';

const plan = (change: Partial<Settings>, rest: Partial<TrialPlan> = {}): TrialPlan => ({
  settings: { ...defaultSettings, faults: faultsOfClass('F1', 2, 3), ...change },
  seed: 1,
  runs: 0,
  actions: 400,
  tries: 200,
  ...rest,
});

describe('a trial', () => {
  it('takes the runs that are kept again, under other settings than they were found under', () => {
    const some = savedRuns().filter(({ trace }) => trace.broken.includes('acked-durable'));
    const { breaks } = trial(plan({ release: '3.9' }, { tries: 50 }), some);
    const loss = breaks.find(({ property }) => property === 'acked-durable');
    expect(loss?.found.by).toBe('replay');
    expect(loss?.trace.settings.release).toBe('3.9');
    for (const { trace, property, steps } of breaks) {
      const { verdict, run } = replayTrace(trace, { exact: true });
      expect(verdict).toBe('reproduced');
      expect(run.findings.find((finding) => finding.property === property)?.step).toBe(steps);
    }
  });

  it('shows what a loss leads to, which the run that found it did not', () => {
    const [loss] = savedRuns().filter(({ name }) => name === 'saved/last-replica-standing');
    if (loss === undefined) throw new Error('the run is kept');
    const settings = { ...loss.trace.settings, records: 5, consumers: 2 };
    const broken = trial(plan(settings), [loss]).breaks.map(({ property }) => property);
    expect(loss.trace.broken).not.toContain('consistent-reads');
    expect(broken).toEqual(expect.arrayContaining(['agreement', 'consistent-reads', 'visible-stays']));
  });

  it('finds by generated runs what no run was kept of, the same each time, and makes it small', () => {
    const broken = plan({ mutant: ['a consumer reads only below the high watermark'] }, { runs: 12 });
    const found = trial(broken, []);
    expect(trial(broken, [])).toEqual(found);
    const [dirty] = found.breaks.filter(({ property }) => property === 'committed-reads');
    expect(dirty?.found.by).toBe('walk');
    expect(dirty?.steps).toBeLessThan(10);
    expect(found.brokenIn['committed-reads']).toBeGreaterThan(1);
    expect(found.runs).toEqual({ walk: 6, timed: 6 });
  });

  it('ends early once all is broken that it was to break', () => {
    const mutant = ['a consumer reads only below the high watermark'];
    const { runs } = trial(plan({ mutant }, { runs: 1000, until: ['committed-reads'] }), []);
    expect(runs.walk + runs.timed).toBeLessThan(20);
  });

  it('tells what held from what was not reached and what cannot be asked', () => {
    const made = trial(plan({ release: '4.1-repaired', consumers: 0 }, { runs: 4 }), []);
    expect(standOf('committed-reads', made)).toEqual({ is: 'vacuous', witnesses: ['delivered'] });
    expect(standOf('unfenced-is-informed', made)).toEqual({ is: 'held' });
    const none = trial(plan({ release: '4.1-repaired' }), []);
    expect(standOf('ordering', none)).toEqual({ is: 'unreached', witnesses: ['commit', 'delivered'] });
  });
});

it('repairs of unconfirmed finds leave nothing of them, and rules that were set stay', () => {
  const f0 = { ...defaultSettings, release: '4.1' as const, faults: faultsOfClass('F0', 2, 3) };
  const harmed = (settings: Settings): readonly string[] =>
    trial({ settings, seed: 1, runs: 0, actions: 400, tries: 20 }).breaks.map(({ property }) => property);
  expect(harmed(f0)).toContain('durability/no-storage-fault');
  expect(harmed(unconfirmedRepaired(f0))).not.toContain('durability/no-storage-fault');
  const rules = { 're-elected-leader-keeps-log-ends': 'yes' };
  expect(unconfirmedRepaired({ ...f0, rules }).rules).toMatchObject(rules);
});
