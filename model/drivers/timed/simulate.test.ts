import { expect, test } from 'vitest';
import { streamsOf } from '../../../properties/generate/streams.ts';
import { timedConfig } from '../../../properties/timed.ts';
import { producerParty } from '../../protocol/base/party.ts';
import { NO_FAULTS } from '../../protocol/config.ts';
import { createMachine, type Action, type Machine } from '../../protocol/machine.ts';
import { at } from '../../protocol/draft.ts';
import { logEnd } from '../../protocol/state/log.ts';
import { newestImage } from '../../protocol/state/metadata.ts';
import type { State } from '../../protocol/state/state.ts';
import { digestState } from '../../protocol/state/state.ts';
import { defaultSettings, faultsOfClass, type Settings } from '../../settings.ts';
import { replay } from '../run.ts';
import {
  partition,
  rollingRestart,
  wholeClusterPowerLoss,
  type Schedule,
  type TimedFault,
} from './schedule.ts';
import { Simulator, simulate, type SimulationPlan, type TimedRun } from './simulate.ts';
import { SHAPE_NAMES } from './shapes.ts';
import { timingOf } from './timing.ts';

const settings: Settings = { ...defaultSettings, release: '4.1-repaired', faults: faultsOfClass('F0', 2, 9) };
const machine = createMachine(timedConfig(settings));

const planOf = (schedule: Schedule, change: Partial<SimulationPlan> = {}): SimulationPlan => ({
  timing: timingOf(settings.kafka),
  schedule,
  workload: [{ start: 100, every: 1_000 }],
  actions: 20_000,
  convergence: 900_000,
  ...change,
});

interface Told {
  readonly time: number;
  readonly action: Action;
  readonly after: State;
}

function tell(
  schedule: Schedule,
  seed = 1,
  on: Machine = machine,
): { readonly run: TimedRun; readonly told: Told[] } {
  const told: Told[] = [];
  const run = simulate(on, streamsOf(seed), planOf(schedule), (_before, step, code, time) => {
    told.push({ time, action: on.decode(code), after: step.state });
    return false;
  });
  return { run, told };
}

const timeOf = (told: readonly Told[], kind: string, nth = 0): number =>
  told.filter(({ action }) => action.kind === kind)[nth]?.time ?? Number.NaN;

test('without faults every record is acknowledged in milliseconds and the run comes to rest', () => {
  const { run, told } = tell([]);
  expect(run.ended).toBe('quiescent');
  expect(run.pending).toBeUndefined();
  const sent = told.filter(({ action }) => action.kind === 'send-record').map(({ time }) => time);
  expect(sent).toEqual(Array.from({ length: settings.records }, (_, nth) => 100 + nth * 1_000));
  const answered = told.filter(({ action }) => action.kind === 'handle-produce-response');
  expect(answered).toHaveLength(settings.records);
  for (const [nth, { time }] of answered.entries()) expect(time - (sent[nth] ?? 0)).toBeLessThan(700);
});

test('the same machine, streams and plan give the same run, another seed another', () => {
  const simulator = new Simulator(machine);
  const schedule = rollingRestart([0, 1, 2], { at: 3_000, down: 500, every: 10_000 });
  const once = (seed: number): readonly [readonly number[], readonly number[], string] => {
    const run = simulator.run(streamsOf(seed), planOf(schedule), () => false);
    return [run.actions, run.times, digestState(run.state)];
  };
  const first = once(5);
  expect(once(5)).toEqual(first);
  expect(once(6)).not.toEqual(first);
});

test('a timed run is a run of the untimed machine', () => {
  const schedule: Schedule = [
    { at: 2_000, for: 30_000, fault: { kind: 'kill', broker: 'leader' } },
    { at: 9_000, for: 20_000, fault: { kind: 'cut', shape: 'split' } },
  ];
  const { run } = tell(schedule);
  const again = replay(machine, run.actions, 'strict', () => false);
  expect(again.refused).toBeUndefined();
  expect(digestState(again.state)).toBe(digestState(run.state));
});

