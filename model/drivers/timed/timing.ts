/** The clocks of a cluster: Kafka's timeouts and intervals, and how fast the network is. All in ms. */
import type { LatencyRange } from './latency.ts';

export interface Timing {
  readonly 'replica.lag.time.max.ms': number;
  readonly 'replica.fetch.wait.max.ms': number;
  readonly 'replica.fetch.backoff.ms': number;
  /** The broker's own, which bounds its fetches and, as controller.socket.timeout.ms, its ISR changes. */
  readonly 'broker request.timeout.ms': number;
  readonly 'replica.high.watermark.checkpoint.interval.ms': number;
  readonly 'flush.ms': number;
  readonly 'broker.session.timeout.ms': number;
  readonly 'broker.heartbeat.interval.ms': number;
  readonly 'zookeeper.session.timeout.ms': number;
  readonly 'request.timeout.ms': number;
  readonly 'delivery.timeout.ms': number;
  readonly 'max.block.ms': number;
  readonly 'retry.backoff.ms': number;
  readonly 'retry.backoff.max.ms': number;
  readonly 'reconnect.backoff.ms': number;
  readonly 'reconnect.backoff.max.ms': number;
  readonly 'metadata.max.age.ms': number;
  readonly 'leader.imbalance.check.interval.seconds': number;
  readonly 'unclean.leader.election.interval.ms': number;
  readonly latency: LatencyRange;
}

/** A network within one site: a few ms, and one message in fifty up to a fifth of a second late. */
const USUAL_LATENCY: LatencyRange = { least: 1, spread: 5, tailOneIn: 50, tail: 200 };

/** Kafka's own values of what is not a setting of the model. */
const FIXED = {
  'broker request.timeout.ms': 30_000,
} as const;

type Setting = Exclude<keyof Timing, 'latency'>;

/**
 * The times among settings under Kafka's keys. Throws where one is missing or not a whole number: settings are
 * checked before they come here.
 */
export function timingOf(kafka: Readonly<Record<string, unknown>>, latency = USUAL_LATENCY): Timing {
  const of = (key: Setting): number => {
    const value = kafka[key] ?? FIXED[key as keyof typeof FIXED];
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new RangeError(`${key} must be a whole number, got ${JSON.stringify(value)}`);
    }
    return value;
  };
  return {
    'replica.lag.time.max.ms': of('replica.lag.time.max.ms'),
    'replica.fetch.wait.max.ms': of('replica.fetch.wait.max.ms'),
    'replica.fetch.backoff.ms': of('replica.fetch.backoff.ms'),
    'broker request.timeout.ms': of('broker request.timeout.ms'),
    'replica.high.watermark.checkpoint.interval.ms': of('replica.high.watermark.checkpoint.interval.ms'),
    'flush.ms': of('flush.ms'),
    'broker.session.timeout.ms': of('broker.session.timeout.ms'),
    'broker.heartbeat.interval.ms': of('broker.heartbeat.interval.ms'),
    'zookeeper.session.timeout.ms': of('zookeeper.session.timeout.ms'),
    'request.timeout.ms': of('request.timeout.ms'),
    'delivery.timeout.ms': of('delivery.timeout.ms'),
    'max.block.ms': of('max.block.ms'),
    'retry.backoff.ms': of('retry.backoff.ms'),
    'retry.backoff.max.ms': of('retry.backoff.max.ms'),
    'reconnect.backoff.ms': of('reconnect.backoff.ms'),
    'reconnect.backoff.max.ms': of('reconnect.backoff.max.ms'),
    'metadata.max.age.ms': of('metadata.max.age.ms'),
    'leader.imbalance.check.interval.seconds': of('leader.imbalance.check.interval.seconds'),
    'unclean.leader.election.interval.ms': of('unclean.leader.election.interval.ms'),
    latency,
  };
}
