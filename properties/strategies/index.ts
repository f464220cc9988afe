/** Ways to look for breaks, side by side; each makes any run again from its seed. */
import { Actors, drive, Pos, walk, type ActionCode, type Machine } from '../../model/index.ts';
import {
  TimedCampaign,
  WalkCampaign,
  type Campaign,
  type Driver,
  type Found,
  type Runs,
  type Tally,
} from '../campaign.ts';
import { drawWeights } from '../generate/walks.ts';
import { exchanges } from './exchanges.ts';
import { ScheduledRuns, type Schedule } from './schedules.ts';

export const STRATEGIES = ['random', 'walk', 'timed', 'patterns', 'pos', 'exchanges', 'seeded'] as const;
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
      'the same with a named pattern: rolling restarts, a flapping leader or link, a cluster without power',
    driver: 'timed',
  },
  pos: { about: 'actions by priority, drawn anew for those that race (POS)', driver: 'pos' },
  exchanges: {
    about: 'exchanges that mostly go through at once; now and then something is left under way',
    driver: 'exchanges',
  },
  seeded: { about: 'a walk that goes on from somewhere within a saved run', driver: 'walk' },
};

/** Runs of one strategy under one configuration. */
export interface StrategyRuns {
  /** The run of this seed; what it broke, if anything. `number` is only passed on. */
  runFrom(seed: number, number: number): Found | undefined;
  tally(): Tally;
}

/** Runs to begin from; not every action need be enabled when its turn comes. */
export type Starts = readonly (readonly ActionCode[])[];

/** What `fuzz` goes by, who takes turns in this order. */
export const DRIVERS: readonly Driver[] = ['walk', 'pos', 'exchanges', 'timed'];

/** Throws a RangeError where the settings make no configuration. */
export function runsOf(driver: Driver, campaign: Campaign): Runs {
  switch (driver) {
    case 'walk':
      return new WalkCampaign(campaign);
    case 'pos':
      return new ScheduledRuns(campaign, pos);
    case 'exchanges':
      return new ScheduledRuns(campaign, exchanges);
    case 'timed':
      return new TimedCampaign(campaign);
  }
}

/** Throws a RangeError where the settings make no configuration. */
export function strategyRuns(name: StrategyName, campaign: Campaign, starts: Starts = []): StrategyRuns {
  switch (name) {
    case 'random':
      return new WalkCampaign(campaign, { profile: 'even' });
    case 'walk':
    case 'timed':
    case 'pos':
    case 'exchanges':
      return runsOf(name, campaign);
    case 'patterns':
      return new TimedCampaign(campaign, { named: true });
    case 'seeded':
      return new ScheduledRuns(campaign, (machine) => seeded(machine, starts));
  }
}

function pos(machine: Machine): Schedule {
  const actors = new Actors(machine);
  return ({ chooser, actions, begin, watch }) => {
    begin();
    return drive(machine, new Pos(actors, chooser), actions, watch);
  };
}

function seeded(machine: Machine, starts: readonly (readonly ActionCode[])[]): Schedule {
  return ({ chooser, actions, begin, watch }) => {
    begin();
    const start = starts.length === 0 ? [] : (starts[chooser.below(starts.length)] ?? []);
    const prefix = start.slice(0, chooser.below(start.length + 1));
    return walk(machine, chooser, { weights: drawWeights(chooser, machine), actions, prefix }, watch);
  };
}
