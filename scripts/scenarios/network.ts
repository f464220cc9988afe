/** Links that are cut or slow, and followers that do not keep up. */
import {
  CONTROLLER,
  consumerParty,
  producerParty,
  scheduleEnd,
  swizzle,
  type Schedule,
} from '../../model/index.ts';
import {
  allWait,
  NOTHING,
  SESSION_KEYS,
  sessionKey,
  untilFenced,
  untilGivenUp,
  untilKnown,
  untilOutOfSync,
} from './derived.ts';
import type { Given, Scenario, Span } from './scenario.ts';

const BEGIN = 10_000;

/** With acks=1 a leader alone is enough for producers. */
const writesAlone = ({ settings }: Given): { readonly producers?: Span } =>
  settings.kafka.acks === 'all' ? {} : { producers: NOTHING };
export const CLIENTS_AWAY = 20_000;

/** Every client is cut from every broker. */
export const withoutClients = ({ settings }: Given): Schedule => {
  const { brokers, producers, consumers } = settings;
  const clients = [
    ...Array.from({ length: producers }, (_, id) => producerParty(id)),
    ...Array.from({ length: consumers }, (_, id) => consumerParty(id)),
  ];
  return Array.from({ length: brokers }, (_, broker) => broker).flatMap((broker) =>
    clients.map((client) => ({
      at: BEGIN,
      for: CLIENTS_AWAY,
      fault: { kind: 'cut' as const, from: broker, to: client, both: true },
    })),
  );
};

export const clientsCutOff: Scenario = {
  name: 'clients-cut-off',
  title: 'clients lose their connectivity to all brokers for 20 s',
  governedBy: ['request.timeout.ms', 'delivery.timeout.ms'],
  schedule: withoutClients,
  lasts: () => BEGIN + 60_000,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, [CLIENTS_AWAY - 300, CLIENTS_AWAY]),
      false,
      'as long as the cut: what was under way comes through after it, or is sent again',
    ),
};

const LEADER_AWAY = 60_000;

export const leaderCutOff: Scenario = {
  name: 'leader-cut-off',
  title: 'the leader is cut from everybody for a minute',
  governedBy: ['request.timeout.ms', ...SESSION_KEYS],
  schedule: () => [{ at: BEGIN, for: LEADER_AWAY, fault: { kind: 'cut', shape: 'isolate-leader' } }],
  lasts: ({ ms }) => BEGIN + Math.max(LEADER_AWAY, ms('request.timeout.ms')) + 30_000,
  expects: (given) => {
    const [least, most] = untilFenced(given);
    const [patience] = untilGivenUp(given);
    // Whoever waits for an answer learns of the new leader only after its request timeout.
    const span: Span = [
      Math.min(Math.max(least, patience - 300), LEADER_AWAY - 300),
      Math.max(most, patience),
    ];
    return allWait(
      given,
      untilKnown(given, span),
      true,
      `another leads after ${sessionKey(given)}, but clients wait for the old one until request.timeout.ms`,
    );
  },
};

/** What a message takes at least, and how much more at most (ms). */
const SLOW = { least: 100, spread: 50, tailOneIn: 1, tail: 0 };

export const longLatency: Scenario = {
  name: 'long-latency',
  title: 'every message takes 100 to 150 ms for a minute',
  governedBy: ['max.in.flight.requests.per.connection', 'replica.fetch.wait.max.ms'],
  schedule: () => [{ at: BEGIN, for: 60_000, fault: { kind: 'slow', network: SLOW } }],
  lasts: () => BEGIN + 90_000,
  expects: () => ({
    producers: NOTHING,
    consumers: NOTHING,
    because: 'nothing waits for a timeout: an answer takes some six messages more than before',
  }),
};

