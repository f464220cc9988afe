/** Disks and power. */
import { commitNeedsMinIsr, tellsOfFailedDirectory } from '../../model/index.ts';
import { allWait, plus, SESSION_KEYS, sessionKey, untilFenced, untilGivenUp, untilKnown } from './derived.ts';
import type { Given, Scenario, Span } from './scenario.ts';

const BEGIN = 10_000;
const DOWN = 60_000;

/** Nobody resets the connections of a machine without power: clients wait for an answer, or for its next start. */
function untilNoticed(given: Given): Span {
  const [patience] = untilGivenUp(given);
  const [, fenced] = untilFenced(given);
  return [Math.min(patience, DOWN) - 300, Math.max(Math.min(patience, DOWN), fenced)];
}

export const lostRack: Scenario = {
  name: 'lost-rack',
  title: 'of three racks the one with the leader loses power, and what was not flushed, for a minute',
  set: ['broker.rack=a,b,c'],
  governedBy: ['broker.rack', 'request.timeout.ms', ...SESSION_KEYS],
  schedule: () => [{ at: BEGIN, for: DOWN, fault: { kind: 'rack', broker: 'leader', lost: 5 } }],
  lasts: () => BEGIN + DOWN + 30_000,
  expects: (given) => {
    return allWait(
      given,
      untilKnown(given, untilNoticed(given)),
      true,
      `another leads after ${sessionKey(given)}, but nothing resets the connections to a dead machine: ` +
        'clients wait until request.timeout.ms',
    );
  },
};

export const lostRackOfTwo: Scenario = {
  name: 'lost-rack-of-two',
  title: 'the same with two racks for three replicas: two replicas are gone at once',
  set: ['broker.rack=a,a,b'],
  governedBy: ['broker.rack', 'min.insync.replicas', 'request.timeout.ms'],
  schedule: () => [{ at: BEGIN, for: DOWN, fault: { kind: 'rack', broker: 'leader', lost: 5 } }],
  lasts: () => BEGIN + DOWN + 30_000,
  expects: (given) => {
    const { settings, rules, ms } = given;
    const enough = ms('min.insync.replicas') <= 1;
    const back: Span = [DOWN, DOWN];
    const [least, most] = enough || !commitNeedsMinIsr({ rules }) ? untilNoticed(given) : back;
    return {
      ...allWait(
        given,
        untilKnown(given, enough || settings.kafka.acks !== 'all' ? untilNoticed(given) : back),
        true,
        'the one replica left is below min.insync.replicas: nothing is written until power is back',
      ),
      // Before 3.7 what both replicas had is committed by the one that is left, and may be read before power is back.
      consumers: untilKnown(given, [least - 300, enough ? most : DOWN]),
    };
  },
};

/** Somebody makes room, and starts the broker again. */
const CLEARED = 60_000;

export const fullDisk: Scenario = {
  name: 'full-disk',
  title: 'the disk of the leader is full: its only log directory fails, and the broker halts for a minute',
  governedBy: ['log.dirs', ...SESSION_KEYS],
  schedule: () => [{ at: BEGIN, for: CLEARED, fault: { kind: 'disk-error', broker: 'leader' } }],
  lasts: () => BEGIN + CLEARED + 30_000,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, untilFenced(given)),
      true,
      `a broker without a log directory halts and tells nobody: as if it were killed, ${sessionKey(given)} since it was last heard of`,
    ),
};

/** With two directories the first has the third partition too, which the broker only follows. */
const takesFollower = ({ settings }: Given): boolean => Number(settings.kafka['num.partitions']) > 2;

/**
 * A leader waits for a follower that was caught up so lately, also once the controller has it out of the ISR. It looks
 * again when something is appended: by then the request of a producer that waits for it has timed out.
 */
const untilNotWaitedFor = ({ settings, ms }: Given): Span => {
  const lag = ms('replica.lag.time.max.ms');
  const patience = ms('request.timeout.ms');
  const until = settings.kafka.acks === 'all' ? Math.ceil(lag / patience) * patience : lag;
  return [until - ms('replica.fetch.wait.max.ms') - 500, until];
};

export const fullDirectory: Scenario = {
  name: 'full-log-directory',
  title: 'the same where brokers have two log directories: only the replica of the leader goes',
  set: ['log.dirs=/a,/b'],
  only: 'kraft',
  governedBy: [
    'log.dirs',
    'retry.backoff.ms',
    'retry.backoff.max.ms',
    'replica.lag.time.max.ms',
    'request.timeout.ms',
  ],
  schedule: () => [{ at: BEGIN, for: CLEARED, fault: { kind: 'disk-error', broker: 'leader' } }],
  lasts: () => BEGIN + CLEARED + 30_000,
  expects: (given) => {
    if (!tellsOfFailedDirectory(given)) {
      return allWait(
        given,
        untilKnown(given, plus(untilFenced(given), CLEARED)),
        true,
        'before 3.7 the controller is not told: the leader serves nobody and leads on until its broker is stopped, ' +
          'and its session ends',
      );
    }
    return takesFollower(given)
      ? {
          ...allWait(
            given,
            untilKnown(given, untilNotWaitedFor(given)),
            true,
            'of the partition that the broker only follows nothing is committed for replica.lag.time.max.ms, and then until ' +
              'something is appended: it is out of the ISR, but not fenced, and leaders wait for such replicas',
          ),
          // With acks=1 a leader alone is enough for producers.
          ...(given.settings.kafka.acks === 'all' ? {} : { producers: untilKnown(given, [0, 0]) }),
        }
      : allWait(
          given,
          untilKnown(given, [0, 0]),
          true,
          'the next heartbeat, sent at once, tells the controller of the directory, and another leads',
        );
  },
};

/** Longer than any timeout of a producer's request. */
const STALLED = 45_000;

export const stalledDisk: Scenario = {
  name: 'stalled-disk',
  title: 'the disk of the leader answers nothing for 45 s, without an error, while heartbeats go on',
  governedBy: ['request.timeout.ms', 'replica.lag.time.max.ms'],
  schedule: () => [{ at: BEGIN, for: STALLED, fault: { kind: 'disk-stall', broker: 'leader' } }],
  lasts: () => BEGIN + STALLED + 40_000,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, [STALLED, STALLED]),
      false,
      'no rule fences a broker whose heartbeats go on: everybody waits until its disk answers',
    ),
};

export const STORAGE: readonly Scenario[] = [lostRack, lostRackOfTwo, fullDisk, fullDirectory, stalledDisk];
