/** A timed run measured: what became of its records, how long its clients stood still, its metrics. */
import { partitionsOf } from '../../model/index.ts';
import type { TimedCase } from '../generate/schedules.ts';
import { SampledMetrics, type SampledSeries } from '../metrics/sampled.ts';
import type { TimedOutcome, TimedRuns } from '../timed.ts';
import { fatesOf, type Fates } from './fates.ts';
import { ClientHistory } from './history.ts';
import { longest, noticeable, standstills, type Standstill, type Wait } from './standstill.ts';

export interface ClientTimes {
  /** The longest standstill of any of them (ms). */
  readonly longest: number;
  /** Those that somebody would notice, of each of them. */
  readonly standstills: readonly (readonly Standstill[])[];
}

export interface Measured {
  readonly outcome: TimedOutcome;
  readonly fates: Fates;
  /** A producer stands still while records for a partition were handed over to it and none of that partition is acknowledged. */
  readonly producers: ClientTimes;
  /**
   * A consumer stands still while records of a partition that it will get were handed over and none of that partition is
   * delivered: be it that nobody may commit them, or that it does not find who has them.
   */
  readonly consumers: ClientTimes;
  /** When the last standstill that somebody would notice was over (ms), or undefined if there was none. */
  readonly asUsualAt: number | undefined;
  readonly metrics: SampledSeries;
}

/** What a client waited for, and of which partition: with several it stands still where one of them does. */
type WaitOf = Wait & { readonly partition: number };

function standstillsOf(waits: readonly WaitOf[]): Standstill[] {
  const partitions = [...new Set(waits.map(({ partition }) => partition))].sort((a, b) => a - b);
  return partitions
    .flatMap((one) => standstills(waits.filter(({ partition }) => partition === one)))
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

const timesOf = (waits: readonly (readonly WaitOf[])[]): ClientTimes => {
  const spans = waits.map(standstillsOf);
  return { longest: Math.max(0, ...spans.map(longest)), standstills: spans.map(noticeable) };
};

/** Runs a case and measures it; metrics are sampled each `every` ms. */
export function measure(runs: TimedRuns, timed: TimedCase, every: number): Measured {
  const machine = runs.machineFor(timed.settings);
  const metrics = new SampledMetrics(machine.model, machine.initial, every);
  const history = new ClientHistory(timed.workload, timed.settings.consumers);
  const outcome = runs.run(
    timed,
    () => false,
    (code, before, { state, events }, time) => {
      const { kind } = machine.definition(code);
      metrics.follow({ kind, before, after: state, events }, time);
      history.follow(events, time);
    },
  );
  const { state, endedAt } = outcome.run;
  const records = Array.from({ length: timed.settings.producers * timed.settings.records }, (_, id) => id);
  // The n-th record of a producer has key n mod the number of partitions.
  const partitions = partitionsOf(state);
  const producers = timesOf(
    timed.workload.map((_, producer) =>
      records
        .filter((record) => history.producerOf(record) === producer)
        .map((record) => {
          const acked = history.acked.get(record);
          const to = acked ?? history.failed.get(record) ?? endedAt;
          const partition = history.nthOf(record) % partitions;
          return { from: history.handedOver(record), to, done: acked !== undefined, partition };
        })
        .filter(({ from, to }) => from < to),
    ),
  );
  const consumers = timesOf(
    history.deliveries.map((deliveries) => {
      const first = new Map<number, WaitOf>();
      for (const { record, partition, time } of deliveries) {
        if (first.has(record)) continue;
        first.set(record, { from: history.handedOver(record), to: time, done: true, partition });
      }
      return [...first.values()];
    }),
  );
  const ends = [...producers.standstills, ...consumers.standstills].flat().map(({ to }) => to);
  return {
    outcome,
    fates: fatesOf(history, state),
    producers,
    consumers,
    asUsualAt: ends.length === 0 ? undefined : Math.max(...ends),
    metrics: metrics.end(endedAt),
  };
}
