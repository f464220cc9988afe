/** Disks and power. */
import { commitNeedsMinIsr } from '../../model/index.ts';
import { withSpreading, untilFenced } from './derived.ts';
import type { Scenario } from './scenario.ts';

const BEGIN = 10_000;

const DOWN = 30_000;

export const lostRack: Scenario = {
  name: 'lost-rack',
  title: 'of three racks the one with the leader loses power, and what was not flushed, for half a minute',
  set: ['broker.rack=a,b,c'],
  governedBy: ['broker.rack', 'broker.session.timeout.ms', 'broker.heartbeat.interval.ms'],
  schedule: () => [{ at: BEGIN, for: DOWN, fault: { kind: 'rack', broker: 'leader', lost: 5 } }],
  lasts: ({ ms }) => BEGIN + ms('broker.session.timeout.ms') + 40_000,
  expects: (given) => ({
    producers: withSpreading(untilFenced(given)),
    consumers: withSpreading(untilFenced(given)),
    because: 'two racks have everything that was committed and go on after broker.session.timeout.ms',
    duplicates: 'any',
  }),
};

export const lostRackOfTwo: Scenario = {
  name: 'lost-rack-of-two',
  title: 'the same with two racks for three replicas: two replicas are gone at once',
  set: ['broker.rack=a,a,b'],
  governedBy: ['broker.rack', 'min.insync.replicas', 'broker.session.timeout.ms'],
  schedule: () => [{ at: BEGIN, for: DOWN, fault: { kind: 'rack', broker: 'leader', lost: 5 } }],
  lasts: () => BEGIN + DOWN + 40_000,
  expects: (given) => {
    const { settings, rules, ms } = given;
    const fenced = untilFenced(given);
    const writes = ms('min.insync.replicas') <= 1 || settings.kafka.acks !== 'all';
    const reads = writes || commitNeedsMinIsr({ rules });
    const span = withSpreading(writes ? fenced : [DOWN, DOWN]);
    return {
      producers: span,
      // Before 3.7 what both replicas had is committed by the one that is left, and read.
      consumers: reads ? span : withSpreading([DOWN - fenced[1] - 300, DOWN]),
      because: 'the one replica left is below min.insync.replicas: nothing is written until power is back',
      duplicates: 'any',
    };
  },
};

export const STORAGE: readonly Scenario[] = [lostRack, lostRackOfTwo];
