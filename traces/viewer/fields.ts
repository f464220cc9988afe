/** A state as a tree of fields for people, and what a step changed of it: only what changed, message by message. */
import {
  FAULT_KINDS,
  isDeleted,
  members,
  newestImage,
  newestOffset,
  partyName,
  recordOf,
  epochOf,
  stateShape,
  UNLIMITED,
  type Json,
  type Message,
  type State,
} from '../../model/index.ts';
import { frameAt, stateAt, type Film } from './film.ts';

export interface Change {
  /** As in `broker 2 · replica · highWatermark`. */
  readonly field: string;
  /** Undefined where there was nothing before. */
  readonly before: string | undefined;
  /** Undefined where there is nothing now. */
  readonly after: string | undefined;
}

const JOINT = ' · ';
type Tree = Readonly<Record<string, Json>>;

/** What the step changed, in the order of the tree: the controller or ZooKeeper, brokers, clients, links, messages. */
export function changesAt(film: Film, step: number): readonly Change[] {
  const frame = frameAt(film, step);
  if (frame === undefined) return [];
  const { before, after } = frame;
  const out: Change[] = [];
  compare(treeOf(before), treeOf(after), '', out);
  return [...out, ...messageChanges(before, after)];
}

/** The value of a field after `step`, as text; undefined where there is none. */
export function valueAt(film: Film, step: number, field: string): string | undefined {
  let node: Json | undefined = treeOf(stateAt(film, step));
  for (const key of field.split(JOINT)) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = Array.isArray(node) ? (node as readonly Json[])[Number(key)] : (node as Tree)[key];
  }
  return node === undefined ? undefined : textOf(node);
}

/** Whether all words of a query occur in the field: `broker 2 highwatermark`. */
export function isMatch(field: string, query: string): boolean {
  const hay = field.toLowerCase();
  // A number belongs to the word before it: `broker 2` is not met by `broker 0 · log · entries · 2`.
  const words = query.toLowerCase().match(/[^\s\d]\S*\s+\d+(?!\S)|\S+/g) ?? [];
  return words.every((word) => hay.includes(word.replaceAll(/\s+/g, ' ')));
}

/** The nearest step in that direction, after or before `from`, at which a field that matches changes. */
export function findChange(
  film: Film,
  from: number,
  direction: 1 | -1,
  isWanted: (field: string) => boolean,
): number | undefined {
  for (let step = from + direction; step >= 1 && step <= film.end; step += direction) {
    if (changesAt(film, step).some(({ field }) => isWanted(field))) return step;
  }
  return undefined;
}

/** What a component shows as: made once, since most steps leave most components as they are. */
const shown = new WeakMap<object, Json>();

function show(key: keyof typeof stateShape.fields, component: object): Json {
  const known = shown.get(component);
  if (known !== undefined) return known;
  const made = stateShape.fields[key]?.show(component) ?? null;
  shown.set(component, made);
  return made;
}

const trees = new WeakMap<State, Tree>();

function treeOf(state: State): Tree {
  const known = trees.get(state);
  if (known !== undefined) return known;
  const made = treeFrom(state);
  trees.set(state, made);
  return made;
}

function treeFrom(state: State): Tree {
  const { partitions, registrations } = newestImage(state.metadata);
  const metadata = show('metadata', state.metadata) as { readonly images: readonly Tree[] };
  const newest = metadata.images.at(-1) ?? {};
  const partition =
    partitions[0] === undefined ? null : ((newest['partitions'] as readonly Json[])[0] ?? null);
  const list = (
    key: 'processes' | 'disks' | 'logs' | 'replicas' | 'producers' | 'consumers',
  ): readonly Json[] => show(key, state[key]) as readonly Json[];
  const controller = show('controller', state.controller) as Tree;
  const { zookeeper, controllers, caches } = state;
  const tree: Record<string, Json> =
    zookeeper === undefined
      ? {
          controller: {
            active: controller['active'] ?? null,
            'metadata offset': newestOffset(state.metadata),
            partition,
          },
        }
      : { ZooKeeper: { ...(show('zookeeper', zookeeper) as Tree), partition } };
  for (const broker of registrations.keys()) {
    tree[`broker ${broker}`] = {
      process: list('processes')[broker] ?? null,
      replica: list('replicas')[broker] ?? null,
      log: logTree(state, broker, list('logs')[broker] ?? null),
      disk: list('disks')[broker] ?? null,
      registration: (newest['registrations'] as readonly Json[])[broker] ?? null,
      ...(controllers === undefined || caches === undefined
        ? { heartbeat: (controller['heartbeats'] as readonly Json[])[broker] ?? null }
        : {
            controller: (show('controllers', controllers) as readonly Json[])[broker] ?? null,
            told: (show('caches', caches) as readonly Json[])[broker] ?? null,
          }),
    };
  }
  for (const id of state.producers.keys()) tree[`producer ${id}`] = list('producers')[id] ?? null;
  for (const id of state.consumers.keys()) tree[`consumer ${id}`] = list('consumers')[id] ?? null;
  tree['links cut'] = cutTree(state);
  tree['faults left'] = Object.fromEntries(
    FAULT_KINDS.flatMap((kind, i) => {
      const left = state.environment.budgets[i] ?? 0;
      return left === UNLIMITED ? [] : [[kind, left]];
    }),
  );
  return tree;
}

