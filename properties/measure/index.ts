/** A timed run measured: what became of its records, how long its clients stood still, its metrics. */
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
  /** A producer stands still while records were handed over to it and none is acknowledged. */
  readonly producers: ClientTimes;
  /**
   * A consumer stands still while records that it will get were handed over and none is delivered: be it that nobody
   * may commit them, or that it does not find who has them.
   */
  readonly consumers: ClientTimes;
  /** When the last standstill that somebody would notice was over (ms), or undefined if there was none. */
  readonly asUsualAt: number | undefined;
  readonly metrics: SampledSeries;
}

const timesOf = (waits: readonly (readonly Wait[])[]): ClientTimes => {
  const spans = waits.map(standstills);
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
  const producers = timesOf(
    timed.workload.map((_, producer) =>
      records
        .filter((record) => history.producerOf(record) === producer)
        .map((record) => {
          const acked = history.acked.get(record);
          const to = acked ?? history.failed.get(record) ?? endedAt;
          return { from: history.handedOver(record), to, done: acked !== undefined };
        })
        .filter(({ from, to }) => from < to),
    ),
  );
  const consumers = timesOf(
    history.deliveries.map((deliveries) => {
      const first = new Map<number, number>();
      for (const { record, time } of deliveries) if (!first.has(record)) first.set(record, time);
      return [...first].map(([record, to]) => ({ from: history.handedOver(record), to, done: true }));
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
