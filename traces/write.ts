/** Writes a trace file: the same trace always gives the same text, and small changes give small differences. */
import { FAULT_KINDS, KAFKA_KEY_NAMES, presetSettings, type Settings } from '../model/index.ts';
import { FORMAT, VERSION, type Trace, type TraceFile } from './format.ts';

/** Digests that stand in one line. */
const DIGESTS_A_LINE = 5;

/** The text of the file, with a newline at its end: one action to a line, digests a few to a line. */
export function writeTrace(trace: Trace): string {
  const { actions, digests, ...rest } = fileOf(trace);
  const fields = Object.entries(rest).map(([key, value]) => field(key, JSON.stringify(value, null, 2)));
  const list = actions.map((action) => `    ${JSON.stringify(action)}`);
  fields.push(field('actions', listOf(list)));
  if (digests !== undefined) {
    const lines: string[] = [];
    for (let i = 0; i < digests.length; i += DIGESTS_A_LINE) {
      const some = digests.slice(i, i + DIGESTS_A_LINE).map((digest) => JSON.stringify(digest));
      lines.push(`    ${some.join(', ')}`);
    }
    fields.push(field('digests', listOf(lines)));
  }
  return `{\n${fields.join(',\n')}\n}\n`;
}

const field = (key: string, json: string): string =>
  `  ${JSON.stringify(key)}: ${json.replaceAll('\n', '\n  ')}`;

const listOf = (lines: readonly string[]): string =>
  lines.length === 0 ? '[]' : `[\n${lines.map((line) => line.slice(2)).join(',\n')}\n]`;

/** The trace as the schema has it: what has the value that is taken anyhow is left out, keys in a fixed order. */
export function fileOf(trace: Trace): TraceFile {
  const { name, note, settings, property, broken, brokenAt, schedule, seed, found, minimal, searched } =
    trace;
  const file: TraceFile = {
    format: FORMAT,
    version: VERSION,
    name,
    note,
    property: property,
    broken: [...broken] as TraceFile['broken'],
    brokenAt,
    minimal,
    searched,
    found,
    schedule,
    seed,
    settings: settingsFile(settings),
    actions: trace.actions,
    digests: trace.digests === undefined ? undefined : [...trace.digests],
  };
  return Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined)) as TraceFile;
}

function settingsFile(settings: Settings): TraceFile['settings'] {
  const { release, rules, kafka, brokers, producers, consumers, records, afterFailure, faults, mutant } =
    settings;
  const suite = presetSettings('suite');
  const changed = KAFKA_KEY_NAMES.filter((key) => kafka[key] !== suite[key]);
  const allowed = FAULT_KINDS.filter((kind) => faults.budgets[kind] !== 0);
  return {
    release,
    rules: Object.fromEntries(
      Object.keys(rules)
        .sort()
        .map((name) => [name, rules[name]]),
    ),
    kafka: Object.fromEntries(changed.map((key) => [key, kafka[key]])),
    brokers,
    producers,
    consumers,
    records,
    ...(afterFailure === 'drop' ? {} : { afterFailure }),
    faults: {
      budgets: Object.fromEntries(allowed.map((kind) => [kind, faults.budgets[kind]])),
      maxLossyBrokers: faults.maxLossyBrokers,
      maxUncleanStops: faults.maxUncleanStops,
    },
    mutant: [...mutant],
  };
}
