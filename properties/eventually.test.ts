import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMachine,
  defaultSettings,
  faultsOfClass,
  newestImage,
  simulate,
  timingOf,
  type FaultClass,
  type PartitionRegistration,
  type Schedule,
  type Settings,
  type State,
} from '../model/index.ts';
import { Checker } from './checker.ts';
import { EVENTUALLY, leaderExists, reassignmentEnds, unmet, type Unmet } from './eventually.ts';
import { streamsOf } from './generate/streams.ts';
import { timedCases } from './generate/schedules.ts';
import { at } from './property.ts';
import { timedConfig, TimedRuns } from './timed.ts';
import { PROPERTIES } from './index.ts';

const settingsOf = (name: FaultClass): Settings => ({
  ...defaultSettings,
  release: '4.1-repaired',
  faults: faultsOfClass(name, 2, 4),
});
const base = settingsOf('F0');
/** The same where replicas may move. */
const moving: Settings = {
  ...base,
  faults: { ...base.faults, budgets: { ...base.faults.budgets, reassign: 9 } },
};

/** What had to come about and did not when a run is cut `convergence` ms after its last fault was undone. */
function unmetAfter(schedule: Schedule, convergence: number, config = timedConfig(moving)): readonly Unmet[] {
  const machine = createMachine(config);
  const checker = new Checker(machine, []);
  const plan = {
    timing: timingOf(base.kafka),
    schedule,
    workload: [{ start: 100, every: 200 }],
    actions: 20_000,
    convergence,
  };
  const run = simulate(machine, streamsOf(1), plan, (before, step) => checker.look(before, step));
  return unmet(machine.model, run, checker.observedOfAll()) ?? [];
}

describe('says what is pending in a run that is cut short', () => {
  // Longer than anything needs: the same run left to itself meets everything.
  const LONG = 900_000;

  const table: readonly (readonly [string, Schedule, number, RegExp])[] = [
    [
      'eventually/fencing',
      [{ at: 1_000, for: 2_000, fault: { kind: 'kill', broker: 1 } }],
      100,
      /^broker 1 is up and its life is not registered; at 3\d{3} ms still pending/,
    ],
    [
      'eventually/metadata',
      [
        { at: 1_000, for: 20_000, fault: { kind: 'lag', broker: 1 } },
        { at: 1_000, for: 100, fault: { kind: 'kill', broker: 2 } },
      ],
      0,
      /^broker 1 has applied metadata up to 3 of \d+/,
    ],
    [
      'eventually/leader',
      [{ at: 1_000, for: 2_000, fault: { kind: 'kill', broker: 'leader' } }],
      100,
      /^broker 0 is elected and does not lead/,
    ],
    [
      'eventually/isr',
      [{ at: 500, for: 60_000, fault: { kind: 'shrink', broker: 2 } }],
      0,
      /^broker 2 is up and not in the ISR/,
    ],
    [
      'eventually/reassignment',
      [
        { at: 500, for: 0, fault: { kind: 'reassign', replicas: [0], cancelled: false } },
        { at: 1_000, for: 0, fault: { kind: 'reassign', replicas: [0, 1, 2], cancelled: false } },
      ],
      0,
      /^a reassignment still adds brokers 1, 2/,
    ],
    [
      'eventually/high-watermark',
      [{ at: 500, for: 2_000, fault: { kind: 'shrink', broker: 2 } }],
      0,
      /^the high watermark of leader 0 is \d+, its log ends at \d+/,
    ],
    [
      'eventually/isr-change',
      [
        { at: 500, for: 60_000, fault: { kind: 'shrink', broker: 2 } },
        { at: 30_000, for: 31_000, fault: { kind: 'slow', from: 0, to: 5, extra: 3_000 } },
      ],
      0,
      /^leader 0 still waits for the ISR change to 0, 1, 2 that it proposed at partition epoch 1/,
    ],
    [
      'eventually/consume',
      [{ at: 500, for: 3_000, fault: { kind: 'cut', from: 0, to: 8, both: true } }],
      0,
      /^consumer 0 stands at offset \d+ and has not got record \d+, committed at \d+/,
    ],
  ];

  test.each(table)('%s', (property, schedule, convergence, says) => {
    const found = unmetAfter(schedule, convergence).find((evidence) => evidence.property === property);
    expect(found?.says).toMatch(says);
    expect(unmetAfter(schedule, LONG)).toEqual([]);
  });

  test('eventually/produce', () => {
    // Without a budget for it no request times out.
    const { faults, ...rest } = timedConfig(base);
    const patient = { ...rest, faults: { ...faults, budgets: { ...faults.budgets, lost: 0 } } };
    const schedule: Schedule = [{ at: 1_000, for: 200_000, fault: { kind: 'kill', broker: 'leader' } }];
    const found = unmetAfter(schedule, 0, patient);
    expect(found.map(({ property }) => property)).toContain('eventually/produce');
    expect(unmetAfter(schedule, LONG)).toEqual([]);
  });

  test('a partition without a leader, where somebody could lead', () => {
    const says = (settings: Settings, changed: Partial<PartitionRegistration>): string | undefined => {
      const machine = createMachine(timedConfig(settings));
      const { initial, model } = machine;
      const image = newestImage(initial.metadata);
      const leaderless = { ...image, partitions: [{ ...at(image.partitions, 0), leader: -1, ...changed }] };
      const state: State = { ...initial, metadata: { ...initial.metadata, images: [leaderless] } };
      return leaderExists.check({ model, state, seen: new Checker(machine, []).observed(), overdue: [] })
        ?.says;
    };
    const could = (who: string): string => `the partition has no leader, though ${who} could lead`;
    const nobody = { isr: 0, elr: 0 };
    expect(says(base, {})).toBe(could('brokers 0, 1, 2'));
    expect(says(base, nobody)).toBeUndefined();
    expect(says(base, { isr: 0, elr: 2 })).toBe(could('broker 1'));

    // Whether the last known leader is waited for is a matter of the rule, whatever the release is called.
    const lastKnown = { ...nobody, lastKnownLeader: 2 };
    const always = { 'last-known-leader-election': 'always' };
    expect(says(base, lastKnown)).toBeUndefined();
    expect(says({ ...base, rules: always }, lastKnown)).toBe(could('broker 2'));
    expect(says({ ...base, rules: always }, { ...lastKnown, elr: 2 })).toBe(could('broker 1'));
    const allowed = { ...base.kafka, 'unclean.leader.election.enable': true };
    expect(says({ ...base, kafka: allowed }, lastKnown)).toBe(could('brokers 0, 1, 2'));
  });

  test('a reassignment that nobody completes, though what it adds is in the ISR', () => {
    const machine = createMachine(timedConfig(moving));
    const { initial, model } = machine;
    const image = newestImage(initial.metadata);
    const says = (reassignment: PartitionRegistration['reassignment']): string | undefined => {
      const { reassignment: _, ...partition } = at(image.partitions, 0);
      const left = reassignment === undefined ? partition : { ...partition, reassignment };
      const metadata = { ...initial.metadata, images: [{ ...image, partitions: [left] }] };
      const moment = { model, state: { ...initial, metadata }, seen: new Checker(machine, []).observed() };
      return reassignmentEnds.check({ ...moment, overdue: [] })?.says;
    };
    // As a controller would leave it that does not look whether it is done when the ISR has grown.
    expect(says({ adding: 4, removing: 0 })).toBe('a reassignment still adds broker 2');
    expect(says(undefined)).toBeUndefined();
  });

  test('every property has a case here', () => {
    const covered = new Set([...table.map(([property]) => property), 'eventually/produce']);
    expect(covered).toEqual(new Set(EVENTUALLY.map(({ id }) => id)));
  });
});

