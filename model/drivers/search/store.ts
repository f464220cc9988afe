/** The states met so far: rows of numbers of groups of slots, with the state that each was first reached from. */
import type { Explorable } from './explorable.ts';
import type { NextRow } from './next-row.ts';
import { MOST_TUPLES, TupleTable, tupleMemory, type TupleMemory } from './tuple-table.ts';
import { ValueTable, valueMemory, type ValueMemory } from './value-table.ts';
import { word, words, type Words, item } from './words.ts';
import type { Shape } from '../../protocol/base/shape.ts';

/** What threads share of a search. */
export interface StoreMemory {
  /** Bytes that everything together may take. */
  readonly bytes: number;
  readonly values: ValueMemory;
  /** By group: its tuples; none for a group of one slot. */
  readonly groups: readonly (TupleMemory | null)[];
  readonly states: TupleMemory;
  /** By state: the state that it was first reached from, or −1. */
  readonly parents: Words;
}

/** Places of all tables, as they are handed on after growing. */
export interface StorePlaces {
  readonly values: Words;
  readonly groups: readonly (Words | null)[];
  readonly states: Words;
}

/** How much is stored. */
export interface StoreSizes {
  /** Words of the encodings of values. */
  readonly values: number;
  /** By group: tuples. */
  readonly groups: readonly number[];
  readonly states: number;
}

const WORD = 4;
/** What a group or the values take at the most, as a share of the memory, and room that is never used up. */
const SHARE = 1 / 3;
const LEAST_PENDING = 1 << 8;
const SPARE = 1 << 22;

/**
 * Tables that may take `bytes` of memory together. Each of them has room for more than it will get: memory is used when
 * something is stored, and then it counts.
 */
export function storeMemory(machine: Explorable, bytes: number): StoreMemory {
  const total = Math.floor(bytes / WORD);
  const part = Math.floor(total * SHARE);
  const width = machine.groups.length;
  const capacity = Math.min(Math.floor(total / (width + 1)), MOST_TUPLES);
  return {
    bytes,
    values: valueMemory(part),
    groups: machine.groups.map((group) =>
      group.length === 1 ? null : tupleMemory(group.length, Math.floor((part + SPARE) / group.length)),
    ),
    states: tupleMemory(width, capacity, 1 << 15),
    parents: words(capacity),
  };
}

/** The distinct shapes of a machine's slots, and by slot the index of its shape. */
export function shapesOf(machine: Explorable): {
  readonly shapes: readonly Shape<unknown>[];
  readonly shapeOf: readonly number[];
} {
  const shapes = [...new Set(machine.slots.map(({ shape }) => shape))];
  return { shapes, shapeOf: machine.slots.map(({ shape }) => shapes.indexOf(shape)) };
}

/** Room that must be left before some states are expanded, so that no table fills up meanwhile. */
export type Room = 'enough' | 'grow' | 'full';

export class Store {
  readonly values: ValueTable;
  readonly states: TupleTable;
  private readonly memory: StoreMemory;
  private readonly groups: readonly (TupleTable | null)[];
  /** The tables of the states and of the groups. */
  private readonly tables: readonly TupleTable[];
  /** The slots of each group, one group behind the other, and where each begins; by slot its group. */
  private readonly members: Int32Array;
  private readonly firstMember: Int32Array;
  private readonly groupOf: Int32Array;
  private readonly slotsOf: readonly (readonly number[])[];
  private readonly shapeOf: readonly number[];
  private readonly parents: Words;
  private readonly key: Int32Array;
  /** By group, whether it was written to. */
  private readonly touched: Uint8Array;
  private readonly tuple: Int32Array;
  /** The slots and groups of the state that was loaded last; no value or group has the number −1. */
  private readonly loaded: Int32Array;
  private readonly loadedKey: Int32Array;
  /** States to be added together: their keys one after the other, where they came from, and what they turn out to be. */
  private pendingKeys: Int32Array;
  private pendingParents = new Int32Array(LEAST_PENDING);
  private pendingNumbers = new Int32Array(LEAST_PENDING);
  /** How many they are. */
  pending = 0;
  private readonly width: number;

