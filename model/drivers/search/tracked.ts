/**
 * A state of the reference machine that notes which of its components are looked at. Rules cannot tell it from a plain
 * one. It is slow, and used only where an answer is not remembered yet.
 */
import type { List, Nullable, Shape } from '../../protocol/base/shape.ts';
import type { MetadataLog } from '../../protocol/state/metadata.ts';
import { rememberViews, turned } from '../../protocol/state/partitions.ts';
import {
  partitionStateShape,
  stateShape,
  type PartitionState,
  type State,
} from '../../protocol/state/state.ts';
import type { Read, Slot, Write } from './explorable.ts';

/** What of a field of the state, or of a partition that is not the first, stands among the slots. */
interface Field {
  readonly key: keyof State | keyof PartitionState;
  /** The partition that has it of its own; 0 for the first, and for what all partitions share. */
  readonly partition: number;
  readonly from: number;
  /** Number of elements, each in a slot; or −1 for a field that is one component. */
  readonly length: number;
  readonly shape: Shape<unknown>;
}

const isList = (shape: Shape<unknown>): shape is List<unknown> => 'item' in shape;
const isNullable = (shape: Shape<unknown>): shape is Nullable<unknown> => 'inner' in shape;

/** Where the components of a state stand among the slots. */
export interface Layout {
  readonly fields: readonly Field[];
  readonly slots: readonly Slot[];
}

export function layoutOf(state: State): Layout {
  const fields: Field[] = [];
  const slots: Slot[] = [];
  const add = (key: Field['key'], declared: Shape<unknown>, value: unknown, partition: number): void => {
    const of = partition === 0 ? '' : ` ${partition}`;
    // What may be nothing is no component by itself.
    if (isList(declared) && !isNullable(declared.item) && Array.isArray(value)) {
      fields.push({ key, partition, from: slots.length, length: value.length, shape: declared.item });
      for (let i = 0; i < value.length; i++) slots.push({ name: `${key} ${i}${of}`, shape: declared.item });
    } else {
      fields.push({ key, partition, from: slots.length, length: -1, shape: declared });
      slots.push({ name: `${key}${of}`, shape: declared });
    }
  };
  for (const key of Object.keys(stateShape.fields) as (keyof State)[]) {
    const declared = stateShape.fields[key];
    if (declared === undefined) throw new Error(`no shape for ${key}`);
    const value: unknown = state[key];
    // What the configuration leaves out has no slot.
    if (value !== undefined && key !== 'others') add(key, declared, value, 0);
  }
  for (const [i, part] of (state.others ?? []).entries()) {
    for (const key of PART_KEYS) {
      const declared = partitionStateShape.fields[key];
      if (declared === undefined) throw new Error(`no shape for ${key}`);
      add(key, declared, part[key], i + 1);
    }
  }
  return { fields, slots };
}

const PART_KEYS = Object.keys(partitionStateShape.fields) as (keyof PartitionState)[];

/** Fields that each partition has of its own. */
const isOwn = (key: Field['key']): boolean => (PART_KEYS as readonly string[]).includes(key);

/** Whether a partition sees the field: it is its own, or that of all. */
export const isSeenBy = ({ key, partition }: Field, seenBy: number): boolean =>
  partition === seenBy || (partition === 0 && !isOwn(key));

/** The components of a state, by slot. */
export function componentsOf({ fields }: Layout, state: State): unknown[] {
  return fields.flatMap(({ key, partition, length }) => {
    const holder = (partition === 0 ? state : state.others?.[partition - 1]) as Held | undefined;
    const value: unknown = holder?.[key];
    return length < 0 ? [value] : value;
  });
}

/** The state that these components make. */
export function assemble({ fields }: Layout, components: readonly unknown[]): State {
  return stateOf(fields, ({ from, length }) =>
    length < 0 ? components[from] : components.slice(from, from + length),
  );
}

/** The state with what each field holds. */
function stateOf(fields: readonly Field[], held: (field: Field, index: number) => unknown): State {
  const state: Record<string, unknown> = {};
  const others: Record<string, unknown>[] = [];
  for (const [i, field] of fields.entries()) {
    const { key, partition } = field;
    const holder = partition === 0 ? state : (others[partition - 1] ??= {});
    holder[key] = held(field, i);
  }
  if (others.length > 0) state['others'] = others;
  return state as unknown as State;
}

type Held = Readonly<Record<PropertyKey, unknown>>;

