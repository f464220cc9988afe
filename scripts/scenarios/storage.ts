/** Disks and power. */
import { commitNeedsMinIsr } from '../../model/index.ts';
import { untilFenced, untilGivenUp, untilKnown } from './derived.ts';
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
  governedBy: ['broker.rack', 'request.timeout.ms', 'broker.session.timeout.ms'],
  schedule: () => [{ at: BEGIN, for: DOWN, fault: { kind: 'rack', broker: 'leader', lost: 5 } }],
  lasts: () => BEGIN + DOWN + 30_000,
  expects: (given) => {
    const span = untilKnown(given, untilNoticed(given));
    return {
      producers: span,
      consumers: span,
      because:
        'another leads after broker.session.timeout.ms, but nothing resets the connections to a dead machine: ' +
        'clients wait until request.timeout.ms',
      duplicates: 'any',
    };
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
    const writes = ms('min.insync.replicas') <= 1 || settings.kafka.acks !== 'all';
    const [least, most] = writes ? untilNoticed(given) : [DOWN, DOWN];
    // Before 3.7 what both replicas had is committed by the one that is left, and read.
    const reads = writes || commitNeedsMinIsr({ rules }) ? 0 : DOWN / 2 + 300;
    return {
      producers: untilKnown(given, [least, most]),
      consumers: untilKnown(given, [least - reads, most]),
      because: 'the one replica left is below min.insync.replicas: nothing is written until power is back',
      duplicates: 'any',
    };
  },
};

export const STORAGE: readonly Scenario[] = [lostRack, lostRackOfTwo];
