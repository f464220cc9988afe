/** What a campaign is about: targets as data, by default those of targets.json. */
import { z } from 'zod';
import {
  configOf,
  defaultSettings,
  FAULT_CLASSES,
  faultsOfClass,
  KAFKA_KEY_NAMES,
  RELEASE_NAMES,
  type FaultClass,
  type KafkaSettings,
  type ReleaseName,
  type Settings,
} from '../../model/index.ts';
import { STRATEGIES, type StrategyName } from '../../properties/index.ts';
import { CATALOG } from '../../traces/index.ts';
import { UsageError } from '../exit.ts';
import kept from './targets.json' with { type: 'json' };

/**
 * `clean`: nothing may break but what known.json mutes. `known-bugs`: what newer rules cure may break. `canary`: its
 * property has to be found broken every night, or the night says nothing.
 */
export type Expectation = 'clean' | 'known-bugs' | 'canary';

export interface Target {
  /** As in `4.1/F1/walk`. */
  readonly id: string;
  readonly settings: Settings;
  readonly strategy: StrategyName;
  /** Its part of the time, against the others. */
  readonly weight: number;
  readonly expects: Expectation;
  /** What a canary has to break. */
  readonly property: string | undefined;
  /** The longest run of a walk, in actions. */
  readonly actions: number;
}

const ACTIONS_A_RUN = 400;
/** How often each kind of fault of a class may happen in a run. */
const EACH = 3;

const oneOf = <const V extends string>(values: readonly V[]): z.ZodEnum<{ [K in V]: K }> =>
  z.enum(values, `must be one of ${values.join(', ')}`);
const weight = z.int('must be a whole number, 1 to 1000').min(1).max(1000);
const strategies = z.array(oneOf(STRATEGIES)).min(1).max(STRATEGIES.length);

const wide = z.strictObject({
  releases: z.union(
    [z.literal('every'), z.array(oneOf(RELEASE_NAMES)).min(1)],
    'must be "every" or a list of releases',
  ),
  faults: z.array(oneOf(FAULT_CLASSES)).min(1),
  expects: oneOf(['clean', 'known-bugs']),
  kafka: z.partialRecord(oneOf(KAFKA_KEY_NAMES), z.union([z.string(), z.number(), z.boolean()])).optional(),
  strategies: strategies.optional(),
  weight,
});
const canary = z.strictObject({
  canary: oneOf(CATALOG.filter(({ property }) => property !== null).map(({ name }) => name)),
  strategies,
  weight,
});
const campaignSchema = z.strictObject({
  /** Weights of the strategies of every target that names none. */
  strategies: z.partialRecord(oneOf(STRATEGIES), weight),
  targets: z
    .array(z.union([canary, wide], 'must be a target or a canary'))
    .min(1)
    .max(1000),
});
type CampaignData = z.infer<typeof campaignSchema>;

/** A release without repairs of its own: one that people run. */
const isShipped = (release: ReleaseName): boolean => !release.endsWith('-repaired');

/** The targets that data from a file come to. Throws a UsageError that names `source` and what is wrong. */
export function targetsFrom(data: unknown, source: string): readonly Target[] {
  const parsed = campaignSchema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${source}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no campaign'}`);
  }
  const targets = expanded(parsed.data);
  const ids = targets.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new UsageError(`${source}: ${twice} is there twice`);
  for (const { id, settings } of targets) {
    const config = configOf(settings);
    if ('error' in config) throw new UsageError(`${source}: ${id}: ${config.error}`);
  }
  return targets;
}

/** The campaign that is run where nobody names another. */
export const DEFAULT_TARGETS: unknown = kept;

function expanded({ strategies: shares, targets }: CampaignData): Target[] {
  return targets.flatMap((entry): Target[] => {
    if ('canary' in entry)
      return entry.strategies.map((strategy) => canaryOf(entry.canary, strategy, entry.weight));
    const names = entry.releases === 'every' ? RELEASE_NAMES.filter(isShipped) : entry.releases;
    const used = entry.strategies ?? STRATEGIES.filter((name) => shares[name] !== undefined);
    return names.flatMap((release) =>
      entry.faults.flatMap((faults) =>
        used.map((strategy): Target => {
          const changed = Object.entries(entry.kafka ?? {}).map(([key, value]) => `,${key}=${String(value)}`);
          return {
            id: `${release}/${faults}${changed.join('')}/${strategy}`,
            settings: settingsOf(release, faults, entry.kafka ?? {}),
            strategy,
            weight: entry.weight * (shares[strategy] ?? 1),
            expects: entry.expects,
            property: undefined,
            actions: ACTIONS_A_RUN,
          };
        }),
      ),
    );
  });
}

function settingsOf(release: ReleaseName, faults: FaultClass, changed: Partial<KafkaSettings>): Settings {
  const kafka = {
    ...defaultSettings.kafka,
    ...changed,
    ...(faults === 'U' ? { 'unclean.leader.election.enable': true } : {}),
  };
  return {
    ...defaultSettings,
    release,
    kafka,
    faults: faultsOfClass(faults, Number(kafka['min.insync.replicas']), EACH),
  };
}

function canaryOf(name: string, strategy: StrategyName, share: number): Target {
  const entry = CATALOG.find((known) => known.name === name);
  if (entry === undefined || entry.property === null) throw new Error(`no canary ${name}`);
  return {
    id: `canary/${name}/${strategy}`,
    settings: entry.settings,
    strategy,
    weight: share,
    expects: 'canary',
    property: entry.property,
    actions: entry.actions,
  };
}

/** The targets that one of the patterns names; `*` stands for anything. Throws a UsageError for a pattern without any. */
export function chosen(targets: readonly Target[], patterns: readonly string[]): readonly Target[] {
  const tests = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const test = new RegExp(`^${parts.join('.*')}$`);
    if (!targets.some(({ id }) => test.test(id))) {
      throw new UsageError(`--targets ${pattern}: no such target; --list names them all`);
    }
    return test;
  });
  return tests.length === 0 ? targets : targets.filter(({ id }) => tests.some((test) => test.test(id)));
}
