import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CONTROLLER,
  defaultSettings,
  FAULT_CLASSES,
  faultsOfClass,
  type Settings,
} from '../../model/index.ts';
import { TimedRuns } from '../timed.ts';
import { timedCases, type TimedCase, type TimedCaseOptions } from './schedules.ts';

const settings: Settings = { ...defaultSettings, release: '4.1-repaired', records: 5 };
const plain: TimedCaseOptions = { settings, varies: false, faults: 8, horizon: 30_000 };
const varied: TimedCaseOptions = { ...plain, varies: true, faultsFor: (m) => faultsOfClass('F1e', m, 3) };

test.each([plain, varied])('the same seed gives the same value', (options) => {
  const sample = (): TimedCase[] => fc.sample(timedCases(options), { seed: 11, numRuns: 50 });
  expect(sample()).toEqual(sample());
});

/** What is wrong with a case, or undefined. */
function fault({
  settings: { brokers, faults, ...rest },
  schedule,
  workload,
}: TimedCase): string | undefined {
  if (workload.length !== rest.producers) return 'another number of paces than producers';
  const budgets: Record<string, number> = { ...faults.budgets };
  let last = 0;
  for (const { at, for: lasts, fault: what } of schedule) {
    if (!Number.isInteger(at) || !Number.isInteger(lasts) || lasts < 0)
      return 'a time that is no whole number';
    if (at < last) return 'faults out of order';
    last = at;
    if (what.kind !== 'slow') {
      budgets[what.kind] = (budgets[what.kind] ?? 0) - 1;
      if ((budgets[what.kind] ?? 0) < 0) return `more faults of kind ${what.kind} than its budget`;
    }
    if ('broker' in what && typeof what.broker === 'number' && what.broker >= brokers)
      return 'no such broker';
    if ('from' in what) {
      const ends = [what.from, what.to];
      if (ends.some((end) => end < CONTROLLER && end >= brokers)) return 'a link to no broker';
      if (ends.some((end) => (end === 7 && rest.producers < 2) || (end === 9 && rest.consumers < 2)))
        return 'a link to no client';
      if (Math.min(...ends) >= CONTROLLER || what.from === what.to) return 'no link';
    }
  }
  return undefined;
}

test.each(FAULT_CLASSES)('only valid values under %s', (name) => {
  const faults = faultsOfClass(name, 2, 3);
  for (const varies of [false, true]) {
    const options = { ...plain, varies, settings: { ...settings, faults } };
    fc.assert(
      fc.property(timedCases(options), (value) => {
        expect(fault(value)).toBeUndefined();
      }),
      { seed: 3, numRuns: 300 },
    );
  }
});

test('every value runs', () => {
  const runs = new TimedRuns([]);
  fc.assert(
    fc.property(timedCases(varied), (value) => {
      expect(runs.run(value, () => false).run.actions.length).toBeGreaterThan(0);
    }),
    { seed: 4, numRuns: 60 },
  );
});

/** Fewer faults first, then less of everything. */
const measure = ({ schedule, workload }: TimedCase): readonly [number, number] => [
  schedule.length,
  schedule.reduce((sum, { at, for: lasts, fault: what }) => {
    const more = 'late' in what ? what.late : 'extra' in what ? what.extra : 'lost' in what ? what.lost : 0;
    return sum + at + lasts + more;
  }, 0) + workload.reduce((sum, { start, every }) => sum + start + every, 0),
];

test('shrinks get smaller', () => {
  const arbitrary = timedCases(plain);
  let larger = 0;
  let shrinks = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const [value] = fc.sample(arbitrary, { seed, numRuns: 1 });
      if (value === undefined) return;
      const details = fc.check(
        fc.property(arbitrary, (shrunk) => {
          const [faults, size] = measure(shrunk);
          const [most, total] = measure(value);
          shrinks++;
          if (faults > most || (faults === most && size > total)) larger++;
          return false;
        }),
        { seed, numRuns: 1 },
      );
      // What fails whatever it is shrinks to nothing at all.
      expect(details.counterexample?.[0].schedule).toEqual([]);
    }),
    { seed: 1, numRuns: 30 },
  );
  expect(shrinks).toBeGreaterThan(100);
  expect(larger).toBe(0);
});

test('shrinks to the one fault that matters, early, short and plain', () => {
  for (const options of [plain, varied]) {
    const details = fc.check(
      fc.property(timedCases(options), ({ schedule }) =>
        schedule.every(({ fault: what, for: lasts }) => what.kind !== 'pause' || lasts < 5_000),
      ),
      { seed: 2, numRuns: 5_000 },
    );
    const [found] = details.counterexample ?? [];
    expect(found?.schedule).toEqual([{ at: 0, for: 5_000, fault: { kind: 'pause', broker: 0 } }]);
    expect(found?.workload).toEqual([{ start: 0, every: 1 }]);
    expect(found?.settings.kafka).toEqual(settings.kafka);
    expect(found?.settings.brokers).toBe(3);
  }
});