test('taking a fault out leaves everything before it as it was', () => {
  const early: Schedule = [{ at: 4_000, for: 3_000, fault: { kind: 'pause', broker: 1 } }];
  const late: Schedule = [...early, { at: 12_000, for: 100, fault: { kind: 'ctrl' } }];
  const before = (schedule: Schedule): unknown =>
    tell(schedule)
      .told.filter(({ time }) => time < 12_000)
      .map(({ time, action }) => [time, action]);
  expect(before(early)).toEqual(before(late));
});

test('a dead leader is fenced when its session ends, a new one leads at once', () => {
  const { told } = tell([{ at: 5_000, for: 20_000, fault: { kind: 'kill', broker: 'leader' } }]);
  const expired = timeOf(told, 'session-expires');
  // The last heartbeat came at most one interval before.
  expect(expired).toBeGreaterThanOrEqual(5_000 + 9_000 - 2_000 - 300);
  expect(expired).toBeLessThanOrEqual(5_000 + 9_000 + 300);
  expect(timeOf(told, 'fence-broker') - expired).toBeLessThanOrEqual(50);
  expect(timeOf(told, 'start-broker')).toBe(25_000);
});

test('a follower that fetches nothing leaves the ISR after 1 to 1.5 times the lag limit', () => {
  const { told } = tell([{ at: 5_000, for: 60_000, fault: { kind: 'shrink', broker: 2 } }]);
  const shrunk = timeOf(told, 'shrink-isr');
  expect(shrunk).toBeGreaterThan(5_000 + 30_000 - 1_100);
  expect(shrunk).toBeLessThan(5_000 + 45_000 + 1_100);
});

test('an idle follower never lags', () => {
  const quiet = { ...settings, records: 1 };
  const on = createMachine(timedConfig(quiet));
  const schedule: Schedule = [{ at: 200_000, for: 1, fault: { kind: 'ctrl' } }];
  const { told } = tell(schedule, 1, on);
  expect(told.filter(({ action }) => action.kind === 'lag-elapses')).toEqual([]);
});

test('a broker that was kept from metadata sees several versions as one', () => {
  const { told } = tell([
    { at: 1_000, for: 25_000, fault: { kind: 'lag', broker: 1 } },
    { at: 3_000, for: 1_000, fault: { kind: 'kill', broker: 2 } },
  ]);
  const skipped = told.find(
    ({ action }) => action.kind === 'apply-metadata' && action.broker === 1 && Number(action.records) > 4,
  );
  expect(skipped?.time).toBeGreaterThanOrEqual(26_000);
});

test.each(SHAPE_NAMES)('after %s heals no link is cut and every broker runs', (shape) => {
  const { run } = tell(partition(shape, 2_000, 20_000));
  expect(run.faults).toEqual([{ index: 0, skipped: undefined }]);
  expect(run.healedAt).toBe(22_000);
  expect(run.state.links.cut.every((row) => row === 0)).toBe(true);
  expect(run.state.processes.every(({ status, paused }) => status === 'running' && !paused)).toBe(true);
  expect(run.ended).toBe('quiescent');
});

test('overlapping faults are undone each in its time', () => {
  const { told } = tell([
    { at: 1_000, for: 10_000, fault: { kind: 'pause', broker: 2 } },
    { at: 2_000, for: 15_000, fault: { kind: 'pause', broker: 2 } },
    { at: 1_000, for: 10_000, fault: { kind: 'cut', from: 0, to: 1, both: true } },
    { at: 3_000, for: 20_000, fault: { kind: 'cut', from: 1, to: 0, both: false } },
  ]);
  expect(timeOf(told, 'resume')).toBe(17_000);
  const cutAt = (time: number): readonly number[] =>
    told.filter((step) => step.time <= time).at(-1)?.after.links.cut ?? [];
  // Between 11 s and 23 s only the way from 1 to 0 is cut.
  expect(cutAt(20_000).slice(0, 2)).toEqual([0, 1]);
  expect(cutAt(30_000).slice(0, 2)).toEqual([0, 0]);
});

