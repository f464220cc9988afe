/** Says in one line what is wrong with a trace file, where, and what would be right. */
import type { z } from 'zod';
import { ACTIONS, FAULT_KINDS, KAFKA_KEY_NAMES, SWITCH_NAMES } from '../model/index.ts';
import { isRaw } from './migrations.ts';

type Path = readonly PropertyKey[];

/** So many names a line can list. */
const FEW_NAMES = 8;

/** One line for the first thing that the schema found. `file` is what it looked at. */
export function complaint(issue: z.core.$ZodIssue, file: unknown): string {
  const { path } = issue;
  const where = placeOf(path, file);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return `${where.text}${where.joint}unknown ${nounFor(path)} ${quoted(key)}${suggestion(key, knownAt(path, file))}`;
  }
  const value = valueAt(file, path);
  const names = namesWanted(issue);
  if (names !== undefined && typeof value === 'string') {
    return `${where.text} is unknown: ${quoted(value)}${suggestion(value, names)}`;
  }
  if (value === undefined) return `${where.text} is missing; it ${issue.message}`;
  return `${where.text} ${issue.message}, got ${shown(value)}`;
}

/** Where one of many names is wanted, all of them. */
function namesWanted(issue: z.core.$ZodIssue): readonly string[] | undefined {
  if (issue.code === 'invalid_union' && issue.path.at(-1) === 'kind') return ACTIONS.map(({ kind }) => kind);
  if (issue.code !== 'invalid_value' || issue.values.length <= FEW_NAMES) return undefined;
  return issue.values.map(String);
}

/** Where something stands: actions are counted from 1. `joint` goes between the place and what is said of it. */
function placeOf(path: Path, file: unknown): { readonly text: string; readonly joint: string } {
  const [top, index, ...rest] = path;
  if (top === 'actions' && typeof index === 'number') {
    const kind = valueAt(file, ['actions', index, 'kind']);
    const name = typeof kind === 'string' && rest[0] !== 'kind' ? ` (${cut(kind)})` : '';
    const inside = rest.length === 0 ? '' : `: ${rest.join('.')}`;
    return { text: `action ${index + 1}${name}${inside}`, joint: ': ' };
  }
  const text = path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${before}[${JSON.stringify(name)}]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');
  return { text: text === '' ? 'the file' : text, joint: ': ' };
}

function valueAt(file: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return typeof key === 'number' ? (value as unknown[])[key] : undefined;
    return isRaw(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
  }, file);
}

function nounFor(path: Path): string {
  if (path[0] === 'actions') return 'parameter';
  switch (path.join('.')) {
    case 'settings.kafka':
      return 'Kafka key';
    case 'settings.rules':
      return 'rule';
    case 'settings.faults.budgets':
      return 'fault';
    default:
      return 'key';
  }
}

function knownAt(path: Path, file: unknown): readonly string[] {
  if (path[0] === 'actions') {
    const kind = valueAt(file, [...path, 'kind']);
    return ACTIONS.find((action) => action.kind === kind)?.params ?? [];
  }
  switch (path.join('.')) {
    case 'settings.kafka':
      return KAFKA_KEY_NAMES;
    case 'settings.rules':
      return SWITCH_NAMES;
    case 'settings.faults.budgets':
      return FAULT_KINDS;
    default:
      return [];
  }
}

/** What may have been meant, or all that is known where that is little. */
export function suggestion(wanted: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(cut(wanted), name) }))
    .sort((a, b) => a.distance - b.distance);
  const [nearest] = ranked;
  if (nearest === undefined) return '';
  if (nearest.distance * 2 <= nearest.name.length) return `; did you mean ${quoted(nearest.name)}?`;
  return known.length > FEW_NAMES ? '' : `; known are ${known.join(', ')}`;
}

/** Letters to add, drop or change to make one of the other. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(changed, (above[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}

const LONGEST_QUOTE = 60;
const cut = (text: string): string =>
  text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;

/** Untrusted text as it may stand in one line of a terminal. */
export const quoted = (text: string): string =>
  JSON.stringify(cut(text)).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (unprintable) => `\\u${unprintable.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** An untrusted value in a few characters: what is nested is only named. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
