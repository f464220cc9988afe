/** What strategies over the untimed machine have in common: one machine, one checker, runs from seeds. */
import {
  configOf,
  createMachine,
  type ActionCode,
  type Chooser,
  type Config,
  type Machine,
  type Watcher,
} from '../../model/index.ts';
import {
  Counter,
  runSeed,
  stopsAtOf,
  type Campaign,
  type Found,
  type Runs,
  type Tally,
} from '../campaign.ts';
import { Checker } from '../checker.ts';
import { SeededChooser, type Run } from '../generate/walks.ts';

/** What a schedule is made with. */
export interface Stage {
  readonly machine: Machine;
  readonly checker: Checker;
  readonly chooser: Chooser;
  /** The longest run, in actions. */
  readonly actions: number;
  /** Begins a run: nothing observed, nothing broken. */
  readonly begin: () => void;
  /** Looks at a step; true where the run has broken what ends it. */
  readonly watch: Watcher;
}

/** Makes a run; gives its actions. */
export type Schedule = (stage: Stage) => readonly ActionCode[];

/** The second half of a seed of 64 bits. */
const OTHER_HALF = 0x5bd1_e995;

export class ScheduledRuns implements Runs {
  private readonly campaign: Campaign;
  private readonly config: Config;
  private readonly machine: Machine;
  private readonly checker: Checker;
  private readonly counter = new Counter();
  private readonly schedule: Schedule;
  private readonly stopsAt: (property: string) => boolean;

  /** Throws a RangeError where the settings make no configuration. */
  constructor(campaign: Campaign, schedule: (machine: Machine) => Schedule) {
    const config = configOf(campaign.settings);
    if ('error' in config) throw new RangeError(config.error);
    this.campaign = campaign;
    this.config = config;
    this.machine = createMachine(config);
    this.checker = new Checker(this.machine, campaign.properties);
    this.schedule = schedule(this.machine);
    this.stopsAt = stopsAtOf(campaign);
  }

  /** Does one run; gives what it broke, if anything. */
  run(number: number): Found | undefined {
    return this.runFrom(runSeed(this.campaign.seed, number), number);
  }

  /** The same from a seed of its own. */
  runFrom(seed: number, number: number): Found | undefined {
    const taken = this.take(number, seed);
    const { tolerated } = this.campaign;
    return taken.findings.some(({ property }) => !tolerated.has(property)) ? taken : undefined;
  }

  /** The run of that number, whatever it breaks. */
  take(number: number, seed = runSeed(this.campaign.seed, number)): Found {
    return { run: number, settings: this.campaign.settings, ...this.make(seed) };
  }

  /** Taken in all runs so far. */
  get actions(): number {
    return this.counter.actions;
  }

  private make(seed: number): Run {
    const { machine, checker, campaign, counter } = this;
    const begin = (): void => {
      checker.restart();
      counter.ended();
    };
    const watch: Watcher = (before, step, code) => {
      counter.count(code, before, step);
      campaign.onStep?.(code, before, step);
      return checker.look(before, step) && checker.findings.some(({ property }) => this.stopsAt(property));
    };
    const chooser = new SeededChooser(seed, seed ^ OTHER_HALF);
    const actions = this.schedule({ machine, checker, chooser, actions: campaign.actions, begin, watch });
    return { actions, findings: checker.findings.slice() };
  }

  tally(): Tally {
    return this.counter.tally(this.config, this.checker.witnessesMet());
  }
}