function logTree(state: State, broker: number, log: Json): Json {
  const entries = state.logs[broker]?.entries ?? [];
  return {
    ...(log as Tree),
    entries: Object.fromEntries(
      entries.map((entry, offset) => [
        `offset ${offset}`,
        isDeleted(entry) ? 'deleted' : `record ${recordOf(entry)} of epoch ${epochOf(entry)}`,
      ]),
    ),
    logEndOffset: entries.length,
  };
}

function cutTree({ links }: State): Json {
  const cut = links.cut.flatMap((mask, from) =>
    Array.from({ length: links.cut.length }, (_, to) => to)
      .filter((to) => (mask & (1 << to)) !== 0)
      .map((to) => [`${partyName(from)} → ${partyName(to)}`, true] as const),
  );
  return Object.fromEntries(cut);
}

function compare(before: Json | undefined, after: Json | undefined, field: string, out: Change[]): void {
  if (before === after) return;
  if (isBranch(before) && isBranch(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) {
      compare(before[key], after[key], field === '' ? key : `${field}${JOINT}${key}`, out);
    }
    return;
  }
  const was = before === undefined ? undefined : textOf(before);
  const is = after === undefined ? undefined : textOf(after);
  if (was !== is) out.push({ field, before: was, after: is });
}

/** Lists of plain values, such as an ISR, are compared and shown as one value. */
function isBranch(value: Json | undefined): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) || value.some((item) => typeof item === 'object' && item !== null);
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(textOf).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return value === null ? 'none' : String(value);
  const parts = Object.entries(value).map(([key, inner]) => `${key} ${textOf(inner)}`);
  return parts.length === 0 ? 'none' : `{${parts.join(', ')}}`;
}

function messageChanges(before: State, after: State): readonly Change[] {
  if (before.channels === after.channels) return [];
  const was = new Set(before.channels.flat());
  const is = new Set(after.channels.flat());
  const gone = [...was].filter((message) => !is.has(message));
  const come = [...is].filter((message) => !was.has(message));
  return [
    ...gone.map((message) => ({
      field: messageField(message),
      before: messageText(message),
      after: undefined,
    })),
    ...come.map((message) => ({
      field: messageField(message),
      before: undefined,
      after: messageText(message),
    })),
  ];
}

const messageField = ({ kind, from, to }: Message): string =>
  `in flight${JOINT}${kind}${JOINT}${partyName(from)} → ${partyName(to)}`;

function messageText(message: Message): string {
  const { kind: _kind, from: _from, to: _to, ...rest } = message;
  return Object.entries(rest)
    .map(([key, value]) => `${key} ${messageValue(key, value)}`)
    .join(', ');
}

function messageValue(key: string, value: unknown): string {
  if (key === 'isr' && typeof value === 'number') return `[${members(value).join(' ')}]`;
  if (key === 'entries' && Array.isArray(value)) {
    return `[${(value as number[]).map((entry) => `${recordOf(entry)}/${epochOf(entry)}`).join(' ')}]`;
  }
  if (key === 'proposal' && typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name} ${messageValue(name, inner)}`)
      .join(', ')}}`;
  }
  return typeof value === 'number' || typeof value === 'string' ? String(value) : JSON.stringify(value);
}