  constructor(machine: Explorable, memory: StoreMemory) {
    this.memory = memory;
    const { shapes, shapeOf } = shapesOf(machine);
    this.shapeOf = shapeOf;
    this.values = new ValueTable(memory.values, shapes);
    this.groups = memory.groups.map((group) => (group === null ? null : new TupleTable(group)));
    this.states = new TupleTable(memory.states);
    this.tables = [this.states, ...this.groups.filter((group) => group !== null)];
    this.parents = memory.parents;
    this.slotsOf = machine.groups;
    this.members = Int32Array.from(machine.groups.flat());
    this.firstMember = new Int32Array(machine.groups.length + 1);
    this.groupOf = new Int32Array(machine.slots.length);
    for (const [group, slots] of machine.groups.entries()) {
      this.firstMember[group + 1] = word(this.firstMember, group) + slots.length;
      for (const slot of slots) this.groupOf[slot] = group;
    }
    this.width = machine.groups.length;
    this.key = new Int32Array(this.width);
    this.touched = new Uint8Array(this.width);
    this.pendingKeys = new Int32Array(this.width * LEAST_PENDING);
    this.loaded = new Int32Array(machine.slots.length).fill(-1);
    this.loadedKey = new Int32Array(machine.groups.length).fill(-1);
    this.tuple = new Int32Array(Math.max(...machine.groups.map((group) => group.length)));
  }

  get count(): number {
    return this.states.count;
  }

  /** Whether the state added last was new. */
  get fresh(): boolean {
    return this.states.fresh;
  }

  /** The number of the state whose slots stand in `row`; `parent` is noted where it is new. */
  add(row: Int32Array, parent: number): number {
    const { key } = this;
    for (let group = 0; group < this.width; group++) key[group] = this.partOf(row, group);
    const number = this.states.add(key, 0);
    if (this.states.fresh) this.parents[number] = parent;
    return number;
  }

  /** Takes up a state that follows the one loaded last, to be added with others, by `flush`. */
  put({ row, changed, count }: NextRow, parent: number): void {
    const { width, pending, loadedKey, groupOf, touched } = this;
    if (pending === this.pendingParents.length) this.growPending();
    const { pendingKeys } = this;
    const at = pending * width;
    for (let group = 0; group < width; group++) {
      pendingKeys[at + group] = word(loadedKey, group);
      touched[group] = 0;
    }
    for (let i = 0; i < count; i++) {
      const group = word(groupOf, word(changed, i));
      if (touched[group] === 1) continue;
      touched[group] = 1;
      pendingKeys[at + group] = this.partOf(row, group);
    }
    this.pendingParents[pending] = parent;
    this.pending = pending + 1;
  }

  /**
   * Adds what was put, and calls `visit` with the number of each state that is new. `arrived` is told what each turned
   * out to be, in the order in which they were put.
   */
  flush(visit: (number: number) => void, arrived?: { arrive(pending: number, number: number): void }): void {
    const { pending, pendingKeys, pendingNumbers, pendingParents, parents } = this;
    this.states.addAll(pendingKeys, pending, pendingNumbers);
    this.pending = 0;
    for (let i = 0; i < pending; i++) {
      const number = -1 - word(pendingNumbers, i);
      arrived?.arrive(i, number < 0 ? word(pendingNumbers, i) : number);
      if (number < 0) continue;
      parents[number] = word(pendingParents, i);
      visit(number);
    }
  }

  private growPending(): void {
    const count = this.pendingNumbers.length * 2;
    const keys = new Int32Array(count * this.width);
    keys.set(this.pendingKeys);
    const parents = new Int32Array(count);
    parents.set(this.pendingParents);
    this.pendingKeys = keys;
    this.pendingParents = parents;
    this.pendingNumbers = new Int32Array(count);
  }

  /** The number of what a group holds in a state. */
  private partOf(row: Int32Array, group: number): number {
    const { members, firstMember, tuple } = this;
    const first = word(firstMember, group);
    const table = this.groups[group];
    if (table === null || table === undefined) return word(row, word(members, first));
    const size = word(firstMember, group + 1) - first;
    for (let i = 0; i < size; i++) tuple[i] = word(row, word(members, first + i));
    return table.add(tuple, 0);
  }

  /** Writes the slots of a state into `row` from `at` on, where nothing that follows it is put. */
  peek(number: number, row: Int32Array, at: number): void {
    for (let group = 0; group < this.width; group++) {
      this.writeMembers(group, this.states.part(number, group), row, at);
    }
  }

  /** Writes the slots of a state into `row`. What is put next follows it. */
  load(number: number, row: Int32Array): void {
    const { states, loaded, loadedKey, width } = this;
    for (let group = 0; group < width; group++) {
      const part = states.part(number, group);
      // One state after the other has mostly the same in a group.
      if (part === word(loadedKey, group)) continue;
      loadedKey[group] = part;
      this.writeMembers(group, part, loaded, 0);
    }
    for (let slot = 0; slot < loaded.length; slot++) row[slot] = word(loaded, slot);
  }

