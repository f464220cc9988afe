/** Runs timed cases: one machine and one checker per configuration, made when it is first met. */
import {
  configOf,
  createMachine,
  Simulator,
  timedBudgets,
  timingOf,
  type ActionCode,
  type Config,
  type Machine,
  type Settings,
  type State,
  type Step,
  type TimedRun,
} from '../model/index.ts';
import { Checker, type Finding } from './checker.ts';
import { unmet, type Unmet } from './eventually.ts';
import type { TimedCase } from './generate/schedules.ts';
import { streamsOf } from './generate/streams.ts';
import type { Property } from './property.ts';

/** How far a timed run may go. */
export interface TimedLimits {
  /** The longest run, in actions. */
  readonly actions: number;
  /** How long after the last fault was undone it may go on (ms of virtual time). */
  readonly convergence: number;
}

/** Long enough for every default timeout of Kafka, several times over. */
export const TIMED_LIMITS: TimedLimits = { actions: 20_000, convergence: 900_000 };

export interface TimedOutcome {
  readonly machine: Machine;
  readonly run: TimedRun;
  readonly findings: readonly Finding[];
  /** Offsets that were committed. */
  readonly committed: number;
  /** What had to come about and did not; undefined where the run says nothing about that. */
  readonly unmet: readonly Unmet[] | undefined;
}

/**
 * The machine's configuration for timed runs under these settings, which is also what a trace of such a run needs:
 * the schedule bounds the faults, the machine's budgets only say which kinds there are. Throws where the settings
 * make no configuration.
 */
export function timedConfig(settings: Settings): Config {
  const config = configOf(timedSettings(settings));
  if ('error' in config) throw new RangeError(config.error);
  return config;
}

/** The settings behind `timedConfig`. */
export const timedSettings = (settings: Settings): Settings => ({
  ...settings,
  faults: { ...settings.faults, budgets: timedBudgets(settings.faults.budgets) },
});

/** Hears of each step, taken at `time` (ms). */
export type OnTimedStep = (code: ActionCode, before: State, step: Step, time: number) => void;

interface Bench {
  readonly machine: Machine;
  readonly simulator: Simulator;
  readonly checker: Checker;
}

export class TimedRuns {
  private readonly properties: readonly Property[];
  private readonly limits: TimedLimits;
  private readonly benches = new Map<string, Bench>();

  constructor(properties: readonly Property[], limits: TimedLimits = TIMED_LIMITS) {
    this.properties = properties;
    this.limits = limits;
  }

  /** The machine that runs under these settings are runs of. */
  machineFor(settings: Settings): Machine {
    return this.bench(settings).machine;
  }

  /**
   * One run. It ends early at a finding that `stopsAt` names; `onStep` hears of each step. Throws where the settings
   * make no configuration.
   */
  run(
    timed: TimedCase,
    stopsAt: (property: string) => boolean,
    onStep: OnTimedStep = () => undefined,
  ): TimedOutcome {
    const { machine, simulator, checker } = this.bench(timed.settings);
    checker.restart();
    const plan = {
      timing: timingOf(timed.settings.kafka),
      schedule: timed.schedule,
      workload: timed.workload,
      ...this.limits,
    };
    const run = simulator.run(streamsOf(timed.seed), plan, (before, step, code, time) => {
      onStep(code, before, step, time);
      return checker.look(before, step) && checker.findings.some(({ property }) => stopsAt(property));
    });
    return {
      machine,
      run,
      findings: checker.findings.slice(),
      committed: checker.observedOfAll().reduce((sum, { commits }) => sum + commits.length, 0),
      unmet: unmet(machine.model, run, checker.observedOfAll()),
    };
  }

  /** Ids of the witnesses met in any run, in alphabetical order. */
  witnessesMet(): string[] {
    const met = [...this.benches.values()].flatMap(({ checker }) => checker.witnessesMet());
    return [...new Set(met)].sort();
  }

  private bench(settings: Settings): Bench {
    // Settings that differ in their times alone share a machine.
    const config = timedConfig(settings);
    const key = JSON.stringify(config);
    const known = this.benches.get(key);
    if (known !== undefined) return known;
    const machine = createMachine(config);
    const bench = {
      machine,
      simulator: new Simulator(machine),
      checker: new Checker(machine, this.properties),
    };
    this.benches.set(key, bench);
    return bench;
  }
}
