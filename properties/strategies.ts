/** Ways to look for breaks, side by side; each makes any run again from its seed. */
import {
  TimedCampaign,
  WalkCampaign,
  type Campaign,
  type Driver,
  type Found,
  type Tally,
} from './campaign.ts';

export const STRATEGIES = ['random', 'walk', 'timed', 'patterns'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

export interface StrategyInfo {
  /** One line that says how it chooses. */
  readonly about: string;
  /** What a trace says of where it came from. */
  readonly driver: Driver;
}

export const STRATEGY_INFO: Readonly<Record<StrategyName, StrategyInfo>> = {
  random: {
    about: 'plain random: the same chances for every run, protocol steps likelier than faults',
    driver: 'walk',
  },
  walk: { about: 'random walk with a profile of its own for each run (swarm testing)', driver: 'walk' },
  timed: { about: 'timed simulation of generated fault schedules', driver: 'timed' },
  patterns: {
    about:
      'timed simulation of schedules with a named pattern: rolling restarts, flapping leaders or links, a cluster without power',
    driver: 'timed',
  },
};

/** Runs of one strategy under one configuration. */
export interface StrategyRuns {
  /** The run of this seed; what it broke, if anything. `number` is only passed on. */
  runFrom(seed: number, number: number): Found | undefined;
  tally(): Tally;
}

/** Throws a RangeError where the settings make no configuration. */
export function strategyRuns(name: StrategyName, campaign: Campaign): StrategyRuns {
  switch (name) {
    case 'random':
      return new WalkCampaign(campaign, { profile: 'even' });
    case 'walk':
      return new WalkCampaign(campaign);
    case 'timed':
      return new TimedCampaign(campaign);
    case 'patterns':
      return new TimedCampaign(campaign, { named: true });
  }
}