test('a fault that the fault class forbids is skipped and says why', () => {
  const bounded = createMachine(
    timedConfig({ ...settings, faults: { ...faultsOfClass('F2', 2, 9), maxLossyBrokers: 1 } }),
  );
  const schedule = wholeClusterPowerLoss([0, 1, 2], { at: 5_500, lost: 2, down: 5_000, every: 0 });
  const { run } = tell(schedule, 1, bounded);
  expect(run.faults).toEqual([
    { index: 0, skipped: undefined },
    { index: 1, skipped: 'the fault class allows this broker to lose records' },
    { index: 2, skipped: 'the fault class allows this broker to lose records' },
  ]);
});

test('a rack that loses power takes all its brokers, which come back together', () => {
  const kafka = { ...settings.kafka, 'broker.rack': 'a,b,a' };
  const racks = createMachine(
    timedConfig({ ...settings, kafka, faults: { ...settings.faults, budgets: { ...NO_FAULTS, rack: 1 } } }),
  );
  const { run, told } = tell(
    [{ at: 3_050, for: 5_000, fault: { kind: 'rack', broker: 'leader', lost: 2 } }],
    1,
    racks,
  );
  expect(run.faults).toEqual([{ index: 0, skipped: undefined }]);
  expect(timeOf(told, 'rack-power-loss')).toBe(3_050);
  const starts = told.filter(({ action }) => action.kind === 'start-broker');
  expect(starts.map(({ action }) => action['broker'])).toEqual([0, 2]);
  expect(starts.every(({ time }) => time >= 8_050)).toBe(true);
  expect(run.ended).toBe('quiescent');
});

test('a leader whose disk stalls is not replaced: who writes waits until it answers', () => {
  const budgets = { ...NO_FAULTS, 'disk-stall': 1 };
  const stalling = createMachine(timedConfig({ ...settings, faults: { ...settings.faults, budgets } }));
  const stalled: Schedule = [{ at: 3_050, for: 20_000, fault: { kind: 'disk-stall', broker: 'leader' } }];
  const { run, told } = tell(stalled, 1, stalling);
  expect(run.ended).toBe('quiescent');
  const handled = told.filter(({ action }) => action.kind === 'handle-produce').map(({ time }) => time);
  expect(handled.some((time) => time >= 3_050 && time < 23_050)).toBe(false);
  expect(told.filter(({ action }) => action.kind === 'fence-broker')).toEqual([]);
  expect(
    newestImage(told.at(-1)?.after.metadata ?? stalling.initial.metadata).partitions[0]?.leaderEpoch,
  ).toBe(0);
});

test('what is deleted at a time is gone from then on, as much as may go', () => {
  const budgets = { ...NO_FAULTS, retention: 1, 'delete-records': 1 };
  const deleting = createMachine(timedConfig({ ...settings, faults: { ...settings.faults, budgets } }));
  const schedule: Schedule = [
    { at: 3_050, for: 0, fault: { kind: 'retention', broker: 'follower', records: 2 } },
    { at: 3_060, for: 0, fault: { kind: 'delete-records', records: 1_000 } },
    { at: 4_000, for: 60_000, fault: { kind: 'shrink', broker: 'follower' } },
  ];
  const { run, told } = tell(schedule, 1, deleting);
  expect(run.ended).toBe('quiescent');
  const deleted = told.filter(({ action }) => /^delete-/.test(action.kind)).map(({ action }) => action);
  expect(deleted).toMatchObject([{ records: 2 }, { broker: 0 }]);
  expect(Number(deleted[1]?.['records'])).toBeGreaterThan(2);
  // Followers hear of it, and the checkpoint of the log start is written by and by.
  const { logs } = told.at(-1)?.after ?? deleting.initial;
  expect(new Set(logs.map(({ logStart }) => logStart)).size).toBe(1);
  expect(logs.map(({ logStartCheckpoint }) => logStartCheckpoint)).toEqual(
    logs.map(({ logStart }) => logStart),
  );
});

