/**
 * Times that follow from settings: what a dead broker, a slow follower or a silent leader costs. Everything in ms.
 */
import { refusesMetadata, usesZooKeeper, type KafkaKey, type Rules } from '../../model/index.ts';
import type { Expected, Given, Span } from './scenario.ts';

/** Shorter waits are the ordinary life of the network of these scenarios. */
export const NOTHING: Span = [0, 1_000];

/** A controller's queue, a commit, metadata to brokers, a follower's first fetches, an answer: with their tails (ms). */
const SPREADING = 1_500;

/** Between `least` and `most`, and then until all know: clients ask again after a pause that may have grown. */
export const untilKnown = ({ ms }: Given, [least, most]: Span): Span => [
  Math.max(0, least),
  most + SPREADING + ms('retry.backoff.max.ms'),
];

export const plus = ([least, most]: Span, more: number): Span => [least + more, most + more];

const ONLY_KRAFT: readonly KafkaKey[] = [
  'broker.session.timeout.ms',
  'broker.heartbeat.interval.ms',
  'controller.quorum.fetch.timeout.ms',
];
const ONLY_ZOOKEEPER: readonly KafkaKey[] = ['zookeeper.session.timeout.ms'];

/** Whether a key means anything in the mode that these rules are of. */
export const meansSomething = (key: KafkaKey, rules: Rules): boolean =>
  !(usesZooKeeper({ rules }) ? ONLY_KRAFT : ONLY_ZOOKEEPER).includes(key);

/** How long a broker may be silent before it loses its leaderships: with the controller, or with ZooKeeper. */
export const sessionKey = ({ rules }: Given): KafkaKey =>
  usesZooKeeper({ rules }) ? 'zookeeper.session.timeout.ms' : 'broker.session.timeout.ms';

/** Both keys of sessions; which of them governs depends on the mode. */
export const SESSION_KEYS: readonly KafkaKey[] = [
  'broker.session.timeout.ms',
  'broker.heartbeat.interval.ms',
  'zookeeper.session.timeout.ms',
];

/** From the death of a broker to its fencing: its last heartbeat was up to one interval before, its last ping just now. */
export const untilFenced = (given: Given): Span => {
  const session = given.ms(sessionKey(given));
  const silence = usesZooKeeper(given) ? 0 : given.ms('broker.heartbeat.interval.ms');
  return [session - silence - 300, session];
};

/** From a follower's last word to its leaving the ISR: it may lag for so long, and every half of that is looked. */
export const untilOutOfSync = ({ ms }: Given): Span => {
  const lag = ms('replica.lag.time.max.ms');
  return [lag, lag + Math.floor(lag / 2)];
};

/** From a request to somebody who does not answer to its repetition. */
export const untilGivenUp = ({ ms }: Given): Span => {
  const timeout = ms('request.timeout.ms');
  return [timeout, timeout];
};

/** What a batch may suffer whose request was in doubt for up to `span`, and, where `leaderLost`, what acks=1 is worth. */
export function inDoubt(
  { settings, rules, ms }: Given,
  [, most]: Span,
  leaderLost: boolean,
): Pick<Expected, 'lost' | 'duplicates' | 'reordered' | 'failed' | 'mayBreak'> {
  const { acks, retries } = settings.kafka;
  const numbered = settings.kafka['enable.idempotence'] === true;
  const atRisk = leaderLost && acks !== 'all';
  const overtakes = !numbered && ms('max.in.flight.requests.per.connection') > 1;
  return {
    lost: atRisk ? 'any' : 'none',
    duplicates: numbered ? 'none' : 'any',
    reordered: overtakes ? 'any' : 'none',
    // Retries are used up long before a standstill is over, and delivery.timeout.ms may be.
    failed: Number(retries) < 1_000 || ms('delivery.timeout.ms') <= most ? 'any' : 'none',
    mayBreak: [
      ...(atRisk ? ['acked-durable'] : []),
      ...(overtakes ? ['producer-order'] : []),
      // A known find: an ISR record of an equal partition epoch makes a leader forget its pending change.
      ...(refusesMetadata({ rules }, 0, 0) ? [] : ['replication-quorum']),
    ],
  };
}

/** Producers and consumers wait equally long. */
export const allWait = (given: Given, span: Span, leaderLost: boolean, because: string): Expected => ({
  producers: span,
  consumers: span,
  because,
  ...inDoubt(given, span, leaderLost),
});