export const followerStuck: Scenario = {
  name: 'follower-stuck',
  title: 'a follower in the ISR stops fetching for 90 s, but its heartbeats go on',
  governedBy: ['replica.lag.time.max.ms', 'request.timeout.ms', 'acks'],
  schedule: () => [{ at: BEGIN, for: 90_000, fault: { kind: 'shrink', broker: 'follower' } }],
  lasts: ({ ms }) => BEGIN + Math.max(90_000, 2 * ms('replica.lag.time.max.ms')) + 20_000,
  expects: (given) => {
    const span = untilKnown(given, untilOutOfSync(given));
    return {
      ...allWait(
        given,
        span,
        false,
        'nothing is committed before it is out of the ISR: 1 to 1.5 times replica.lag.time.max.ms',
      ),
      ...writesAlone(given),
    };
  },
};

/** Leads as long as nothing has gone wrong. */
const PREFERRED = 0;
const DEAF = 60_000;

export const leaderDeafToController: Scenario = {
  name: 'one-way-cut',
  title: 'the leader hears nothing of the controller for a minute, clients and followers hear the leader',
  governedBy: [...SESSION_KEYS, 'request.timeout.ms', 'metadata.max.age.ms'],
  schedule: () => [
    { at: BEGIN, for: DEAF, fault: { kind: 'cut', from: CONTROLLER, to: PREFERRED, both: false } },
  ],
  lasts: (given) =>
    BEGIN + Math.max(DEAF, given.ms('request.timeout.ms') + given.ms(sessionKey(given))) + 30_000,
  expects: (given) => {
    const [patience] = untilGivenUp(given);
    const [least, most] = untilFenced(given);
    const waits = (until: number): Span =>
      untilKnown(given, [Math.min(until, DEAF - most) - 300, Math.min(until, DEAF - least)]);
    const [, latest] = waits(given.ms('metadata.max.age.ms'));
    return {
      ...allWait(
        given,
        waits(patience),
        true,
        `deposed after ${sessionKey(given)}, it does not know it: requests wait there for request.timeout.ms, ` +
          'and a consumer that fetches nothing gets no error and stays until the link heals',
      ),
      consumers: waits(given.ms('metadata.max.age.ms')),
      // What it acknowledges alone is lost, and nobody waits for it.
      ...(given.settings.kafka.acks === 'all' ? {} : { producers: NOTHING, consumers: [0, latest] }),
    };
  },
};

/** From one cut to the next, and from one healing to the next. */
const SWIZZLE = { at: BEGIN, down: 1_000, every: 500, both: true };

/** Every link within the cluster; healed from the middle outwards. */
function swizzled({ settings }: Given): Schedule {
  const ids = Array.from({ length: settings.brokers }, (_, id) => id);
  const links = ids.flatMap((a) => [...ids.filter((b) => b > a), CONTROLLER].map((b) => [a, b] as const));
  const order = [...links.keys()];
  const middle = links.length / 2;
  return swizzle(
    links,
    order.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b),
    SWIZZLE,
  );
}

export const swizzledLinks: Scenario = {
  name: 'swizzle',
  title:
    'all links within the cluster are cut one by one, and healed in another order, too soon for any session to end',
  governedBy: [...SESSION_KEYS, 'acks'],
  schedule: swizzled,
  lasts: () => BEGIN + 60_000,
  expects: (given) => {
    const schedule = swizzled(given);
    const ends = scheduleEnd(schedule) - BEGIN;
    const toFollowers = schedule.filter(
      ({ fault }) => 'from' in fault && fault.from === PREFERRED && fault.to !== CONTROLLER,
    );
    const cut = scheduleEnd(toFollowers) - Math.min(...toFollowers.map(({ at }) => at));
    const [endures] = untilFenced(given);
    const sits = ends < endures;
    const span = untilKnown(given, sits ? [cut - 300, cut] : [0, Math.max(ends, untilFenced(given)[1])]);
    return {
      ...allWait(
        given,
        span,
        !sits,
        'nothing is committed from the first cut between leader and followers until the last of them heals',
      ),
      ...writesAlone(given),
    };
  },
};

export const NETWORK: readonly Scenario[] = [
  clientsCutOff,
  leaderCutOff,
  longLatency,
  followerStuck,
  leaderDeafToController,
  swizzledLinks,
];