test('a broker that has lost a log directory is replaced at once, and has it again after its repair', () => {
  const budgets = { ...NO_FAULTS, 'disk-error': 1 };
  const kafka = { ...settings.kafka, 'log.dirs': '/a,/b' };
  const failing = createMachine(timedConfig({ ...settings, kafka, faults: { ...settings.faults, budgets } }));
  const schedule: Schedule = [{ at: 3_050, for: 20_000, fault: { kind: 'disk-error', broker: 'leader' } }];
  const { run, told } = tell(schedule, 1, failing);
  expect(run.ended).toBe('quiescent');
  const heard = told.find(({ after }) => newestImage(after.metadata).registrations[0]?.offline !== undefined);
  expect(heard?.time).toBeLessThan(3_500);
  const { processes, metadata } = told.at(-1)?.after ?? failing.initial;
  expect(processes[0]).toMatchObject({ status: 'running', incarnation: 1 });
  expect(newestImage(metadata).registrations[0]).not.toHaveProperty('offline');
});

test('a run that is cut short says what is pending', () => {
  const schedule: Schedule = [{ at: 1_000, for: 5_000, fault: { kind: 'kill', broker: 0 } }];
  const run = simulate(machine, streamsOf(1), planOf(schedule, { convergence: 10 }), () => false);
  expect(run.ended).toBe('time');
  expect(run.pending).toMatch(
    /^at \d+ ms still pending: .*producer 0 has 18 records to send and 1 undecided/,
  );
  const short = simulate(machine, streamsOf(1), planOf([], { actions: 50 }), () => false);
  expect(short.ended).toBe('actions');
  expect(short.actions).toHaveLength(50);
});

test('refuses a workload for other producers', () => {
  expect(() => simulate(machine, streamsOf(1), planOf([], { workload: [] }), () => false)).toThrow(
    /0 paces for 1 producers/,
  );
});

test('a follower gives up a fetch that waits at a paused leader after its request timeout, and asks again', () => {
  // Nobody declares the leader dead, and nothing is produced meanwhile.
  const patient = timingOf({ ...settings.kafka, 'broker.session.timeout.ms': 500_000 });
  const given: { readonly time: number; readonly kind: string }[] = [];
  const schedule: Schedule = [{ at: 5_000, for: 100_000, fault: { kind: 'pause', broker: 0 } }];
  const plan = planOf(schedule, { timing: patient, workload: [{ start: 400_000, every: 1_000 }] });
  simulate(machine, streamsOf(1), plan, (_before, _step, code, time) => {
    const { kind } = machine.decode(code);
    if (/^abandon|^send-fetch$/.test(kind) && time > 5_000 && time <= 105_000) given.push({ time, kind });
    return false;
  });
  const timeout = patient['broker request.timeout.ms'];
  const first = given.filter(({ kind }) => kind === 'abandon-delayed-fetch');
  expect(first.map(({ time }) => time)).toEqual([5_000 + timeout, 5_000 + timeout]);
  const again = 5_000 + timeout + patient['replica.fetch.backoff.ms'];
  const sent = given.filter(({ kind }) => kind === 'send-fetch').map(({ time }) => time);
  expect(sent.slice(0, 2)).toEqual([again, again]);
  // The paused leader does not answer these either.
  const later = given.filter(({ kind }) => kind === 'abandon-fetch').map(({ time }) => time);
  expect(later.slice(0, 2)).toEqual([again + timeout, again + timeout]);
});

test('a follower that idles at a leader in good health never times out', () => {
  const { told } = tell([{ at: 200_000, for: 1_000, fault: { kind: 'pause', broker: 2 } }]);
  expect(timeOf(told, 'abandon-delayed-fetch')).toBeNaN();
});

test('who waits for a killed leader is reset at once, for one without power only by its timeout or its next start', () => {
  const power = createMachine(timedConfig({ ...settings, faults: faultsOfClass('F2', 2, 9) }));
  // The fault comes while a request is under way.
  const noticed = (fault: TimedFault, lasts: number): number => {
    const { told } = tell([{ at: 5_101, for: lasts, fault }], 1, power);
    return timeOf(told, 'notice-disconnect');
  };
  expect(noticed({ kind: 'kill', broker: 0 }, 60_000)).toBe(5_102);
  expect(noticed({ kind: 'power-loss', broker: 0, lost: 1 }, 60_000)).toBe(35_101);
  expect(noticed({ kind: 'power-loss', broker: 0, lost: 1 }, 12_000)).toBe(17_101);
});

