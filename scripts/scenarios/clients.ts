/** Clients that are restarted one after the other, consumers that read from a follower, producers that run out of room. */
import { preferredReplicaIsInSync, preferredReplicaIsUnfenced, type Schedule } from '../../model/index.ts';
import { inDoubt, NOTHING, SESSION_KEYS, sessionKey, untilFenced, untilKnown } from './derived.ts';
import { CLIENTS_AWAY, withoutClients } from './network.ts';
import type { Expected, Given, Scenario } from './scenario.ts';

const BEGIN = 10_000;
const EVERY = 5_000;
/** Records are handed over every quarter of a second: so soon after that one is under way. */
const UNDER_WAY = 1;

const rolling =
  (client: 'producer' | 'consumer', delay: number) =>
  ({ settings }: Given): Schedule =>
    Array.from({ length: client === 'producer' ? settings.producers : settings.consumers }, (_, id) => ({
      at: BEGIN + id * EVERY + delay,
      for: 0,
      fault: { kind: 'client-kill', client, id },
    }));

export const rollingRestartOfProducers: Scenario = {
  name: 'rolling-restart-producers',
  title: 'each producer is killed with a record under way, and its next life sends that again',
  governedBy: ['enable.idempotence', 'acks', 'retry.backoff.ms'],
  schedule: rolling('producer', UNDER_WAY),
  lasts: () => BEGIN + 30_000,
  expects: (given) => ({
    producers: NOTHING,
    consumers: NOTHING,
    because: 'the next life is there at once; how long an application takes to start is not simulated',
    ...inDoubt(given, NOTHING, false),
    duplicates: 'any',
    // Another life has another producer id: no leader knows what was sent before.
    mayBreak: [
      ...(inDoubt(given, NOTHING, false).mayBreak ?? []),
      ...(given.settings.kafka['enable.idempotence'] === true ? ['no-duplicates'] : []),
    ],
  }),
};

/** What a consumer without committed offset gets, by where `auto.offset.reset` sends it. */
const AFTER_RESTART: Readonly<Record<string, Pick<Expected, 'duplicates' | 'gaps' | 'mayBreak'>>> = {
  earliest: { duplicates: 'some' },
  latest: { gaps: 'any', mayBreak: ['no-skip'] },
  none: { gaps: 'some' },
};

export const rollingRestartOfConsumers: Scenario = {
  name: 'rolling-restart-consumers',
  title: 'each consumer is killed, and its next life finds no committed offset',
  governedBy: ['auto.offset.reset'],
  schedule: rolling('consumer', 0),
  lasts: () => BEGIN + 30_000,
  expects: ({ settings }) => {
    const reset = String(settings.kafka['auto.offset.reset']);
    const stops = reset === 'none';
    return {
      producers: NOTHING,
      consumers: stops ? [0, BEGIN + 30_000] : NOTHING,
      because: stops
        ? 'without a committed offset auto.offset.reset=none stops the application'
        : `auto.offset.reset=${reset} says at once where to begin; joining a group is not simulated`,
      ...AFTER_RESTART[reset],
    };
  },
};

const FOLLOWER_DOWN = 30_000;

export const nearestReplicaKilled: Scenario = {
  name: 'nearest-replica-killed',
  title: 'the follower that consumers read from is killed, and comes back half a minute later',
  set: [
    'broker.rack=a,b,c',
    'client.rack=c',
    'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector',
  ],
  governedBy: [...SESSION_KEYS, 'reconnect.backoff.max.ms', 'acks'],
  schedule: () => [{ at: BEGIN, for: FOLLOWER_DOWN, fault: { kind: 'kill', broker: 2 } }],
  lasts: (given) => BEGIN + Math.max(given.ms(sessionKey(given)), FOLLOWER_DOWN) + 40_000,
  expects: (given) => {
    const fenced = untilFenced(given);
    const goesOn = preferredReplicaIsInSync(given) || preferredReplicaIsUnfenced(given);
    const [least, most] = untilKnown(
      given,
      goesOn ? fenced : [FOLLOWER_DOWN - 300, Math.max(FOLLOWER_DOWN, fenced[1])],
    );
    return {
      producers: given.settings.kafka.acks === 'all' ? untilKnown(given, fenced) : NOTHING,
      consumers: [least, most + given.ms('reconnect.backoff.max.ms')],
      because: goesOn
        ? `the leader goes on naming the dead replica until it is found dead, after ${sessionKey(given)}`
        : 'the leader goes on naming the dead replica until it is back (KAFKA-14372, KAFKA-15390)',
      ...inDoubt(given, untilKnown(given, fenced), false),
    };
  },
};

/** An application hands over a record every quarter of a second. */
const PACE = 250;

export const bufferFull: Scenario = {
  name: 'buffer-full',
  title: 'clients lose their connectivity to all brokers for 20 s, and producers can hold 20 records',
  set: ['buffer.memory=20', 'max.block.ms=5000'],
  governedBy: ['buffer.memory', 'max.block.ms', 'delivery.timeout.ms'],
  schedule: withoutClients,
  lasts: () => BEGIN + 60_000,
  expects: (given) => {
    const span = untilKnown(given, [CLIENTS_AWAY - 300, CLIENTS_AWAY]);
    const refusedAfter = given.ms('buffer.memory') * PACE + given.ms('max.block.ms');
    return {
      producers: span,
      consumers: span,
      because:
        'records wait in the producer until buffer.memory is full; from then on each waits in send() for max.block.ms, and fails',
      ...inDoubt(given, span, false),
      ...(refusedAfter < CLIENTS_AWAY - PACE ? { failed: 'some' } : {}),
    };
  },
};

export const CLIENTS: readonly Scenario[] = [
  rollingRestartOfProducers,
  rollingRestartOfConsumers,
  nearestReplicaKilled,
  bufferFull,
];
