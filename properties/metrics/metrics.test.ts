import { describe, expect, test } from 'vitest';
import { CONTROLLER, producerParty } from '../../model/index.ts';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { METRICS } from './names.ts';
import { SampledMetrics } from './sampled.ts';
import { TotalMetrics, type MetricTotals } from './totals.ts';

/** A run by hand, all of it at the times that `at` says; 0 before. */
class Metered extends Play {
  private readonly total: TotalMetrics;
  readonly sampled: SampledMetrics;
  private time = 0;

  constructor(wanted: Wanted = {}) {
    super(wanted);
    const { model } = this.machine;
    this.total = new TotalMetrics(model);
    this.sampled = new SampledMetrics(model, this.state, 10_000);
    this.watch((before, { state, events }, code) => {
      const step = { kind: this.machine.decode(code).kind, before, after: state, events };
      this.total.follow(step);
      this.sampled.follow(step, this.time);
    });
  }

  at(time: number): this {
    this.time = time;
    return this;
  }

  get totals(): MetricTotals['counts'] & MetricTotals['highest'] {
    const { counts, highest } = this.total.totals();
    return { ...counts, ...highest };
  }
}

/** A follower that fetches no more is to leave the ISR of the leader A. */
function proposeWithout(run: Metered, follower: number): void {
  while (run.refusal('lag-elapses', A, follower) === undefined) run.act('lag-elapses', A, follower);
  run.act('shrink-isr', A);
}

function shrinkWithout(run: Metered, follower: number): void {
  proposeWithout(run, follower);
  run.changeIsr(A);
}

describe('UnderReplicatedPartitions and UnderMinIsrPartitionCount', () => {
  test('count the accepted ISR of whoever believes to lead', () => {
    const run = new Metered();
    run.produce();
    expect(run.totals).toMatchObject({ UnderReplicatedPartitions: 0, UnderMinIsrPartitionCount: 0 });
    shrinkWithout(run, C);
    expect(run.totals).toMatchObject({ UnderReplicatedPartitions: 1, UnderMinIsrPartitionCount: 0 });
    shrinkWithout(run, B);
    expect(run.totals).toMatchObject({ UnderReplicatedPartitions: 1, UnderMinIsrPartitionCount: 1 });
  });

  test('the controller may know better: what the leader has not learnt is not counted', () => {
    const run = new Metered();
    run.act('kill', C).fence(C);
    expect(run.totals.UnderReplicatedPartitions).toBe(0);
    run.learn(A);
    expect(run.totals.UnderReplicatedPartitions).toBe(1);
  });
});

test('OfflinePartitionsCount is 1 while the controller has no leader', () => {
  const run = new Metered();
  for (const broker of [C, B]) run.act('kill', broker).fence(broker);
  expect(run.totals.OfflinePartitionsCount).toBe(0);
  run.act('kill', A).fence(A);
  expect(run.totals.OfflinePartitionsCount).toBe(1);
});

describe('IsrShrinksPerSec and IsrExpandsPerSec', () => {
  test('count changes that the leader brought through', () => {
    const run = new Metered();
    run.produce().catchUp(B);
    shrinkWithout(run, C);
    expect(run.totals).toMatchObject({ IsrShrinksPerSec: 1, IsrExpandsPerSec: 0 });
    // C comes back, fetches up to the end, and is proposed.
    run.learn(A).learn(C).catchUp(C).changeIsr(A);
    expect(run.totals).toMatchObject({ IsrShrinksPerSec: 1, IsrExpandsPerSec: 1 });
  });

  test('a member that the controller takes out is not counted', () => {
    const run = new Metered();
    run.act('kill', C).fence(C).learn(A);
    expect(run.leading(A).committedIsr).toBe(0b011);
    expect(run.totals.IsrShrinksPerSec).toBe(0);
  });

  test('nor is a change that metadata tells of before its answer comes', () => {
    const run = new Metered();
    run.produce();
    proposeWithout(run, C);
    run.act('handle-alter-partition', A, CONTROLLER, 0).learn(A);
    run.act('handle-alter-partition-response', CONTROLLER, A, 0);
    expect(run.leading(A).committedIsr).toBe(0b011);
    expect(run.totals.IsrShrinksPerSec).toBe(0);
  });
});

