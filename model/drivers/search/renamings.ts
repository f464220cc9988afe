/** What renamings of interchangeable parts have in common, whether these are clients or brokers. */
import type { Slot, Symmetry } from './explorable.ts';

/** How a renaming changes states. */
export interface Renamer<Renaming> {
  /** By slot that goes elsewhere, the name of the other. */
  readonly targets: (renaming: Renaming) => ReadonlyMap<string, string>;
  /** A value with new names in it; `field` is the component that the slot belongs to. */
  readonly renamed: (field: string | undefined, value: unknown, renaming: Renaming) => unknown;
}

/** `renamings` begin with the one that changes nothing. */
export function symmetryOf<Renaming>(
  slots: readonly Slot[],
  renamings: readonly Renaming[],
  { targets, renamed }: Renamer<Renaming>,
): Symmetry {
  const fields = slots.map(({ name }) => name.split(' ')[0] ?? '');
  const moves = renamings.map((renaming) => {
    const target = targets(renaming);
    return slots.map(({ name }) => slots.findIndex((slot) => slot.name === (target.get(name) ?? name)));
  });
  const at = (permutation: number): Renaming => {
    const renaming = renamings[permutation];
    if (renaming === undefined) throw new RangeError(`no permutation ${permutation}`);
    return renaming;
  };
  return {
    permutations: renamings.length,
    slot: (permutation, slot) => moves[permutation]?.[slot] ?? slot,
    value: (permutation, slot, value) => renamed(fields[slot], value, at(permutation)),
  };
}

/** All orders that keep apart who is of another kind; first the one that changes nothing. */
export function orders(kinds: readonly string[]): number[][] {
  const place = (chosen: readonly number[]): number[][] =>
    chosen.length === kinds.length
      ? [[...chosen]]
      : [...kinds.keys()]
          .filter((id) => !chosen.includes(id) && kinds[id] === kinds[chosen.length])
          .flatMap((id) => place([...chosen, id]));
  return place([]);
}

/** The values at their new places. */
export function moved<T>(values: readonly T[], to: (index: number) => number): T[] {
  const after = [...values];
  for (const [index, value] of values.entries()) after[to(index)] = value;
  return after;
}
