/** Disks and power. */
import { commitNeedsMinIsr } from '../../model/index.ts';
import { allWait, SESSION_KEYS, sessionKey, untilFenced, untilGivenUp, untilKnown } from './derived.ts';
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

export const STORAGE: readonly Scenario[] = [lostRack, lostRackOfTwo];
