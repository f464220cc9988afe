/** Brokers that are restarted one after the other, as in an upgrade. */
import { rollingKill, rollingRestart, sessionForgetsEpoch, type Schedule } from '../../model/index.ts';
import { allWait, SESSION_KEYS, sessionKey, untilFenced, untilKnown } from './derived.ts';
import type { Given, Scenario } from './scenario.ts';

const BEGIN = 10_000;
const DOWN = 5_000;
/** From one start to the next stop: time to come back into the ISR. */
const TO_COME_BACK = 15_000;
const EVERY = 2 * TO_COME_BACK;

const brokersOf = ({ settings }: Given): number[] => Array.from({ length: settings.brokers }, (_, id) => id);

/** Longer than its session, so that each is found dead. */
const killedFor = (given: Given): number => given.ms(sessionKey(given)) + 6_000;

const lasts = ({ settings }: Given): number => BEGIN + settings.brokers * EVERY;

export const rollingRestartOfBrokers: Scenario = {
  name: 'rolling-restart-brokers',
  title: 'each broker is stopped cleanly and started again, one after the other',
  governedBy: ['broker.heartbeat.interval.ms', 'retry.backoff.ms'],
  schedule: (given): Schedule => rollingRestart(brokersOf(given), { at: BEGIN, down: DOWN, every: EVERY }),
  lasts,
  expects: (given) =>
    sessionForgetsEpoch(given)
      ? allWait(
          given,
          untilKnown(given, [0, DOWN]),
          true,
          'each hands its leadership over before it stops, but a fetch of before that is handled late brings it back ' +
            'into the ISR (KAFKA-9338), and all wait until it is there again',
        )
      : allWait(
          given,
          untilKnown(given, [0, 0]),
          true,
          'each hands its leadership over before it stops, and leaves the ISR without a timeout',
        ),
};

export const rollingKillOfBrokers: Scenario = {
  name: 'rolling-kill-brokers',
  title: 'the same, but killed instead of asked',
  governedBy: SESSION_KEYS,
  schedule: (given): Schedule =>
    rollingKill(brokersOf(given), {
      at: BEGIN,
      down: killedFor(given),
      every: killedFor(given) + TO_COME_BACK,
    }),
  lasts: (given) => BEGIN + given.settings.brokers * (killedFor(given) + TO_COME_BACK),
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, untilFenced(given)),
      true,
      `each costs a ${sessionKey(given)}: as leader nobody serves, as follower nothing is committed`,
    ),
};

export const RESTARTS: readonly Scenario[] = [rollingRestartOfBrokers, rollingKillOfBrokers];
