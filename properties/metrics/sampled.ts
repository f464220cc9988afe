/** The course of Kafka's metrics over virtual time, read at fixed intervals as a scraper of JMX would. */
import { isAwake, type Event, type Model, type State } from '../../model/index.ts';
import { at } from '../property.ts';
import { METRICS, type MetricName } from './names.ts';
import {
  failedRecords,
  isrMark,
  offlinePartitionsCount,
  retriedRecords,
  uncleanElections,
  underMinIsrPartitionCount,
  underReplicatedPartitions,
  type IsrMark,
  type MetricStep,
} from './marks.ts';
import { OneMinuteRate, Rate, WindowedMax } from './statistics.ts';

/** `max.poll.records`, at its default. */
const MAX_POLL_RECORDS = 500;

export interface SampledSeries {
  /** Between two samples; the first is taken at 0 (ms). */
  readonly every: number;
  /** By name, clients and brokers together: rates and gauges summed up, maxima compared. Null: nobody has a value. */
  readonly series: Readonly<Record<MetricName, readonly (number | null)[]>>;
}

/** Meters live as long as their process. */
interface Meters {
  readonly incarnation: number;
  readonly shrink: OneMinuteRate;
  readonly expand: OneMinuteRate;
}

const metersFrom = (incarnation: number, time: number): Meters => ({
  incarnation,
  shrink: new OneMinuteRate(time),
  expand: new OneMinuteRate(time),
});

/** Rates come from exponentials, whose last digits are the platform's. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

const sum = (rates: readonly Rate[], now: number): number =>
  rates.reduce((total, rate) => total + rate.measure(now), 0);

function highest(maxima: readonly WindowedMax[], now: number): number | undefined {
  const values = maxima.flatMap((max) => max.measure(now) ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
}

function record(rate: Rate, count: number, time: number): void {
  if (count > 0) rate.record(count, time);
}

export class SampledMetrics {
  private readonly model: Model;
  private readonly every: number;
  private readonly errors: readonly Rate[];
  private readonly retries: readonly Rate[];
  private readonly lags: readonly WindowedMax[];
  private readonly unclean = new OneMinuteRate(0);
  private readonly meters: Meters[];
  private readonly series = Object.fromEntries(METRICS.map(({ name }) => [name, []])) as unknown as Record<
    MetricName,
    (number | null)[]
  >;
  /** Samples taken. */
  private taken = 0;
  private state: State;

  constructor(model: Model, initial: State, every: number) {
    this.model = model;
    this.every = every;
    this.state = initial;
    this.errors = model.config.producers.map(() => new Rate());
    this.retries = model.config.producers.map(() => new Rate());
    this.lags = model.config.consumers.map(() => new WindowedMax());
    this.meters = initial.processes.map(({ incarnation }) => metersFrom(incarnation, 0));
  }

  follow(step: MetricStep, time: number): void {
    this.sampleUpTo(time);
    this.state = step.after;
    this.renewMeters(time);
    this.errors.forEach((rate, id) => record(rate, failedRecords(step, id), time));
    this.retries.forEach((rate, id) => record(rate, retriedRecords(step, id), time));
    this.recordLags(step.events, time);
    for (let n = uncleanElections(this.model, step) ?? 0; n > 0; n--) this.unclean.mark(time);
    const changed = isrMark(step);
    if (changed !== undefined) at(this.meters, changed.leader)[changed.mark].mark(time);
  }

  /** The samples up to the end of the run (ms). */
  end(time: number): SampledSeries {
    this.sampleUpTo(time + 1);
    return { every: this.every, series: this.series };
  }

  private renewMeters(time: number): void {
    this.state.processes.forEach(({ incarnation }, broker) => {
      if (at(this.meters, broker).incarnation !== incarnation) {
        this.meters[broker] = metersFrom(incarnation, time);
      }
    });
  }

  /**
   * How far a consumer's position is behind the high watermark of its fetch, each time that a poll has handed over
   * records: so a consumer that gets none tells no lag at all. A poll of the model takes all that there is, a poll of the
   * application `max.poll.records`: the first one leaves most behind. Kafka: FetchCollector.fetchRecords,
   * SubscriptionState.partitionLag, FetchMetricsManager.
   */
  private recordLags(events: readonly Event[], time: number): void {
    this.lags.forEach((lag, id) => {
      const got = events.filter((event) => event.type === 'delivered' && event.consumer === id).length;
      if (got > 0) lag.record(Math.max(0, got - MAX_POLL_RECORDS), time);
    });
  }

  /** Samples due before `time` see the state before the step in hand. */
  private sampleUpTo(time: number): void {
    for (; this.taken * this.every < time; this.taken++) this.sample(this.taken * this.every);
  }

  private sample(due: number): void {
    const { model, state } = this;
    const values: Readonly<Record<MetricName, number | undefined>> = {
      'record-error-rate': sum(this.errors, due),
      'record-retry-rate': sum(this.retries, due),
      'records-lag-max': highest(this.lags, due),
      UnderReplicatedPartitions: underReplicatedPartitions(model, state),
      UnderMinIsrPartitionCount: underMinIsrPartitionCount(model, state),
      OfflinePartitionsCount: offlinePartitionsCount(model, state),
      UncleanLeaderElectionsPerSec:
        uncleanElections(model, { events: [] }) === undefined ? undefined : this.unclean.measure(due),
      IsrShrinksPerSec: this.metered('shrink', due),
      IsrExpandsPerSec: this.metered('expand', due),
    };
    for (const { name } of METRICS) {
      const value = values[name];
      this.series[name].push(value === undefined ? null : rounded(value));
    }
  }

  private metered(mark: IsrMark, due: number): number {
    return this.meters.reduce((total, meters, broker) => {
      return total + (isAwake(at(this.state.processes, broker)) ? meters[mark].measure(due) : 0);
    }, 0);
  }
}
