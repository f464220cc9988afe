/** What the small machines are built with. */
import { int, type Shape } from '../protocol/base/shape.ts';
import type { Read, SpaceAction, SpaceSlot, Symmetry, Write } from './space.ts';

/** A new name for each actor: actor `i` becomes `renaming[i]`. */
export type Renaming = readonly number[];

/** A place in the row of slots, with the type of its values. The row is untyped; only this file casts. */
export interface Slot<T> {
  readonly index: number;
  get(read: Read): T;
  set(write: Write, value: T): void;
}

export function slotAt<T>(index: number): Slot<T> {
  return {
    index,
    get: (read) => read(index) as T,
    set: (write, value) => write(index, value),
  };
}

/** What a space says of one slot. */
export interface SlotDeclaration extends SpaceSlot {
  readonly initial: unknown;
  /** Where the value goes when actors are renamed. */
  movesTo(renaming: Renaming): number;
  /** The value with new names inside. */
  renamed(value: unknown, renaming: Renaming): unknown;
}

interface SlotDetails<T> {
  readonly name: string;
  readonly shape: Shape<T>;
  readonly initial: T;
  /** Left out where the slot belongs to no actor: it stays where it is. */
  readonly movesTo?: (renaming: Renaming) => Slot<T>;
  /** Left out where values name no actor. */
  readonly renamed?: (value: T, renaming: Renaming) => T;
}

export function declare<T>(slot: Slot<T>, details: SlotDetails<T>): SlotDeclaration {
  const { name, shape, initial, movesTo, renamed } = details;
  return {
    name,
    shape,
    initial,
    movesTo: (renaming) => (movesTo?.(renaming) ?? slot).index,
    renamed: (value, renaming) => (renamed === undefined ? value : renamed(value as T, renaming)),
  };
}

/** First the guard, then the effect. */
export function action(
  label: string,
  guard: (read: Read) => boolean,
  effect: (read: Read, write: Write) => void,
): SpaceAction {
  return {
    label,
    take(read, write) {
      if (!guard(read)) return false;
      effect(read, write);
      return true;
    },
  };
}

/** Every renaming of `actors` interchangeable actors. The slots are those of the space, in its order. */
export function fullSymmetry(actors: number, slots: readonly SlotDeclaration[]): Symmetry {
  const renamings = permutationsOf(actors);
  const renaming = (number: number): Renaming => elementAt(renamings, number);
  return {
    permutations: renamings.length,
    slot: (permutation, slot) => elementAt(slots, slot).movesTo(renaming(permutation)),
    value: (permutation, slot, value) => elementAt(slots, slot).renamed(value, renaming(permutation)),
  };
}

/** All orders of 0 … count−1; the first is the identity. */
export function permutationsOf(count: number): readonly Renaming[] {
  if (count === 0) return [[]];
  return permutationsOf(count - 1).flatMap((shorter) =>
    upTo(count).map((place) => shorter.toSpliced(count - 1 - place, 0, count - 1)),
  );
}

/** A set of actors, kept as a bit mask and shown as a list of ids. */
export function actorSet(actors: number): Shape<number> {
  return {
    ...int(0, (1 << actors) - 1),
    show: (set) => upTo(actors).filter((id) => (set & (1 << id)) !== 0),
  };
}

export function renameSet(set: number, renaming: Renaming): number {
  return renaming.reduce((renamed, to, from) => renamed | (((set >> from) & 1) << to), 0);
}

/** 0 … count−1. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

function elementAt<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}