  private writeMembers(group: number, part: number, row: Int32Array, at: number): void {
    const { members, firstMember } = this;
    const first = word(firstMember, group);
    const table = this.groups[group];
    if (table === null || table === undefined) {
      row[at + word(members, first)] = part;
      return;
    }
    const size = word(firstMember, group + 1) - first;
    for (let i = 0; i < size; i++) row[at + word(members, first + i)] = table.part(part, i);
  }

  parentOf(number: number): number {
    return word(this.parents, number);
  }

  /** Whether `states` more can be added, and as many values and tuples. */
  room(states: number): Room {
    const { values, tables } = this;
    if (!values.fits(states) || !tables.every((table) => table.fits(states))) return 'full';
    if (values.hasRoom(states) && tables.every((table) => table.hasRoom(states))) {
      return this.bytesWith(states, false) <= this.memory.bytes ? 'enough' : 'full';
    }
    if (this.bytesWith(states, true) <= this.memory.bytes) return 'grow';
    const tight = values.hasTightRoom(states) && tables.every((table) => table.hasTightRoom(states));
    return tight && this.bytesWith(states, false) <= this.memory.bytes ? 'enough' : 'full';
  }

  private bytesWith(states: number, grown: boolean): number {
    let words = this.values.wordsWith(states, grown) + this.count + states;
    for (const table of this.tables) words += table.wordsWith(states, grown);
    return words * WORD;
  }

  /** Makes room for `states` more; the other threads must wait, and take up what is returned. */
  grow(states: number): StorePlaces {
    while (!this.values.hasRoom(states)) this.values.grow();
    for (const table of this.tables) while (!table.hasRoom(states)) table.grow();
    return {
      values: this.memory.values.slots,
      groups: this.memory.groups.map((group) => group?.slots ?? null),
      states: this.memory.states.slots,
    };
  }

  /** Takes up the places that another thread has made. */
  refresh(places: StorePlaces): void {
    this.values.refresh(places.values);
    this.states.refresh(places.states);
    for (const [i, slots] of places.groups.entries()) if (slots !== null) this.groups[i]?.refresh(slots);
  }

  get sizes(): StoreSizes {
    return {
      values: this.values.used,
      groups: this.groups.map((table) => table?.count ?? 0),
      states: this.count,
    };
  }

  /** Whether a store of these sizes fits into the memory of this one, which is empty. */
  holds({ values, groups, states }: StoreSizes): boolean {
    const words = this.groups.reduce(
      (sum, table, i) => sum + (table?.wordsWith(item(groups, i), true) ?? 0),
      values + this.states.wordsWith(states, true) + states,
    );
    return words * WORD <= this.memory.bytes;
  }

  /** All that is stored, in one order, to be written out; of an empty store, to be filled and then adopted. */
  sections({ values, groups, states }: StoreSizes): readonly Words[] {
    return [
      this.values.section(values),
      ...this.groups.flatMap((table, i) => (table === null ? [] : [table.section(item(groups, i))])),
      this.states.section(states),
      this.parents.subarray(0, states),
    ];
  }

  /** Takes over sections that were filled from outside. False where no search can have stored this. */
  adopt({ values, groups, states }: StoreSizes): boolean {
    const { slotsOf, shapeOf } = this;
    if (!this.values.adopt(values)) return false;
    const isValue = (part: number, slot: number): boolean => this.values.isOf(part, item(shapeOf, slot));
    for (const [i, slots] of slotsOf.entries()) {
      const table = this.groups[i];
      if (table === null || table === undefined) continue;
      if (!table.adopt(item(groups, i), (part, at) => isValue(part, item(slots, at)))) return false;
    }
    const known = this.states.adopt(states, (part, group) => {
      const table = this.groups[group];
      if (table === null || table === undefined) return isValue(part, item(slotsOf[group] ?? [], 0));
      return part >= 0 && part < table.count;
    });
    if (!known || this.parentOf(0) !== -1) return false;
    for (let number = 1; number < states; number++) {
      const parent = this.parentOf(number);
      if (parent < 0 || parent >= number) return false;
    }
    return true;
  }

  /** Bytes in use by what is stored. */
  get bytes(): number {
    return this.bytesWith(0, false);
  }
}