const RUNS = process.env.HIGHWATER_FULL === '1' ? 3_000 : 30;

const MINUTES = 60_000;

test.each(['F0', 'F1e'] as const)(
  'healthy configurations converge under %s, and nothing breaks',
  (name) => {
    const runs = new TimedRuns(PROPERTIES);
    const options = { settings: settingsOf(name), faults: 8, horizon: 40_000 };
    for (const varies of [false, true]) {
      const faultsFor = (m: number): Settings['faults'] => faultsOfClass(name, m, 4);
      fc.assert(
        fc.property(timedCases({ ...options, varies, faultsFor }), (timed) => {
          const { run, findings, unmet: pending } = runs.run(timed, () => false);
          expect(findings).toEqual([]);
          expect(pending).toEqual([]);
          if (run.ended === 'quiescent') return;
          // What nobody may lead never comes to rest: its producers wait.
          const { isr, elr, leader } = at(newestImage(run.state.metadata).partitions, 0);
          expect([leader, isr, elr]).toEqual([-1, 0, 0]);
        }),
        { seed: 20, numRuns: RUNS },
      );
    }
  },
  20 * MINUTES,
);

test('shows a broken rule: a leader is elected that is dead', () => {
  const mutant = { ...base, mutant: ['a clean leader is registered, unfenced and not shutting down'] };
  const limits = { actions: 4_000, convergence: 200_000 };
  const count = (settings: Settings): number => {
    const runs = new TimedRuns([], limits);
    const options = { settings, varies: false, faults: 8, horizon: 30_000 };
    return fc
      .sample(timedCases(options), { seed: 5, numRuns: 60 })
      .filter((timed) => (runs.run(timed, () => false).unmet ?? []).length > 0).length;
  };
  expect(count(mutant)).toBeGreaterThan(0);
  expect(count(base)).toBe(0);
});

test('a run that was not healed, or ran out of actions, says nothing', () => {
  const machine = createMachine(timedConfig(base));
  const plan = {
    timing: timingOf(base.kafka),
    schedule: [{ at: 1_000, for: 5_000, fault: { kind: 'kill', broker: 0 } }] satisfies Schedule,
    workload: [{ start: 0, every: 100 }],
    actions: 100,
    convergence: 900_000,
  };
  const run = simulate(machine, streamsOf(1), plan, () => false);
  expect(run.ended).toBe('actions');
  expect(unmet(machine.model, run, new Checker(machine, []).observedOfAll())).toBeUndefined();
});
