import { describe, expect, it } from 'vitest';
import {
  createMachine,
  defaultSettings,
  faultsOfClass,
  viewOf,
  type Action,
  type ScheduledFault,
  type Settings,
} from '../model/index.ts';
import { configFor, FULL, type Wanted } from '../model/testing.ts';
import { TimedCampaign, WalkCampaign } from './campaign.ts';
import { TimedRuns } from './timed.ts';
import { Checker } from './checker.ts';
import { PROPERTIES } from './index.ts';

const several = (changes: Partial<Settings>): Settings => ({
  ...defaultSettings,
  release: '4.1-repaired',
  kafka: { ...defaultSettings.kafka, 'num.partitions': 2 },
  records: 6,
  ...changes,
});
const campaign = (settings: Settings) =>
  new WalkCampaign({ settings, properties: PROPERTIES, seed: 1, actions: 250, tolerated: new Set() });

describe('several partitions', () => {
  it('keep what is promised of each, with leaders that change', () => {
    const runs = campaign(several({}));
    for (let run = 0; run < 25; run++) expect(runs.run(run)).toBeUndefined();
    expect(runs.tally().witnesses.met).toEqual(
      expect.arrayContaining(['commit', 'delivered', 'leader-change', 'truncated']),
    );
  });

  it('break one by one: the evidence names the partition', () => {
    const kafka = { ...defaultSettings.kafka, 'num.partitions': 2, acks: '1' };
    const runs = campaign(several({ kafka }));
    const broken = Array.from({ length: 40 }, (_, run) => runs.run(run)).flatMap((found) =>
      (found?.findings ?? []).map(({ says }) => says),
    );
    for (const says of broken) expect(says).toMatch(/^partition [01]: /);
    expect(broken.some((says) => says.startsWith('partition 1: '))).toBe(true);
  });
});

/** A run by hand, looked at by all properties. */
function byHand(wanted: Wanted) {
  const machine = createMachine(configFor(wanted));
  const checker = new Checker(machine, PROPERTIES);
  let state = machine.initial;
  const act = (action: Action): void => {
    const code = machine.encode(action);
    if (code === undefined) throw new Error(`there is no ${JSON.stringify(action)}`);
    const step = machine.step(state, code);
    checker.look(state, step);
    state = step.state;
  };
  return { act, checker, view: (partition: number) => viewOf(state, partition) };
}

describe('order across partitions', () => {
  it('is not promised: a later record of another partition is read first, and nothing breaks', () => {
    const { act, checker, view } = byHand({
      brokers: 2,
      assignment: [0],
      otherAssignments: [[1]],
      partitions: 2,
      minInsyncReplicas: 1,
      records: 2,
    });
    act({ kind: 'send-record', producer: 0 });
    act({ kind: 'handle-produce', from: 6, to: 0, nth: 0 });
    act({ kind: 'send-record', producer: 0, partition: 1 });
    act({ kind: 'handle-produce', from: 6, to: 1, nth: 0, partition: 1 });
    act({ kind: 'poll', consumer: 0, partition: 1 });
    expect([0, 1].map((partition) => view(partition).consumers[0]?.position)).toEqual([0, 1]);
    act({ kind: 'poll', consumer: 0 });
    expect([0, 1].map((partition) => view(partition).consumers[0]?.position)).toEqual([1, 1]);
    expect(checker.findings).toEqual([]);
  });
});

describe('a partition that is added', () => {
  it.each([
    ['earliest', undefined],
    ['latest', true],
    ['none', true],
  ] as const)('with auto.offset.reset=%s is begun where that says', (autoOffsetReset, unset) => {
    const { view } = byHand({
      brokers: 2,
      assignment: [0],
      otherAssignments: [[1]],
      partitions: 1,
      consumers: [{ autoOffsetReset }],
      faults: { 'add-partition': 1 },
    });
    expect([0, 1].map((partition) => view(partition).consumers[0]?.unset)).toEqual([undefined, unset]);
  });
});

describe('timed runs of several partitions', () => {
  const timed = (changes: Partial<Settings>): TimedCampaign =>
    new TimedCampaign({
      settings: several({ producers: 2, records: 10, ...changes }),
      properties: PROPERTIES,
      seed: 3,
      actions: 400,
      tolerated: new Set(),
    });

  it('keep what is promised of each, and come to rest', () => {
    const runs = timed({});
    for (let run = 0; run < (FULL ? 30 : 4); run++) expect(runs.run(run)).toBeUndefined();
    expect(runs.tally().witnesses.met).toEqual(expect.arrayContaining(['delivered', 'leader-change']));
  });

  it('break one by one, and the run that broke replays without clocks', () => {
    const kafka = { ...defaultSettings.kafka, 'num.partitions': 2, acks: '1' };
    const settings = several({ kafka, faults: faultsOfClass('F0', 2, 3) });
    const slow = (broker: number): ScheduledFault => ({
      at: 1_000,
      for: 30_000,
      fault: { kind: 'slow', broker, extra: 3_000 },
    });
    const { findings, run, machine } = new TimedRuns(PROPERTIES).run(
      {
        seed: 1,
        settings,
        schedule: [slow(0), slow(2), { at: 4_000, for: 1_000, fault: { kind: 'kill', broker: 1 } }],
        workload: [{ start: 2_000, every: 200 }],
      },
      () => false,
    );
    const lost = findings.find(({ property }) => property === 'acked-durable');
    expect(lost?.says).toMatch(/^partition 1: /);

    const checker = new Checker(machine, PROPERTIES);
    let state = machine.initial;
    for (const code of run.actions) {
      const step = machine.step(state, code);
      checker.look(state, step);
      state = step.state;
    }
    expect(checker.findings).toEqual(findings);
  });
});

describe('order per key once a partition is added', () => {
  it('is lost, and nothing that is promised breaks', () => {
    const { act, checker, view } = byHand({
      brokers: 2,
      assignment: [0],
      otherAssignments: [[1]],
      partitions: 1,
      minInsyncReplicas: 1,
      records: 4,
      faults: { 'add-partition': 1 },
    });
    // Records 1 and 3 have the same key, for which there is only partition 0 at first.
    for (let record = 0; record < 3; record++) {
      act({ kind: 'send-record', producer: 0 });
      act({ kind: 'handle-produce', from: 6, to: 0, nth: 0 });
      act({ kind: 'handle-produce-response', from: 0, to: 6, nth: 0 });
    }
    act({ kind: 'add-partition' });
    act({ kind: 'apply-metadata', broker: 1, records: 1 });
    act({ kind: 'refresh-producer-metadata', producer: 0, broker: 1, partition: 1 });
    act({ kind: 'send-record', producer: 0, partition: 1 });
    act({ kind: 'handle-produce', from: 6, to: 1, nth: 0, partition: 1 });
    act({ kind: 'refresh-consumer-metadata', consumer: 0, broker: 1, partition: 1 });
    act({ kind: 'poll', consumer: 0, partition: 1 });
    // The consumer has record 3 and not yet record 1.
    expect(view(0).consumers[0]?.position).toBe(0);
    expect(view(1).consumers[0]?.position).toBe(1);
    act({ kind: 'poll', consumer: 0 });
    expect(view(0).consumers[0]?.position).toBe(3);
    expect(checker.findings).toEqual([]);
  });
});
