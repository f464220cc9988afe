/**
 * How Kafka averages over time, in whole milliseconds of virtual time. Clients: org.apache.kafka.common.metrics.stats;
 * brokers and controllers: the Meter of metrics-core 2.2.
 */

/** `metrics.sample.window.ms` and `metrics.num.samples`, at their defaults. */
const WINDOW = 30_000;
const SAMPLES = 2;

interface Sample {
  value: number;
  count: number;
  start: number;
  last: number;
}

/** What was recorded lately, in samples of one window each. Kafka: SampledStat. */
abstract class Sampled {
  protected readonly samples: Sample[] = [];
  private readonly initial: number;
  private current = 0;

  constructor(initial: number) {
    this.initial = initial;
  }

  record(value: number, now: number): void {
    let sample = this.samples[this.current] ?? this.added(now);
    if (now - sample.start >= WINDOW) sample = this.advance(now);
    sample.value = this.combined(sample.value, value);
    sample.count++;
    sample.last = now;
  }

  protected abstract combined(value: number, more: number): number;

  /** One sample more than asked for is kept: the oldest may overlap the beginning of the time looked at. */
  private advance(now: number): Sample {
    this.current = (this.current + 1) % (SAMPLES + 1);
    const sample = this.samples[this.current];
    if (sample === undefined) return this.added(now);
    this.reset(sample, now);
    return sample;
  }

  private added(now: number): Sample {
    const sample = { value: this.initial, count: 0, start: now, last: now };
    this.samples.push(sample);
    return sample;
  }

  private reset(sample: Sample, now: number): void {
    sample.value = this.initial;
    sample.count = 0;
    sample.start = now;
    sample.last = now;
  }

  protected purge(now: number): void {
    for (const sample of this.samples) if (now - sample.last >= SAMPLES * WINDOW) this.reset(sample, now);
  }

  protected oldestStart(now: number): number {
    if (this.samples.length === 0) this.added(now);
    return this.samples.reduce((oldest, { start }) => Math.min(oldest, start), now);
  }
}

/** Events per second. Kafka: Rate over WindowedSum. */
export class Rate extends Sampled {
  constructor() {
    super(0);
  }

  protected combined(value: number, more: number): number {
    return value + more;
  }

  measure(now: number): number {
    this.purge(now);
    const sum = this.samples.reduce((total, { value }) => total + value, 0);
    let elapsed = now - this.oldestStart(now);
    // All windows but the last count as full, or the first events would make a huge rate.
    const missing = SAMPLES - 1 - Math.floor(elapsed / WINDOW);
    if (missing > 0) elapsed += missing * WINDOW;
    return (sum * 1_000) / Math.max(elapsed, 1);
  }
}

/** The highest value; undefined, Kafka's NaN, where none was recorded. Kafka: Max. */
export class WindowedMax extends Sampled {
  constructor() {
    super(Number.NEGATIVE_INFINITY);
  }

  protected combined(value: number, more: number): number {
    return Math.max(value, more);
  }

  measure(now: number): number | undefined {
    this.purge(now);
    const max = this.samples.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    return this.samples.some(({ count }) => count > 0) ? max : undefined;
  }
}

const TICK = 5_000;
/** The weight of a tick in the average of a minute. */
const ALPHA = 1 - Math.exp(-TICK / 60_000);

/** OneMinuteRate of a meter that began at a given time: events per second, moved on every five seconds. */
export class OneMinuteRate {
  private uncounted = 0;
  private rate = 0;
  private nextTick: number;
  private ticked = false;

  constructor(begun: number) {
    this.nextTick = begun + TICK;
  }

  mark(now: number): void {
    this.tick(now);
    this.uncounted++;
  }

  measure(now: number): number {
    this.tick(now);
    return this.rate;
  }

  private tick(now: number): void {
    for (; this.nextTick <= now; this.nextTick += TICK) {
      const instant = (this.uncounted * 1_000) / TICK;
      this.rate = this.ticked ? this.rate + ALPHA * (instant - this.rate) : instant;
      this.ticked = true;
      this.uncounted = 0;
    }
  }
}
