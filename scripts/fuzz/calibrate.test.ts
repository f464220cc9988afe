import { describe, expect, it } from 'vitest';
import { keptCalibration, MEASURED_EFFORT, MEASURED_SETTINGS, targetsOf } from '../../traces/index.ts';
import { keptFor, liveFor } from './calibrate.ts';

const [target, other, ...rest] = targetsOf(MEASURED_SETTINGS)
  .filter(({ kind }) => kind === 'mutant')
  .map(({ id }) => id);
if (target === undefined || other === undefined) throw new Error('there are mutants');

const passed = { ...MEASURED_EFFORT, settings: MEASURED_SETTINGS };
const kept = {
  ...keptCalibration(),
  mutants: { [target]: { run: 40, property: 'ordering' }, [other]: null },
};

describe('the calibration of a pass from kept figures', () => {
  it('counts what as many runs have caught, and nothing that took more', () => {
    const { mutants } = keptFor({ ...passed, runs: 40 }, kept);
    expect(mutants).toEqual({
      total: rest.length + 2,
      caught: [{ id: target, run: 40, property: 'ordering' }],
      missed: [other],
      unmeasured: rest,
    });
    expect(keptFor({ ...passed, runs: 39 }, kept).mutants).toMatchObject({
      caught: [],
      missed: [target, other],
    });
  });

  it('claims no more runs than were measured', () => {
    expect(keptFor({ ...passed, runs: 1_000_000 }).runs).toBe(MEASURED_EFFORT.runs);
  });

  it('says whether the campaign had the options that were measured', () => {
    expect(keptFor({ ...passed, seed: 9, runs: 10 }).sameOptions).toBe(true);
    expect(keptFor({ ...passed, drivers: ['walk'] }).sameOptions).toBe(false);
    expect(keptFor({ ...passed, actions: 100 }).sameOptions).toBe(false);
    expect(keptFor({ ...passed, tolerated: new Set(['no-skip']) }).sameOptions).toBe(false);
    expect(keptFor({ ...passed, settings: { ...MEASURED_SETTINGS, records: 3 } }).sameOptions).toBe(false);
  });

  it('says when the model has changed since', () => {
    expect(keptFor(passed, { ...kept, fingerprint: 'of another model' }).fresh).toBe(false);
  });
});

describe('the calibration measured for a pass', () => {
  const few = { ...passed, drivers: ['walk'] as const, runs: 1 };

  it('gives every mutant and bug as many runs as the pass had', async () => {
    const { mutants, bugs } = await liveFor(few, { threads: 2, stop: { requested: false } }, () => undefined);
    expect(mutants.caught.map(({ run }) => run).filter((run) => run > 1)).toEqual([]);
    expect(mutants.caught.length).toBeGreaterThan(5);
    for (const { total, caught, missed, unmeasured } of [mutants, bugs]) {
      expect(unmeasured).toEqual([]);
      expect(caught.length + missed.length).toBe(total);
    }
  });

  it('counts nothing as missed that a signal kept from being measured', async () => {
    const { mutants, bugs } = await liveFor(few, { threads: 2, stop: { requested: true } }, () => undefined);
    expect(mutants.missed).toEqual([]);
    expect(bugs.unmeasured).toHaveLength(bugs.total);
  });
});
