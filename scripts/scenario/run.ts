/** Runs a scenario under given settings, once for each seed. */
import {
  parseFaults,
  rulesOf,
  scheduleEnd,
  type KafkaKey,
  type Schedule,
  type Settings,
} from '../../model/index.ts';
import { measure, PROPERTIES, TIMED_LIMITS, TimedRuns, type Measured } from '../../properties/index.ts';
import type { Given, Scenario } from '../scenarios/index.ts';

/** Applications hand over a record every so often (ms), and metrics are sampled. */
const PACE = 250;
export const SAMPLE_EVERY = 1_000;
/** Past the settling of a cluster that has just begun. */
const FIRST_RECORD = 1_000;
/** The longest run, in actions: the longest trace, too. */
const ACTIONS = 100_000;

export interface ScenarioRun {
  readonly seed: number;
  readonly settings: Settings;
  /** When the first fault begins (ms), or undefined without faults. */
  readonly faultAt: number | undefined;
  readonly measured: Measured;
}

/** What the scenario and its schedule reckon with. */
export function givenBy(settings: Settings): Given {
  const rules = rulesOf(settings.release, settings.rules);
  if ('error' in rules) throw new RangeError(rules.error);
  const ms = (key: KafkaKey): number => settings.kafka[key] as number;
  return { settings, rules, ms };
}

/** The kinds of fault that a schedule needs; the periodic election of preferred leaders is always allowed. */
function faultsOf(schedule: Schedule): Settings['faults'] {
  const kinds = new Set([
    'move',
    ...schedule.map(({ fault }) => fault.kind).filter((kind) => kind !== 'slow'),
  ]);
  const faults = parseFaults([...kinds].join(','), 1, 1);
  if ('error' in faults) throw new RangeError(faults.error);
  return faults;
}

/** The settings of its runs: with the faults of its schedule, and as many records as applications hand over. */
export function settingsOfRuns(scenario: Scenario, settings: Settings): Settings {
  const given = givenBy(settings);
  const schedule = scenario.schedule(given);
  const lasts = Math.max(scenario.lasts(given), scheduleEnd(schedule));
  return {
    ...settings,
    faults: faultsOf(schedule),
    records: Math.ceil((lasts - FIRST_RECORD) / PACE),
  };
}

/** The runs of a scenario. Machines and checkers are kept from one seed to the next. */
export class ScenarioRuns {
  private readonly runs = new TimedRuns(PROPERTIES, { ...TIMED_LIMITS, actions: ACTIONS });
  private readonly schedule: Schedule;
  private readonly settings: Settings;

  constructor(scenario: Scenario, settings: Settings) {
    this.schedule = scenario.schedule(givenBy(settings));
    this.settings = settingsOfRuns(scenario, settings);
  }

  run(seed: number): ScenarioRun {
    const { schedule, settings } = this;
    const workload = Array.from({ length: settings.producers }, () => ({ start: FIRST_RECORD, every: PACE }));
    const measured = measure(this.runs, { seed, settings, schedule, workload }, SAMPLE_EVERY);
    const begins = schedule.map(({ at }) => at);
    return {
      seed,
      settings,
      faultAt: begins.length === 0 ? undefined : Math.min(...begins),
      measured,
    };
  }
}
