/** Brokers that are restarted one after the other, as in an upgrade. */
import { rollingKill, rollingRestart, type Schedule } from '../../model/index.ts';
import { allWait, untilFenced, untilKnown } from './derived.ts';
import type { Given, Scenario } from './scenario.ts';

const BEGIN = 10_000;
const DOWN = 5_000;
/** From one broker to the next: time to come back into the ISR. */
const EVERY = 30_000;

const brokersOf = ({ settings }: Given): number[] => Array.from({ length: settings.brokers }, (_, id) => id);

const lasts = ({ settings }: Given): number => BEGIN + settings.brokers * EVERY;

export const rollingRestartOfBrokers: Scenario = {
  name: 'rolling-restart-brokers',
  title: 'each broker is stopped cleanly and started again, one after the other',
  governedBy: ['broker.heartbeat.interval.ms', 'retry.backoff.ms'],
  schedule: (given): Schedule => rollingRestart(brokersOf(given), { at: BEGIN, down: DOWN, every: EVERY }),
  lasts,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, [0, 0]),
      true,
      'each hands its leadership over before it stops, and leaves the ISR without a timeout',
    ),
};

export const rollingKillOfBrokers: Scenario = {
  name: 'rolling-kill-brokers',
  title: 'the same, but killed instead of asked',
  governedBy: ['broker.session.timeout.ms', 'broker.heartbeat.interval.ms'],
  schedule: (given): Schedule =>
    rollingKill(brokersOf(given), { at: BEGIN, down: 2 * DOWN + 5_000, every: EVERY }),
  lasts,
  expects: (given) =>
    allWait(
      given,
      untilKnown(given, untilFenced(given)),
      true,
      'each costs a broker.session.timeout.ms: as leader nobody serves, as follower nothing is committed',
    ),
};

export const RESTARTS: readonly Scenario[] = [rollingRestartOfBrokers, rollingKillOfBrokers];
