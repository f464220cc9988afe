/** Leaders and controllers that go, and what may lead after them. */
import { usesZooKeeper } from '../../model/index.ts';
import { allWait, NOTHING, plus, SESSION_KEYS, sessionKey, untilFenced, untilKnown } from './derived.ts';
import type { Given, Scenario } from './scenario.ts';

const BEGIN = 10_000;

export const healthy: Scenario = {
  name: 'healthy',
  title: 'nothing goes wrong',
  governedBy: ['replica.fetch.wait.max.ms'],
  schedule: () => [],
  lasts: () => 60_000,
  expects: () => ({ producers: NOTHING, consumers: NOTHING, because: 'nobody has to wait for a timeout' }),
};

export const leaderKilled: Scenario = {
  name: 'leader-election',
  title: 'the leader is killed and comes back half a minute later',
  governedBy: [...SESSION_KEYS, 'retry.backoff.ms', 'retry.backoff.max.ms'],
  schedule: () => [{ at: BEGIN, for: 30_000, fault: { kind: 'kill', broker: 'leader' } }],
  lasts: (given) => BEGIN + given.ms(sessionKey(given)) + 40_000,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, untilFenced(given)),
      true,
      `${sessionKey(given)} since the last that was heard of it, then one commit, metadata, retry.backoff.ms`,
    ),
};

export const leaderStopped: Scenario = {
  name: 'leader-stopped',
  title: 'the leader is stopped cleanly and comes back half a minute later',
  governedBy: ['broker.heartbeat.interval.ms', 'retry.backoff.ms', 'retry.backoff.max.ms'],
  schedule: () => [{ at: BEGIN, for: 30_000, fault: { kind: 'clean-stop', broker: 'leader' } }],
  lasts: () => 60_000,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, [0, 0]),
      true,
      'the leadership moves before the broker stops: no timeout, only metadata and a retry',
    ),
};

export const followerKilled: Scenario = {
  name: 'follower-killed',
  title: 'a follower in the ISR is killed and comes back half a minute later',
  governedBy: [...SESSION_KEYS, 'acks'],
  schedule: () => [{ at: BEGIN, for: 30_000, fault: { kind: 'kill', broker: 'follower' } }],
  lasts: (given) => BEGIN + given.ms(sessionKey(given)) + 40_000,
  expects: (given) => {
    const span = untilKnown(given, untilFenced(given));
    return {
      ...allWait(given, span, false, 'nothing is committed before the dead member is fenced out of the ISR'),
      ...(given.settings.kafka.acks === 'all' ? {} : { producers: NOTHING }),
    };
  },
};

/** Votes, and what a new active controller does first; the quorum itself is not simulated (ms). */
const VOTING = 500;
const failover = ({ ms }: Given): number => ms('controller.quorum.fetch.timeout.ms') + VOTING;

export const controllerLost: Scenario = {
  name: 'controller-election',
  title: 'the active controller is lost, another takes over',
  governedBy: ['controller.quorum.fetch.timeout.ms'],
  schedule: (given) => [{ at: BEGIN, for: failover(given), fault: { kind: 'ctrl' } }],
  lasts: () => 60_000,
  expects: () => ({
    producers: NOTHING,
    consumers: NOTHING,
    because: 'leaders lead on without a controller; only changes wait for it',
  }),
};

export const controllerAndLeaderLost: Scenario = {
  name: 'controller-and-leader',
  title: 'the active controller and the leader are lost at once',
  governedBy: ['controller.quorum.fetch.timeout.ms', ...SESSION_KEYS],
  schedule: (given) => [
    { at: BEGIN, for: failover(given), fault: { kind: 'ctrl' } },
    { at: BEGIN, for: 40_000, fault: { kind: 'kill', broker: 'leader' } },
  ],
  lasts: (given) => BEGIN + given.ms(sessionKey(given)) + 50_000,
  expects: (given) => {
    if (usesZooKeeper(given)) {
      return allWait(
        given,
        untilKnown(given, untilFenced(given)),
        true,
        'ZooKeeper keeps the sessions: zookeeper.session.timeout.ms runs on, whoever is the controller',
      );
    }
    const session = given.ms('broker.session.timeout.ms');
    return allWait(
      given,
      untilKnown(given, plus([session, session], failover(given))),
      true,
      'a controller is elected, and gives every broker a full broker.session.timeout.ms anew',
    );
  },
};

export const ELECTIONS: readonly Scenario[] = [
  healthy,
  leaderKilled,
  leaderStopped,
  followerKilled,
  controllerLost,
  controllerAndLeaderLost,
];
