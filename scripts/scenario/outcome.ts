/** What a scenario has shown, as data: the JSON document and the report read the same value. */
import type { KafkaValue, Settings } from '../../model/index.ts';
import { meansSomething, type Expected, type Scenario } from '../scenarios/index.ts';
import type { Judged } from './judge.ts';
import { givenBy, type ScenarioRun } from './run.ts';

export interface ScenarioOutcome {
  readonly scenario: Scenario;
  readonly settings: Settings;
  readonly expected: Expected;
  readonly judged: Judged;
  readonly seeds: readonly number[];
  /** Where a single run was asked for, that run. */
  readonly single: ScenarioRun | undefined;
  /** File that its trace was saved to. */
  readonly trace: string | undefined;
}

/** The settings that govern the times, under Kafka's names. */
export function governing({ scenario, settings }: ScenarioOutcome): Readonly<Record<string, KafkaValue>> {
  const { rules } = givenBy(settings);
  const keys = scenario.governedBy.filter((key) => meansSomething(key, rules));
  return Object.fromEntries(keys.map((key) => [key, settings.kafka[key]]));
}

export function jsonOf(outcome: ScenarioOutcome): object {
  const { scenario, settings, expected, judged, seeds, single, trace } = outcome;
  return {
    name: scenario.name,
    title: scenario.title,
    verdict: judged.verdict,
    ...(judged.unexpected.length === 0 ? {} : { unexpected: judged.unexpected }),
    runs: seeds.length,
    standstill: { producers: judged.producers, consumers: judged.consumers },
    asUsualAfter: judged.asUsualAfter,
    records: judged.fates,
    broken: judged.broken,
    expected,
    governedBy: governing(outcome),
    release: settings.release,
    ...(single === undefined ? {} : { run: singleOf(single) }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function singleOf({ seed, faultAt, measured }: ScenarioRun): object {
  const { outcome, fates, producers, consumers, asUsualAt, metrics } = measured;
  return {
    seed,
    ...(faultAt === undefined ? {} : { faultAt }),
    ...(asUsualAt === undefined ? {} : { asUsualAt }),
    endedAt: outcome.run.endedAt,
    actions: outcome.run.actions.length,
    records: fates,
    producers: producers.standstills,
    consumers: consumers.standstills,
    metrics,
  };
}
