/** A number of runs against one configuration, each repeatable from the campaign's seed and its own number. */
import fc from 'fast-check';
import {
  ACTIONS,
  configOf,
  createMachine,
  type ActionCode,
  type Config,
  type Settings,
} from '../model/index.ts';
import { Checker, type Finding } from './checker.ts';
import { timedCases, type TimedCase, type TimedCaseOptions } from './generate/schedules.ts';
import { TimedRuns, timedSettings } from './timed.ts';
import { walks, type OnStep, type Profile, type Run } from './generate/walks.ts';
import type { Property } from './property.ts';
import { WITNESSES } from './witnesses.ts';

export interface Campaign {
  readonly settings: Settings;
  readonly properties: readonly Property[];
  readonly seed: number;
  /** The longest run, in actions. */
  readonly actions: number;
  /** Findings of these do not end a run; they are reported all the same. */
  readonly tolerated: ReadonlySet<string>;
  /** Hears of every step of every run. */
  readonly onStep?: OnStep | undefined;
}

/** What a number of runs has shown so far. */
export interface Tally {
  runs: number;
  /** Actions taken, all runs together. */
  actions: number;
  /** By kind of action. */
  readonly taken: Readonly<Record<string, number>>;
  readonly witnesses: { readonly met: readonly string[]; readonly unmet: readonly string[] };
}

/** A run, and what broke along it. */
export interface Found {
  /** Number of the run within the campaign, from 0. */
  readonly run: number;
  /** Under which the actions replay. */
  readonly settings: Settings;
  readonly actions: readonly ActionCode[];
  readonly findings: readonly Finding[];
}

/** Seed of one run: any run of a campaign can be had again without those before it. */
export function runSeed(seed: number, run: number): number {
  let mixed = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(run + 1, 0xc2b2_ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x27d4_eb2f);
  return mixed ^ (mixed >>> 13);
}

/** Findings that end a run: broken guarantees and promises, unless they are tolerated. */
export function stopsAtOf({ properties, tolerated }: Campaign): (property: string) => boolean {
  const lemmas = new Set(properties.filter(({ kind }) => kind === 'lemma').map(({ id }) => id));
  return (property) => !lemmas.has(property) && !tolerated.has(property);
}

/** Whether the run broke something that is not to be overlooked. */
const broke = ({ findings }: Found, { tolerated }: Campaign): boolean =>
  findings.some(({ property }) => !tolerated.has(property));

/** Counts each step, and tells whoever else wants to know. */
function listenerOf({ onStep }: Campaign, { count }: Counter): OnStep {
  if (onStep === undefined) return count;
  return (code, before, step) => {
    count(code, before, step);
    onStep(code, before, step);
  };
}

/** Counts what the runs of a campaign do. */
export class Counter {
  private readonly counts = new Float64Array(ACTIONS.length);
  private runs = 0;
  private steps = 0;

  readonly count: OnStep = (code) => {
    const kind = code & 0xff;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.steps++;
  };

  ended(): void {
    this.runs++;
  }

  /** Of all runs together. */
  get actions(): number {
    return this.steps;
  }

  tally(config: Config, met: readonly string[]): Tally {
    const possible = WITNESSES.filter((witness) => witness.possible(config)).map(({ id }) => id);
    return {
      runs: this.runs,
      actions: this.steps,
      taken: Object.fromEntries(
        ACTIONS.map(({ kind }, index) => [kind, this.counts[index] ?? 0] as const).filter(
          ([, count]) => count > 0,
        ),
      ),
      witnesses: { met, unmet: possible.filter((id) => !met.includes(id)) },
    };
  }
}

function configFor(settings: Settings): Config {
  const config = configOf(settings);
  if ('error' in config) throw new RangeError(config.error);
  return config;
}

/** Random walks over one configuration. */
export class WalkCampaign {
  private readonly counter = new Counter();
  private readonly checker: Checker;
  private readonly arbitrary: fc.Arbitrary<Run>;
  private readonly campaign: Campaign;
  private readonly config: Config;

