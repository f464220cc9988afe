/** Options that commands share, and the settings that they come to. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  AFTER_FAILURE,
  configOf,
  defaultSettings,
  isReleaseName,
  KAFKA_KEY_NAMES,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  parseFaults,
  parseKafkaValue,
  presetSettings,
  RELEASE_NAMES,
  rulesOf,
  SWITCH_NAMES,
  withIdempotence,
  FAULT_CLASSES,
  FAULT_KINDS,
  type KafkaSettings,
  type KafkaValue,
  type ReleaseName,
  type AfterFailure,
  type Rules,
  type Settings,
} from '../model/index.ts';
import { suggestion } from '../traces/index.ts';
import { UsageError } from './exit.ts';
import { EACH } from './fault-classes.ts';
import { reasonAgainstFile } from './files.ts';

/** Which Kafka, and how many of whom. */
export interface ClusterOptions {
  readonly release: string;
  readonly preset: 'suite' | 'kafka';
  readonly set: readonly string[];
  readonly rule: readonly string[];
  readonly brokers: number;
  readonly producers: number;
  readonly consumers: number;
  readonly afterFailure: AfterFailure;
}

export interface SettingsOptions extends ClusterOptions {
  readonly faults: string;
  readonly records: number;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** A whole number between `min` and `max`, for commander. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A file that is written in the end, for commander: it is refused at once where it cannot be, and not after the work. */
export function fileToWrite(value: string): string {
  const reason = reasonAgainstFile(value);
  if (reason === undefined) return value;
  throw new InvalidArgumentError(`It cannot be written, ${reason}.`);
}

export const releaseOption = (): Option =>
  new Option('--release <name>', `rules of a release: ${RELEASE_NAMES.join(', ')}`);

/** One line for a help: the keys that `--set` takes. */
export const kafkaHelp = (): string => `Kafka keys: ${KAFKA_KEY_NAMES.join(', ')}`;

export const jsonOption = (): Option =>
  new Option('--json', 'one JSON document on standard output').default(false);

/** The release of that name. Throws a UsageError where there is none. */
export function releaseFrom(name: string): ReleaseName {
  if (isReleaseName(name)) return name;
  throw new UsageError(`--release ${name}: unknown release; known are ${RELEASE_NAMES.join(', ')}`);
}

/** What a command takes where nobody says. */
export interface SettingsDefaults {
  readonly faults: string;
  readonly records: number;
}

export function withCluster(command: Command): Command {
  return command
    .addOption(releaseOption().default(defaultSettings.release))
    .addOption(
      new Option('--preset <name>', 'suite: RF 3, min ISR 2, acks=all; kafka: the release’s own defaults')
        .choices(['suite', 'kafka'])
        .default('suite'),
    )
    .option(
      '--set <key=value>',
      'a Kafka setting, as in --set min.insync.replicas=1 (repeatable)',
      collect,
      [],
    )
    .option('--rule <name=value>', 'one rule that differs from the release (repeatable)', collect, [])
    .option('--brokers <n>', 'brokers, 1 to 5', wholeNumber(1, 5), 3)
    .option('--producers <n>', `producers, 0 to ${MAX_PRODUCERS}`, wholeNumber(0, MAX_PRODUCERS), 1)
    .option('--consumers <n>', `consumers, 0 to ${MAX_CONSUMERS}`, wholeNumber(0, MAX_CONSUMERS), 1)
    .addOption(
      new Option(
        '--after-failure <what>',
        'what applications do about a record that failed; sent elsewhere it goes to the last of several partitions',
      )
        .choices(AFTER_FAILURE)
        .default('drop'),
    )
    .addHelpText('after', ['', kafkaHelp(), `Rules: ${SWITCH_NAMES.join(', ')}`].join('\n'));
}

export function withSettings(
  command: Command,
  defaults: SettingsDefaults = { faults: 'F1e', records: defaultSettings.records },
): Command {
  return withCluster(command)
    .option(
      '--faults <list>',
      `a class (${FAULT_CLASSES.join(', ')}) or kinds with budgets, as in kill:1,power-loss:1`,
      defaults.faults,
    )
    .option('--records <n>', 'records that each producer sends', wholeNumber(0, 1000), defaults.records)
    .addHelpText('after', `Fault kinds: ${FAULT_KINDS.join(', ')}`);
}

/** What may have been meant, or where to look. */
function hint(name: string, known: readonly string[]): string {
  const meant = suggestion(name, known);
  return meant === '' ? '; --help lists them all' : meant;
}

/** Splits `name=value`; throws a UsageError that names the option. */
function pair(option: string, text: string): readonly [string, string] {
  const cut = text.indexOf('=');
  if (cut > 0) return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  throw new UsageError(`${option} ${text}: expected name=value`);
}

/**
 * The settings with what `--set` says. `named` are the keys of the base that somebody has asked for. Throws a
 * UsageError for an unknown key or a wrong value.
 */
export function kafkaWith(
  base: KafkaSettings,
  named: readonly string[],
  assignments: readonly string[],
  rules: Rules,
): KafkaSettings {
  const kafka: Record<string, KafkaValue> = { ...base };
  const asked = new Set(named);
  for (const text of assignments) {
    const [key, value] = pair('--set', text);
    if (!KAFKA_KEY_NAMES.some((name) => name === key)) {
      throw new UsageError(`--set ${text}: unknown Kafka key${hint(key, KAFKA_KEY_NAMES)}`);
    }
    const parsed = parseKafkaValue(key, value);
    if (typeof parsed === 'object') throw new UsageError(`--set ${text}: ${parsed.error}`);
    kafka[key] = parsed;
    asked.add(key);
  }
  return withIdempotence(kafka as KafkaSettings, (key) => asked.has(key), rules);
}

function rulesFrom(assignments: readonly string[]): Record<string, string> {
  const pairs = assignments.map((text) => pair('--rule', text));
  const unknown = pairs.find(([name]) => !SWITCH_NAMES.some((known) => known === name));
  if (unknown === undefined) return Object.fromEntries(pairs);
  const [name, value] = unknown;
  throw new UsageError(`--rule ${name}=${value}: unknown rule${hint(name, SWITCH_NAMES)}`);
}

/** The settings that the options come to. Throws a UsageError with one line for whatever is wrong. */
export function settingsFrom(options: SettingsOptions): Settings {
  const release = releaseFrom(options.release);
  const rules = rulesFrom(options.rule);
  const inForce = rulesOf(release, rules);
  if ('error' in inForce) throw new UsageError(`--rule: ${inForce.error}`);
  const kafka = kafkaWith(presetSettings(options.preset, release), [], options.set, inForce);
  const faults = parseFaults(options.faults, kafka['min.insync.replicas'] as number, EACH);
  if ('error' in faults) throw new UsageError(`--faults ${options.faults}: ${faults.error}`);
  // Class U is F0 with unclean election allowed.
  const unclean = options.faults === 'U' || kafka['unclean.leader.election.enable'];
  const settings: Settings = {
    release,
    rules,
    kafka: { ...kafka, 'unclean.leader.election.enable': unclean },
    brokers: options.brokers,
    producers: options.producers,
    consumers: options.consumers,
    records: options.records,
    afterFailure: options.afterFailure,
    faults,
    mutant: [],
  };
  const config = configOf(settings);
  if ('error' in config) throw new UsageError(config.error);
  return settings;
}