describe('UncleanLeaderElectionsPerSec', () => {
  /** C falls out of the ISR, then the others die and C comes back. */
  const withoutInSync = (wanted: Wanted): Metered => {
    const run = new Metered({ minInsyncReplicas: 1, unclean: true, ...wanted });
    for (const broker of [C, B, A]) run.act('kill', broker).fence(broker);
    run.restart(C);
    return run;
  };

  test('counts a leader from outside the ISR', () => {
    const run = withoutInSync({ release: '3.9' });
    expect(run.partition().leader).toBe(C);
    expect(run.totals.UncleanLeaderElectionsPerSec).toBe(1);
  });

  test('does not count an election within the ISR', () => {
    const run = new Metered();
    run.act('kill', A).fence(A);
    expect(run.partition().leader).toBe(B);
    expect(run.totals.UncleanLeaderElectionsPerSec).toBe(0);
  });

  test('counts an eligible leader replica too, though it has everything', () => {
    const run = new Metered({ release: '4.1' });
    for (const broker of [C, B, A]) run.act('pause', broker).fence(broker);
    expect(run.partition()).toMatchObject({ leader: -1, isr: 0 });
    run.act('resume', B).learn(B).act('heartbeat', B);
    expect(run.partition().leader).toBe(B);
    expect(run.happened('partition-changed').map(({ election }) => election)).toContain('elr');
    expect(run.totals.UncleanLeaderElectionsPerSec).toBe(1);
  });

  test('does not exist in KRaft mode before 3.9', () => {
    expect(withoutInSync({ release: '3.3' }).totals.UncleanLeaderElectionsPerSec).toBeNull();
  });
});

describe('record-retry-total and record-error-total', () => {
  const refused = (): Metered => {
    const run = new Metered({ producers: [{ retries: 1 }] });
    run.act('send-record', 0).act('lose-produce', producerParty(0), A, 0).act('notice-disconnect', 0);
    return run;
  };

  test('a batch that will be sent again is a retry', () => {
    expect(refused().totals).toMatchObject({ 'record-retry-total': 1, 'record-error-total': 0 });
  });

  test('one whose retries are used up is an error', () => {
    const run = refused();
    run.act('retry-record', 0).act('lose-produce', producerParty(0), A, 0).act('notice-disconnect', 0);
    expect(run.totals).toMatchObject({ 'record-retry-total': 1, 'record-error-total': 1 });
  });

  test('so is one whose delivery.timeout.ms has passed', () => {
    const run = new Metered();
    run.act('send-record', 0).act('expire-batch', 0);
    expect(run.totals).toMatchObject({ 'record-retry-total': 0, 'record-error-total': 1 });
  });
});

describe('sampled', () => {
  test('every metric has a sample for every instant', () => {
    const run = new Metered();
    run.produce();
    const { every, series } = run.sampled.end(60_000);
    expect(every).toBe(10_000);
    for (const { name } of METRICS) expect([name, series[name].length]).toEqual([name, 7]);
  });

  test('a gauge holds until something changes', () => {
    const run = new Metered();
    run.at(25_000);
    shrinkWithout(run, C);
    expect(run.sampled.end(40_000).series.UnderReplicatedPartitions).toEqual([0, 0, 0, 1, 1]);
  });

  test('a meter decays after its mark, and is gone with its process', () => {
    const run = new Metered();
    run.at(1_000);
    shrinkWithout(run, C);
    run.at(35_000).act('kill', A);
    const [atFirst, first, , third, fourth] = run.sampled.end(40_000).series.IsrShrinksPerSec;
    // One in the first tick of five seconds, then a tick without.
    expect([atFirst, first]).toEqual([0, 0.184009]);
    expect(third).toBeLessThan(0.184009);
    expect(fourth).toBe(0);
  });

  test('rates of retries and errors are those of the clients', () => {
    const run = new Metered({ producers: [{ retries: 1 }] });
    run.at(5_000).act('send-record', 0).act('lose-produce', producerParty(0), A, 0);
    run.act('notice-disconnect', 0);
    run.at(15_000).act('expire-batch', 0);
    const { series } = run.sampled.end(20_000);
    // In the first window, which began with the first look, and with one of 30 s for granted.
    expect(series['record-retry-rate']).toEqual([0, 0.025, 0.02]);
    expect(series['record-error-rate']).toEqual([0, 0, 0.02]);
  });

  test('the lag is told when records come, and of a poll of at most 500', () => {
    const few = new Metered({ minInsyncReplicas: 1 });
    few.produce().catchUp(B).catchUp(C).replicate(B).replicate(C);
    few.at(5_000).act('poll', 0);
    expect(few.sampled.end(20_000).series['records-lag-max']).toEqual([null, 0, 0]);
    const many = new Metered({ brokers: 1, minInsyncReplicas: 1, records: 510 });
    for (let i = 0; i < 510; i++) many.produce().act('handle-produce-response', A, producerParty(0), 0);
    many.at(5_000).act('poll', 0);
    expect(many.sampled.end(20_000).series['records-lag-max']).toEqual([null, 10, 10]);
  });
});
