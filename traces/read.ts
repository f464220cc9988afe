/** Reads a trace file. Its text may come from anybody. */
import {
  ACTIONS,
  allClauses,
  configOf,
  NO_FAULTS,
  presetSettings,
  type Action,
  type Settings,
} from '../model/index.ts';
import { complaint, quoted, shown, suggestion } from './complaint.ts';
import {
  FORMAT,
  MAX_ACTIONS,
  MAX_BYTES,
  traceSchema,
  VERSION,
  type Trace,
  type TraceFile,
} from './format.ts';
import { isRaw, migrated, MIGRATIONS, renamedAction, type Migrations, type Raw } from './migrations.ts';
import { strangerIn } from './params.ts';
import { counted } from './words.ts';

/** One line: what is wrong, where, and what would be right. */
export interface ReadError {
  readonly error: string;
}

const KINDS: ReadonlySet<string> = new Set(ACTIONS.map(({ kind }) => kind));

/** The trace in `text`, of this version of the format or an earlier one, or what is wrong with it. */
export function readTrace(text: string, migrations: Migrations = MIGRATIONS): Trace | ReadError {
  const large = tooLarge(text.length);
  if (large !== undefined) return large;
  const parsed = parsedFrom(text);
  if ('error' in parsed) return parsed;
  const file = upgraded(parsed.value, migrations);
  if ('error' in file) return file;
  const checked = traceSchema.safeParse(file.value);
  if (checked.success) return traceOf(checked.data);
  const [issue] = checked.error.issues;
  return { error: issue === undefined ? 'the file is not a trace' : complaint(issue, file.value) };
}

/** What is wrong with a file of that many bytes, if anything; for callers that look before they read. */
export function tooLarge(bytes: number): ReadError | undefined {
  return bytes > MAX_BYTES
    ? { error: `the file has ${bytes} bytes; a trace has at most ${MAX_BYTES}` }
    : undefined;
}

function parsedFrom(text: string): { readonly value: unknown } | ReadError {
  const end = text.trimEnd().length;
  if (end === 0) return { error: 'the file is empty; a trace is a JSON object' };
  try {
    return { value: JSON.parse(text) };
  } catch (thrown) {
    const says = thrown instanceof Error ? thrown.message : '';
    const position = /at position (\d+)/.exec(says)?.[1];
    if (!text.trimStart().startsWith('{')) return { error: 'the file is not JSON; a trace is a JSON object' };
    if (position === undefined || Number(position) >= end) {
      return { error: `the file breaks off after ${end} characters; a trace ends with its closing brace` };
    }
    const before = text.slice(0, Number(position)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return {
      error: `the file is not JSON at line ${before.length}, column ${column}; a trace is a JSON object`,
    };
  }
}

function upgraded(file: unknown, migrations: Migrations): { readonly value: Raw } | ReadError {
  if (!isRaw(file)) return { error: `the file must be a JSON object, got ${shown(file)}` };
  const { format, version } = file;
  if (format !== FORMAT) {
    return {
      error: `format must be ${quoted(FORMAT)}, got ${format === undefined ? 'nothing' : shown(format)}`,
    };
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    return { error: `version must be a whole number, 0 to ${VERSION}, got ${shown(version)}` };
  }
  if (version > VERSION) {
    return {
      error: `version is ${version}, newer than ${VERSION}, the newest that is known here; update highwater`,
    };
  }
  const value = migrated(file, version, migrations);
  const { actions } = value;
  if (!Array.isArray(actions)) return { value };
  if (actions.length > MAX_ACTIONS) {
    return { error: `there are ${actions.length} actions; a trace has at most ${MAX_ACTIONS}` };
  }
  const isKnown = (kind: string): boolean => KINDS.has(kind);
  return {
    value: { ...value, actions: actions.map((action) => renamedAction(action, isKnown, migrations)) },
  };
}

/** What no schema says: how the parts of the file belong together. */
function traceOf(file: TraceFile): Trace | ReadError {
  const { format: _format, version: _version, settings: given, ...rest } = file;
  const settings = settingsOf(given);
  const wrong = settingsFault(settings) ?? faultIn(file, settings);
  return wrong === undefined ? { ...rest, settings } : { error: wrong };
}

function settingsOf({ kafka, rules, faults, afterFailure, ...rest }: TraceFile['settings']): Settings {
  const named = Object.entries(rules).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...rest,
    afterFailure: afterFailure ?? 'drop',
    rules: Object.fromEntries(named),
    kafka: { ...presetSettings('suite'), ...kafka } as Settings['kafka'],
    faults: { ...faults, budgets: { ...NO_FAULTS, ...faults.budgets } as Settings['faults']['budgets'] },
  };
}

function settingsFault(settings: Settings): string | undefined {
  const clauses = allClauses().map(({ id }) => id);
  const unknown = settings.mutant.find((id) => !clauses.includes(id));
  if (unknown !== undefined) {
    return `settings.mutant: unknown clause ${quoted(unknown)}${suggestion(unknown, clauses)}`;
  }
  const config = configOf(settings);
  return 'error' in config ? `settings: ${config.error}` : undefined;
}

function faultIn(file: TraceFile, settings: Settings): string | undefined {
  const { property, broken, brokenAt, actions, digests } = file;
  for (const [index, action] of actions.entries()) {
    const param = strangerIn(action, settings);
    if (param !== undefined) return strangerSays(index, action, param, settings);
  }
  if (digests !== undefined && digests.length !== actions.length) {
    return `digests must be one per action, that is ${actions.length}, got ${digests.length}`;
  }
  if (property === null) {
    if (broken.length > 0) return `broken must be empty where property is null, got ${broken.join(', ')}`;
    return brokenAt === null ? undefined : `brokenAt must be null where property is, got ${brokenAt}`;
  }
  if (!broken.includes(property)) return `broken must contain the property ${quoted(property)}`;
  if (brokenAt === null) return `brokenAt must be a number of actions where there is a property, got null`;
  return brokenAt > actions.length
    ? `brokenAt must be at most ${actions.length}, the number of actions, got ${brokenAt}`
    : undefined;
}

function strangerSays(index: number, action: Action, param: string, settings: Settings): string {
  const { brokers, producers, consumers } = settings;
  return (
    `action ${index + 1} (${action.kind}): ${param} ${String(action[param])} does not exist; there are ` +
    `${counted(brokers, 'broker')}, ${counted(producers, 'producer')} and ${counted(consumers, 'consumer')}`
  );
}
