/**
 * A state of the reference machine that notes which of its components are looked at. Rules cannot tell it from a plain
 * one. It is slow, and used only where an answer is not remembered yet.
 */
import type { List, Shape } from '../../protocol/base/shape.ts';
import { stateShape, type State } from '../../protocol/state/state.ts';
import type { Read, Slot, Write } from './explorable.ts';

/** One field of the state: one slot, or a slot for each element where it is a list of components. */
interface Field {
  readonly key: keyof State;
  readonly from: number;
  /** Number of elements, or −1 for a field that is one component. */
  readonly length: number;
  readonly shape: Shape<unknown>;
}

const isList = (shape: Shape<unknown>): shape is List<unknown> => 'item' in shape;

/** Where the components of a state stand among the slots. */
export interface Layout {
  readonly fields: readonly Field[];
  readonly slots: readonly Slot[];
}

export function layoutOf(state: State): Layout {
  const fields: Field[] = [];
  const slots: Slot[] = [];
  for (const key of Object.keys(stateShape.fields) as (keyof State)[]) {
    const declared = stateShape.fields[key];
    if (declared === undefined) throw new Error(`no shape for ${key}`);
    const value: unknown = state[key];
    // What the configuration leaves out has no slot.
    if (value === undefined) continue;
    if (isList(declared) && Array.isArray(value)) {
      fields.push({ key, from: slots.length, length: value.length, shape: declared.item });
      for (let i = 0; i < value.length; i++) slots.push({ name: `${key} ${i}`, shape: declared.item });
    } else {
      fields.push({ key, from: slots.length, length: -1, shape: declared });
      slots.push({ name: key, shape: declared });
    }
  }
  return { fields, slots };
}

/** The components of a state, by slot. */
export function componentsOf({ fields }: Layout, state: State): unknown[] {
  return fields.flatMap(({ key, length }) => {
    const value: unknown = state[key];
    return length < 0 ? [value] : value;
  });
}

/** The state that these components make. */
export function assemble({ fields }: Layout, components: readonly unknown[]): State {
  const entries = fields.map(({ key, from, length }) => [
    key,
    length < 0 ? components[from] : components.slice(from, from + length),
  ]);
  return Object.fromEntries(entries) as State;
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

const trackedComponent = (read: Read, slot: number, shape: Shape<unknown>): object =>
  isList(shape) ? new Proxy([], new ListLooks(read, slot)) : new Proxy({}, new Looks(read, slot));

/** A state that asks `read` for its components when a rule looks at them, and only then. */
export class Tracked {
  private readonly layout: Layout;
  /** By slot, what stands for its component while that is as it was. */
  private readonly components: readonly object[];
  private readonly lists = new Map<string, readonly unknown[]>();
  readonly state: State;

  /** Components of `base` stand where `shares` says so, so that both states have the same object there. */
  constructor(layout: Layout, read: Read, base?: Tracked, shares?: (slot: number) => boolean) {
    this.layout = layout;
    this.components = layout.slots.map(({ shape }, slot) => {
      const shared = base !== undefined && shares?.(slot) === true ? base.components[slot] : undefined;
      return shared ?? trackedComponent(read, slot, shape);
    });
    const state: Record<string, unknown> = {};
    for (const { key, from, length } of layout.fields) {
      if (length < 0) {
        state[key] = this.components[from];
        continue;
      }
      const components = this.components.slice(from, from + length);
      const before = base?.lists.get(key);
      const same = components.every((component, i) => component === base?.components[from + i]);
      const list = before !== undefined && same ? before : components;
      this.lists.set(key, list);
      state[key] = list;
    }
    this.state = state as State;
  }

  /** Writes the components in which `next`, made from this state, may differ from it. */
  changes(next: Partial<State>, write: Write): void {
    for (const { key, from, length } of this.layout.fields) {
      const value: unknown = next[key];
      if (value === undefined) continue;
      if (length < 0) this.change(from, value, write);
      else if (value !== this.lists.get(key)) {
        const list = value as readonly unknown[];
        for (let i = 0; i < list.length; i++) this.change(from + i, list[i], write);
      }
    }
  }

  private change(slot: number, value: unknown, write: Write): void {
    if (value !== this.components[slot]) write(slot, value);
  }
}
