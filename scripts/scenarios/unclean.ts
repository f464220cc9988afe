/** An out-of-sync replica is all that is left. */
import { honoursUncleanSetting } from '../../model/index.ts';
import { allWait, untilKnown } from './derived.ts';
import type { Scenario } from './scenario.ts';

/** The in-sync replicas die one by one, each long enough after the other to be fenced; ids are brokers. */
const KILLS = [
  { broker: 2, at: 10_000 },
  { broker: 1, at: 40_000 },
  { broker: 0, at: 70_000 },
] as const;
/** The one that died first starts first, long before those that were in sync to the end. */
const STALE_BACK = 100_000;
const OTHERS_BACK = 130_000;

export const uncleanElection: Scenario = {
  name: 'unclean-election',
  title: 'all replicas are killed one by one; the one that died first, out of sync, is started first',
  set: ['unclean.leader.election.enable=true', 'min.insync.replicas=1'],
  governedBy: [
    'unclean.leader.election.enable',
    'min.insync.replicas',
    'unclean.leader.election.interval.ms',
  ],
  schedule: () =>
    KILLS.map(({ broker, at }) => ({
      at,
      for: (broker === 2 ? STALE_BACK : OTHERS_BACK) - at,
      fault: { kind: 'kill', broker },
    })),
  lasts: () => OTHERS_BACK + 30_000,
  expects: (given) => {
    const honours = honoursUncleanSetting(given);
    const [, , last] = KILLS;
    const back = honours ? STALE_BACK : OTHERS_BACK;
    const span = untilKnown(given, [back - last.at, back - last.at]);
    if (!honours) {
      return allWait(
        given,
        span,
        true,
        'up to 3.8 a KRaft controller ignores the setting: all wait for the last in-sync replica',
      );
    }
    return {
      ...allWait(
        given,
        span,
        true,
        'nobody leads from the last kill until the stale replica is back, which then leads at once',
      ),
      lost: 'some',
      // A consumer beyond the end of the new leader's log begins anew.
      duplicates: 'any',
      gaps: 'any',
      broken: [
        'agreement',
        'durability/holder',
        'consistent-reads',
        'visible-stays',
        'acked-durable',
        'producer-order',
      ],
    };
  },
};

export const UNCLEAN: readonly Scenario[] = [uncleanElection];