/** Reads a component when a rule looks into it, not when it is only handed on or compared. */
class Looks implements ProxyHandler<object> {
  private readonly read: Read;
  private readonly slot: number;

  constructor(read: Read, slot: number) {
    this.read = read;
    this.slot = slot;
  }

  protected get held(): Held {
    return this.read(this.slot) as Held;
  }

  get(_target: object, key: PropertyKey): unknown {
    return this.held[key];
  }

  has(_target: object, key: PropertyKey): boolean {
    return key in this.held;
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.held);
  }

  getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const { held } = this;
    if (!Object.hasOwn(held, key)) return undefined;
    return { value: held[key], writable: true, enumerable: true, configurable: true };
  }
}

/** The same of a list: its methods go through what it holds, which is read already, not through this again. */
class ListLooks extends Looks {
  override get(_target: object, key: PropertyKey): unknown {
    const { held } = this;
    const value = held[key];
    return typeof value === 'function' ? (value.bind(held) as unknown) : value;
  }

  override getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.held, key);
    if (descriptor === undefined) return undefined;
    // A proxy may call configurable only what its target does not fix.
    const fixed = Reflect.getOwnPropertyDescriptor(target, key)?.configurable === false;
    return { ...descriptor, configurable: !fixed };
  }
}

/** The metadata log as another partition than the first sees it. */
class TurnedLooks extends Looks {
  private readonly partition: number;

  constructor(read: Read, slot: number, partition: number) {
    super(read, slot);
    this.partition = partition;
  }

  protected override get held(): Held {
    return turned(super.held as unknown as MetadataLog, this.partition);
  }
}

const trackedComponent = (read: Read, slot: number, shape: Shape<unknown>): object =>
  isList(shape) ? new Proxy([], new ListLooks(read, slot)) : new Proxy({}, new Looks(read, slot));

/** A state that asks `read` for its components when a rule looks at them, and only then. */
export class Tracked {
  private readonly layout: Layout;
  /** By slot, what stands for its component while that is as it was. */
  private readonly components: readonly object[];
  /** By field. */
  private readonly lists: (readonly unknown[] | undefined)[] = [];
  /** By partition but the first: the metadata log as it sees it. */
  private readonly turnedLogs: readonly object[];
  readonly state: State;

  /** Components of `base` stand where `shares` says so, so that both states have the same object there. */
  constructor(layout: Layout, read: Read, base?: Tracked, shares?: (slot: number) => boolean) {
    this.layout = layout;
    const isShared = (slot: number): boolean => base !== undefined && shares?.(slot) === true;
    this.components = layout.slots.map(({ shape }, slot) => {
      const shared = isShared(slot) ? base?.components[slot] : undefined;
      return shared ?? trackedComponent(read, slot, shape);
    });
    for (const [i, { from, length }] of layout.fields.entries()) {
      if (length < 0) continue;
      const components = this.components.slice(from, from + length);
      const before = base?.lists[i];
      const same = components.every((component, nth) => component === base?.components[from + nth]);
      this.lists[i] = before !== undefined && same ? before : components;
    }
    this.state = stateOf(layout.fields, ({ from }, i) => this.lists[i] ?? this.components[from]);
    const metadata = layout.fields.find(({ key }) => key === 'metadata')?.from ?? -1;
    this.turnedLogs = (this.state.others ?? []).map((_, i) => {
      const shared = isShared(metadata) ? base?.turnedLogs[i] : undefined;
      return shared ?? new Proxy({}, new TurnedLooks(read, metadata, i + 1));
    });
    if (this.turnedLogs.length > 0) rememberViews(this.state, this.turnedLogs as readonly MetadataLog[]);
  }

  /** Writes the components in which `next`, made from this state, may differ from it. */
  changes(next: Partial<State>, write: Write): void {
    for (const [i, { key, partition, from, length }] of this.layout.fields.entries()) {
      const holder = (partition === 0 ? next : next.others?.[partition - 1]) as Held | undefined;
      const value = holder?.[key];
      if (value === undefined) continue;
      if (length < 0) this.change(from, value, write);
      else if (value !== this.lists[i]) {
        const list = value as readonly unknown[];
        for (let nth = 0; nth < list.length; nth++) this.change(from + nth, list[nth], write);
      }
    }
  }

  private change(slot: number, value: unknown, write: Write): void {
    if (value !== this.components[slot]) write(slot, value);
  }
}
