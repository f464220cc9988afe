/** Reads the settings that concern replication from a Kafka configuration file. Its text may come from anybody. */
import { readFileSync, statSync } from 'node:fs';
import { Properties } from 'properties-file/parser';
import { KAFKA_KEY_NAMES, parseKafkaValue, type KafkaKey, type KafkaValue } from '../../model/index.ts';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../files.ts';

export interface ConfigFile {
  readonly values: Readonly<Partial<Record<KafkaKey, KafkaValue>>>;
  /** Keys that say nothing about replication, as far as is known. */
  readonly ignored: readonly string[];
  /** Keys that matter to replication or clients, and that the model cannot take from a file. */
  readonly unmodelled: readonly string[];
}

/** A larger file is not looked at. */
export const MOST_BYTES = 1024 * 1024;

/** Keys by which brokers call what topics call otherwise; a topic's own wins. */
const ALIASES: Readonly<Record<string, KafkaKey>> = {
  'log.flush.interval.messages': 'flush.messages',
  'log.flush.interval.ms': 'flush.ms',
};

/**
 * Keys that mean something else to `--set`: a file has the rack of one broker or client, and the selector is nothing without
 * those of all; its buffer.memory and batch.size are in bytes. What is promised is promised of each partition, however many num.partitions are. Its log.dirs matter to nothing that is checked: no log directory fails there.
 */
const NOT_FROM_A_FILE: readonly KafkaKey[] = [
  'num.partitions',
  'broker.rack',
  'client.rack',
  'replica.selector.class',
  'buffer.memory',
  'batch.size',
  'log.dirs',
];

/** Not without effect, and not to be had from the file. */
const UNMODELLED: readonly RegExp[] = [
  /^(transactional\.id|isolation\.level|enable\.auto\.commit)$/,
  /^(broker\.rack|client\.rack|replica\.selector\.class|buffer\.memory)$/,
  /^(log\.)?(flush\.ms|flush\.interval\.ms|flush\.scheduler\.interval\.ms|cleanup\.policy)$/,
  /^(log\.)?retention\./,
  /^controlled\.shutdown\./,
  /^auto\.leader\.rebalance\.enable$/,
  /^replica\.(socket|fetch\.(max|min|response))/,
  /^zookeeper\.(session|connection)\.timeout\.ms$/,
];

/** Throws a UsageError with one line that names the file, and where it can the line. */
export function readConfigFile(file: string): ConfigFile {
  return configIn(textOf(file), file);
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) {
      throw new UsageError(`${file}: the file has ${size} bytes; a configuration has at most ${MOST_BYTES}`);
    }
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw thrown instanceof UsageError ? thrown : new UsageError(`${file}: ${reasonOf(thrown)}`);
  }
}

/** The same of a text; `file` is what complaints call it. */
export function configIn(text: string, file: string): ConfigFile {
  // eslint-disable-next-line no-control-regex -- a binary file is what is looked for
  if (/[\0-\x08\x0e-\x1f]/.test(text))
    throw new UsageError(`${file}: this is no text file; expected key=value lines`);
  const values: Partial<Record<KafkaKey, KafkaValue>> = {};
  const aliased: Partial<Record<KafkaKey, KafkaValue>> = {};
  const ignored = new Set<string>();
  const unmodelled = new Set<string>();
  for (const { key, value, startingLineNumber: line } of propertiesOf(text, file)) {
    const alias = Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
    const known = alias ?? KAFKA_KEY_NAMES.find((name) => name === key && !NOT_FROM_A_FILE.includes(name));
    if (known === undefined) {
      const place = UNMODELLED.some((pattern) => pattern.test(key)) ? unmodelled : ignored;
      place.add(shortened(key));
      continue;
    }
    const parsed = parseKafkaValue(known, asWritten(value));
    if (typeof parsed === 'object') throw new UsageError(`${file}, line ${line}: ${parsed.error}`);
    // Where a key stands twice, Kafka takes the last.
    (alias === undefined ? values : aliased)[known] = parsed;
  }
  return {
    values: { ...aliased, ...values },
    ignored: [...ignored].sort(),
    unmodelled: [...unmodelled].sort(),
  };
}

function propertiesOf(text: string, file: string) {
  try {
    return new Properties(text).nodes.filter((node) => node.type === 'property');
  } catch (thrown) {
    throw new UsageError(`${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/** Kafka trims values and takes TRUE for true. */
function asWritten(value: string): string {
  const trimmed = value.trim();
  return /^(true|false)$/i.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}

const LONGEST_KEY = 100;
const shortened = (key: string): string => (key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key);
