import { expect, test } from 'vitest';
import { streamsOf } from '../../../properties/generate/streams.ts';
import { timedConfig } from '../../../properties/timed.ts';
import { createMachine, type Action } from '../../protocol/machine.ts';
import { at } from '../../protocol/draft.ts';
import { newestImage } from '../../protocol/state/metadata.ts';
import { partitionsOf, viewOf } from '../../protocol/state/partitions.ts';
import type { State } from '../../protocol/state/state.ts';
import { logEnd } from '../../protocol/state/log.ts';
import { defaultSettings, parseFaults, type Settings } from '../../settings.ts';
import type { Schedule } from './schedule.ts';
import { simulate, type TimedRun } from './simulate.ts';
import { timingOf } from './timing.ts';

const MAX_AGE = 3_000;

function settingsOf(partitions: number, faults: string): Settings {
  const kinds = parseFaults(faults, 2, 9);
  if ('error' in kinds) throw new Error(kinds.error);
  const kafka = {
    ...defaultSettings.kafka,
    'num.partitions': partitions,
    'metadata.max.age.ms': MAX_AGE,
  };
  return { ...defaultSettings, release: '4.1-repaired', kafka, records: 12, faults: kinds };
}

interface Told {
  readonly time: number;
  readonly action: Action;
}

function simulated(partitions: number, faults: string, schedule: Schedule, seed = 1) {
  const settings = settingsOf(partitions, faults);
  const machine = createMachine(timedConfig(settings));
  const told: Told[] = [];
  const plan = {
    timing: timingOf(settings.kafka),
    schedule,
    workload: [{ start: 100, every: 500 }],
    actions: 20_000,
    convergence: 900_000,
  };
  const run = simulate(machine, streamsOf(seed), plan, (_before, _step, code, time) => {
    told.push({ time, action: machine.decode(code) });
    return false;
  });
  return { run, told, machine };
}

const leaders = ({ metadata }: State): number[] =>
  newestImage(metadata).partitions.map(({ leader }) => leader);
const logEnds = (state: State): number[] =>
  Array.from({ length: partitionsOf(state) }, (_, partition) => {
    const view = viewOf(state, partition);
    return logEnd(at(view.logs, at(leaders(state), partition)));
  });
const came = (told: readonly Told[], kind: string): readonly Told[] =>
  told.filter(({ action }) => action.kind === kind);
const end = ({ ended, pending }: TimedRun): unknown => [ended, pending];

test('partitions are led by brokers of their own, and get the records of their keys', () => {
  const { run, told, machine } = simulated(3, 'none', []);
  expect(leaders(machine.initial)).toEqual([0, 1, 2]);
  expect(end(run)).toEqual(['quiescent', undefined]);
  expect(logEnds(run.state)).toEqual([4, 4, 4]);
  const sent = came(told, 'send-record');
  expect(sent.map(({ action }) => action['partition'] ?? 0)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  // One application hands them all over, one after the other.
  expect(sent.map(({ time }) => time)).toEqual(sent.map((_, nth) => 100 + nth * 500));
});

test('the preferred leaders of all partitions are elected, at once or every so often', () => {
  const moved: Schedule = [
    { at: 1_000, for: 1_000, fault: { kind: 'clean-stop', broker: 1 } },
    { at: 20_000, for: 0, fault: { kind: 'move' } },
  ];
  const { run, told } = simulated(3, 'clean-stop,move', moved);
  expect(run.faults.map(({ skipped }) => skipped)).toEqual([undefined, undefined]);
  expect(came(told, 'elect-preferred-leader')).toEqual([
    { time: 20_000, action: { kind: 'elect-preferred-leader', partition: 1 } },
  ]);
  expect(leaders(run.state)).toEqual([0, 1, 2]);

  const killed: Schedule = [
    { at: 1_000, for: 1_000, fault: { kind: 'kill', broker: 'leader' } },
    { at: 400_000, for: 0, fault: { kind: 'kill', broker: 1 } },
  ];
  const later = simulated(2, 'kill,move', killed);
  expect(came(later.told, 'elect-preferred-leader')[0]).toEqual({
    time: 300_000,
    action: { kind: 'elect-preferred-leader' },
  });
});

test('what concerns one partition leaves the others alone', () => {
  const schedule: Schedule = [
    { at: 3_000, for: 0, fault: { kind: 'reassign', replicas: [2, 0], cancelled: false, partition: 1 } },
    { at: 9_000, for: 0, fault: { kind: 'delete-records', records: 2, partition: 1 } },
  ];
  const { run } = simulated(2, 'reassign,delete-records', schedule);
  expect(run.faults.map(({ skipped }) => skipped)).toEqual([undefined, undefined]);
  expect(end(run)).toEqual(['quiescent', undefined]);
  expect(newestImage(run.state.metadata).partitions.map(({ replicas }) => replicas)).toEqual([
    [0, 1, 2],
    [2, 0],
  ]);
  expect([0, 1].map((partition) => at(viewOf(run.state, partition).logs, 0).logStart ?? 0)).toEqual([0, 2]);
});

test('a message is lost to the partition that sends it next, and sent again', () => {
  const schedule: Schedule = [{ at: 550, for: 2_000, fault: { kind: 'lost', message: 'ProduceResponse' } }];
  const { run, told } = simulated(2, 'lost', schedule);
  expect(came(told, 'lose-produce-response').map(({ action }) => action['partition'])).toEqual([1]);
  expect(came(told, 'retry-record').map(({ action }) => action['partition'])).toEqual([1]);
  expect(end(run)).toEqual(['quiescent', undefined]);
});

test('a partition that is added gets records once the producer’s metadata is too old', () => {
  const schedule: Schedule = [{ at: 1_000, for: 0, fault: { kind: 'add-partition' } }];
  const { run, told } = simulated(1, 'add-partition', schedule);
  const heard = came(told, 'refresh-producer-metadata').filter(({ action }) => action['partition'] === 1);
  const since = heard[0]?.time ?? 0;
  expect(since).toBeGreaterThan(1_000 + MAX_AGE);
  expect(since).toBeLessThan(1_000 + MAX_AGE + 500);
  const sent = came(told, 'send-record').filter(({ action }) => action['partition'] === 1);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.every(({ time }) => time >= since)).toBe(true);
  expect(end(run)).toEqual(['quiescent', undefined]);
  expect(logEnds(run.state)).toEqual([12 - sent.length, sent.length]);
});

test('the same seed gives the same run, and another one another', () => {
  const schedule: Schedule = [{ at: 1_000, for: 5_000, fault: { kind: 'kill', broker: 'leader' } }];
  const [one, same, other] = [1, 1, 2].map((seed) => simulated(3, 'kill', schedule, seed).run.actions);
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
});