  /** Throws a RangeError where the settings make no configuration. */
  constructor(campaign: Campaign, { profile }: { readonly profile?: Profile } = {}) {
    this.campaign = campaign;
    this.config = configFor(campaign.settings);
    const machine = createMachine(this.config);
    this.checker = new Checker(machine, campaign.properties);
    this.arbitrary = walks(
      machine,
      this.checker,
      campaign.actions,
      stopsAtOf(campaign),
      listenerOf(campaign, this.counter),
      profile,
    );
  }

  /** Does one run; gives what it broke, if anything. */
  run(number: number): Found | undefined {
    return this.runFrom(runSeed(this.campaign.seed, number), number);
  }

  /** The same from a seed of its own. */
  runFrom(seed: number, number: number): Found | undefined {
    const taken = this.take(number, seed);
    this.counter.ended();
    return broke(taken, this.campaign) ? taken : undefined;
  }

  /** The run of that number, whatever it breaks. */
  take(number: number, seed = runSeed(this.campaign.seed, number)): Found {
    const { settings } = this.campaign;
    const [run] = fc.sample(this.arbitrary, { numRuns: 1, seed });
    if (run === undefined) throw new Error('fast-check gave no run');
    return { run: number, settings, actions: run.actions, findings: run.findings };
  }

  /** Taken in all runs so far. */
  get actions(): number {
    return this.counter.actions;
  }

  tally(): Tally {
    return this.counter.tally(this.config, this.checker.witnessesMet());
  }
}

/** Faults of one schedule besides those of a named pattern, and the time before which they begin (ms). */
const SCHEDULE = { faults: 6, horizon: 60_000 } as const;

/** Timed simulations of generated fault schedules; what has to come about after the healing is looked at too. */
export class TimedCampaign {
  private readonly counter = new Counter();
  private readonly runs: TimedRuns;
  private readonly arbitrary: fc.Arbitrary<TimedCase>;
  private readonly campaign: Campaign;
  private readonly config: Config;
  private readonly stopsAt: (property: string) => boolean;
  private readonly onStep: OnStep;

  /** Throws a RangeError where the settings make no configuration. */
  constructor(campaign: Campaign, only: Pick<TimedCaseOptions, 'named'> = {}) {
    this.campaign = campaign;
    this.config = configFor(campaign.settings);
    this.runs = new TimedRuns(campaign.properties);
    this.arbitrary = timedCases({ settings: campaign.settings, varies: false, ...SCHEDULE, ...only });
    this.stopsAt = stopsAtOf(campaign);
    this.onStep = listenerOf(campaign, this.counter);
  }

  /** Does one run; gives what it broke or left undone, if anything. */
  run(number: number): Found | undefined {
    return this.runFrom(runSeed(this.campaign.seed, number), number);
  }

  /** The same from a seed of its own. */
  runFrom(seed: number, number: number): Found | undefined {
    const taken = this.take(number, seed);
    this.counter.ended();
    return broke(taken, this.campaign) ? taken : undefined;
  }

  /** The run of that number, whatever it breaks or leaves undone. */
  take(number: number, seed = runSeed(this.campaign.seed, number)): Found {
    const [timed] = fc.sample(this.arbitrary, { numRuns: 1, seed });
    if (timed === undefined) throw new Error('fast-check gave no schedule');
    const { run, findings, unmet } = this.runs.run(timed, this.stopsAt, this.onStep);
    const undone = (unmet ?? []).map((evidence) => ({ ...evidence, step: run.actions.length }));
    const settings = timedSettings(timed.settings);
    return { run: number, settings, actions: run.actions, findings: [...findings, ...undone] };
  }

  /** Taken in all runs so far. */
  get actions(): number {
    return this.counter.actions;
  }

  tally(): Tally {
    return this.counter.tally(this.config, this.runs.witnessesMet());
  }
}

/** Who picks the next action of a campaign. */
export type Driver = 'walk' | 'pos' | 'exchanges' | 'timed';

/** Runs of all drivers look the same from outside. */
export type Runs = Pick<WalkCampaign, 'run' | 'runFrom' | 'take' | 'tally' | 'actions'>;
