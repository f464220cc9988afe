/** Options that several commands share, and the settings that they make. */
import { randomInt } from 'node:crypto';
import { Option, type Command } from 'commander';
import {
  configOf,
  FAULT_CLASSES,
  FAULT_KINDS,
  isReleaseName,
  KAFKA_KEY_NAMES,
  KAFKA_KEYS,
  parseFaults,
  parseKafkaValue,
  presetSettings,
  RELEASE_NAMES,
  rulesOf,
  SWITCH_NAMES,
  SWITCHES,
  type FaultSettings,
  type KafkaSettings,
  type KafkaValue,
  type ReleaseName,
  type Settings,
} from '../model/index.ts';
import { suggestion } from '../traces/index.ts';
import { InputError } from './exit.ts';

/** As commander hands them over. */
export interface SettingsOptions {
  readonly release: string;
  readonly preset: string;
  readonly set: readonly string[];
  readonly rule: readonly string[];
  readonly faults: string;
  readonly brokers: string;
  readonly producers: string;
  readonly consumers: string;
  readonly records: string;
}

/** Times that each kind of fault of a class may strike in one run. */
const FAULTS_OF_A_KIND = 3;
const PRESETS = ['suite', 'kafka'] as const;
const LARGEST_SEED = 2 ** 31 - 1;

const collected = (value: string, before: readonly string[]): string[] => [...before, value];

/** Adds the options that say what is run. */
export function addSettingsOptions(command: Command): Command {
  return command
    .addOption(releaseOption().default('4.1'))
    .option('--preset <name>', `Kafka settings to start from: ${PRESETS.join(' or ')}`, 'suite')
    .option('--set <key=value>', 'a Kafka setting, under its own name (repeatable)', collected, [])
    .option('--rule <name=value>', 'a rule that differs from the release (repeatable)', collected, [])
    .option('--faults <list>', `KIND:BUDGET,... or a class (${FAULT_CLASSES.join(', ')}) or none`, 'F1e')
    .option('--brokers <n>', 'brokers', '3')
    .option('--producers <n>', 'producers', '1')
    .option('--consumers <n>', 'consumers', '1')
    .option('--records <n>', 'records that each producer sends', '20');
}

export const releaseOption = (): Option =>
  new Option('--release <name>', `rules of a Kafka release: ${RELEASE_NAMES.join(', ')}`);

export const seedOption = (): Option =>
  new Option('--seed <n>', 'repeats what this seed gave; else one is drawn');
export const jsonOption = (): Option => new Option('--json', 'one JSON document on standard output');

/** The settings that the options make. Throws an InputError for the first that makes no sense. */
export function settingsFrom(options: SettingsOptions): Settings {
  const kafka = kafkaFrom(options);
  const settings: Settings = {
    release: releaseFrom(options.release),
    rules: rulesFrom(options),
    kafka,
    brokers: wholeNumber('--brokers', options.brokers, 1, 5),
    producers: wholeNumber('--producers', options.producers, 0, 2),
    consumers: wholeNumber('--consumers', options.consumers, 0, 2),
    records: wholeNumber('--records', options.records, 0, 0x3fff),
    faults: faultsFrom(options.faults, Number(kafka['min.insync.replicas'])),
    mutant: [],
  };
  const config = configOf(settings);
  if ('error' in config) throw new InputError(config.error);
  return settings;
}

export function releaseFrom(name: string): ReleaseName {
  if (isReleaseName(name)) return name;
  throw new InputError(`--release: unknown release "${name}"; known are ${RELEASE_NAMES.join(', ')}`);
}

/** The seed that was given, or a new one. */
export const seedFrom = (given: string | undefined): number =>
  given === undefined ? randomInt(LARGEST_SEED) : wholeNumber('--seed', given, 0, LARGEST_SEED);

/** The whole number that an option was given; `least` and `most` are allowed. */
export function wholeNumber(option: string, given: string, least: number, most: number): number {
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${option} must be a whole number, ${least} to ${most}, got "${given}"`);
}

function kafkaFrom({ preset, set, faults }: SettingsOptions): KafkaSettings {
  const known = PRESETS.find((name) => name === preset);
  if (known === undefined) {
    throw new InputError(`--preset: unknown preset "${preset}"; known are ${PRESETS.join(', ')}`);
  }
  const values: Record<string, KafkaValue> = { ...presetSettings(known) };
  // Without it class U would be F0.
  if (faults === 'U') values['unclean.leader.election.enable'] = true;
  for (const given of set) {
    const [key, text] = assignment('--set', given, 'min.insync.replicas=2');
    if (!Object.hasOwn(KAFKA_KEYS, key)) {
      throw new InputError(`--set: unknown Kafka key "${key}"${suggestion(key, KAFKA_KEY_NAMES)}`);
    }
    const value = parseKafkaValue(key, text);
    if (typeof value === 'object') throw new InputError(`--set: ${value.error}`);
    values[key] = value;
  }
  return values as KafkaSettings;
}

function rulesFrom({ rule, release }: SettingsOptions): Record<string, string> {
  const rules: Record<string, string> = {};
  for (const given of rule) {
    const [name, value] = assignment('--rule', given, `${SWITCH_NAMES[0] ?? ''}=...`);
    if (!Object.hasOwn(SWITCHES, name)) {
      throw new InputError(`--rule: unknown rule "${name}"${suggestion(name, SWITCH_NAMES)}`);
    }
    rules[name] = value;
  }
  const all = rulesOf(releaseFrom(release), rules);
  if ('error' in all) throw new InputError(`--rule: ${all.error}`);
  return rules;
}

function faultsFrom(text: string, minInsyncReplicas: number): FaultSettings {
  const faults = parseFaults(text, minInsyncReplicas, FAULTS_OF_A_KIND);
  if (!('error' in faults)) return faults;
  const kind = text
    .split(',')
    .map((part) => part.split(':')[0] ?? '')
    .find((name) => !isFault(name));
  const hint = kind === undefined ? '' : suggestion(kind, [...FAULT_KINDS, ...FAULT_CLASSES]);
  throw new InputError(`--faults: ${kind === undefined ? faults.error : `unknown fault "${kind}"${hint}`}`);
}

const isFault = (name: string): boolean => (FAULT_KINDS as readonly string[]).includes(name);

function assignment(option: string, given: string, example: string): [name: string, value: string] {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new InputError(`${option} must be NAME=VALUE, as in ${example}, got "${given}"`);
}
