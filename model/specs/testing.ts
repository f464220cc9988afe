/** A search so plain that its answers can be believed: every state in a map, one level after the other. */
import type { Read, Space, Symmetry } from './space.ts';

export type Row = readonly unknown[];

export interface Searched {
  readonly distinct: number;
  /** States in the longest of the shortest paths from the initial state. */
  readonly depth: number;
  /** By the id of each broken invariant: states in the shortest trace to a state that breaks it. */
  readonly broken: Readonly<Record<string, number>>;
}

/** The canonical encoding of a state. */
export function keyOf(space: Space, row: Row): string {
  const out: number[] = [];
  for (const [slot, { shape }] of space.slots.entries()) shape.encode(row[slot], out);
  return out.join();
}

export const reading =
  (row: Row): Read =>
  (slot) =>
    row[slot];

/** The states that one step leads to, with what the step was. */
export function successors(space: Space, row: Row): readonly { readonly label: string; readonly row: Row }[] {
  return space.actions.flatMap(({ label, take }) => {
    const next = [...row];
    const taken = take(reading(row), (slot, value) => {
      next[slot] = value;
    });
    return taken ? [{ label, row: next }] : [];
  });
}

export function permuted(symmetry: Symmetry, permutation: number, row: Row): Row {
  const next = [...row];
  for (const [slot, value] of row.entries()) {
    next[symmetry.slot(permutation, slot)] = symmetry.value(permutation, slot, value);
  }
  return next;
}

/** One state for all that differ by names only: that with the least key. */
export function representative(space: Space, row: Row): Row {
  const { symmetry } = space;
  if (symmetry === undefined) return row;
  let least = row;
  for (let permutation = 1; permutation < symmetry.permutations; permutation++) {
    const image = permuted(symmetry, permutation, row);
    if (keyOf(space, image) < keyOf(space, least)) least = image;
  }
  return least;
}

export interface SearchPlan {
  /** Keep one state of those that differ by names only. */
  readonly orbits?: boolean;
  /** Stop after the level at which every invariant is broken. */
  readonly untilBroken?: boolean;
  readonly visit?: (row: Row) => void;
}

export function searchAll(space: Space, plan: SearchPlan = {}): Searched {
  const kept = (row: Row): Row => (plan.orbits === true ? representative(space, row) : row);
  const broken: Record<string, number> = {};
  const ids = new Set(space.invariants.map(({ id }) => id));
  const seen = new Set<string>();
  let level: Row[] = [];
  const add = (row: Row, to: Row[]): void => {
    const state = kept(row);
    const key = keyOf(space, state);
    if (seen.has(key)) return;
    seen.add(key);
    to.push(state);
  };
  add(space.initial, level);
  let depth = 0;
  while (level.length > 0) {
    depth++;
    const next: Row[] = [];
    for (const row of level) {
      plan.visit?.(row);
      for (const { id, check } of space.invariants) {
        if (!(id in broken) && check(reading(row)) !== undefined) broken[id] = depth;
      }
      for (const successor of successors(space, row)) add(successor.row, next);
    }
    if (plan.untilBroken === true && Object.keys(broken).length === ids.size) break;
    level = next;
  }
  return { distinct: seen.size, depth, broken };
}