test('a client that finds no leader asks again after retry.backoff.ms, grown to retry.backoff.max.ms', () => {
  const schedule: Schedule = [{ at: 5_000, for: 20_000, fault: { kind: 'kill', broker: 'leader' } }];
  const learnt = (most: number): number => {
    const told: [string, number][] = [];
    const timing = timingOf({ ...settings.kafka, 'retry.backoff.max.ms': most });
    simulate(machine, streamsOf(1), planOf(schedule, { timing }), (_before, _step, code, time) => {
      told.push([machine.decode(code).kind, time]);
      return false;
    });
    const from = told.find(([kind, time]) => kind === 'apply-metadata' && time > 10_000)?.[1] ?? 0;
    return (
      (told.find(([kind, time]) => kind === 'refresh-producer-metadata' && time > 10_000)?.[1] ?? 0) - from
    );
  };
  expect(learnt(100)).toBeLessThan(320);
  expect(learnt(8_000)).toBeGreaterThan(320);
});

test('what an application sends again has all of delivery.timeout.ms anew', () => {
  const patience = 20_000;
  const kafka = { ...settings.kafka, 'delivery.timeout.ms': patience, 'request.timeout.ms': 5_000 };
  const again = createMachine(timedConfig({ ...settings, kafka, records: 12, afterFailure: 'send-again' }));
  const expired: number[] = [];
  const run = simulate(
    again,
    streamsOf(1),
    planOf([{ at: 10_000, for: 50_000, fault: { kind: 'cut', from: producerParty(0), to: 0, both: true } }], {
      timing: timingOf(kafka),
    }),
    (_before, _step, code, time) => {
      if (again.decode(code).kind === 'expire-batch') expired.push(time);
      return false;
    },
  );
  expect(run.ended).toBe('quiescent');
  expect(expired.map((time) => Math.floor(time / 1_000))).toEqual([30, 50]);
});

test('where buffer.memory runs out an application waits for max.block.ms, and its record fails', () => {
  const kafka = { ...settings.kafka, 'buffer.memory': 3, 'max.block.ms': 4_000 };
  const small = createMachine(timedConfig({ ...settings, kafka, records: 12 }));
  const refused: number[] = [];
  const run = simulate(
    small,
    streamsOf(1),
    planOf([{ at: 5_000, for: 20_000, fault: { kind: 'cut', from: producerParty(0), to: 0, both: true } }], {
      timing: timingOf(kafka),
    }),
    (_before, _step, code, time) => {
      if (small.decode(code).kind === 'refuse-record') refused.push(time);
      return false;
    },
  );
  expect(run.ended).toBe('quiescent');
  expect(run.overdue).toEqual([]);
  // Handed over at 5.1, 6.1 and 7.1 s: full. Those of 8.1 s and after it are refused one after the other.
  expect(refused.map((time) => Math.floor(time / 1_000))).toEqual([12, 16, 20, 24]);
  expect(logEnd(at(run.state.logs, 0))).toBe(8);
});

test('what comes together while a producer cannot send goes out in batches of batch.size', () => {
  const kafka = { ...settings.kafka, 'batch.size': 3 };
  const batching = createMachine(timedConfig({ ...settings, kafka, records: 12 }));
  const batches: number[] = [];
  const run = simulate(
    batching,
    streamsOf(1),
    planOf([
      { at: 5_000, for: 8_000, fault: { kind: 'cut', from: producerParty(0), to: 0, both: true } },
      { at: 5_000, for: 8_000, fault: { kind: 'cut', from: producerParty(0), to: 1, both: true } },
    ]),
    (_before, _step, code) => {
      const { kind, records } = batching.decode(code);
      if (kind === 'send-record') batches.push(1);
      if (kind === 'send-batch') batches.push(Number(records));
      return false;
    },
  );
  expect(run.ended).toBe('quiescent');
  expect(logEnd(at(run.state.logs, 0))).toBe(12);
  expect(batches.reduce((sum, records) => sum + records, 0)).toBe(12);
  // Handed over one by one each second: only what waited behind the cut comes together.
  expect(batches).toEqual([1, 1, 1, 1, 1, 1, 3, 3]);
});
