/** What tests of the search share: one thread, no clock, no signals. Only tests import it. */
import type { Explorable } from './explorable.ts';
import { control, Hand, type HandOptions } from './hand.ts';
import { Search, type Others, type SearchEnd, type SearchLimits, type SearchTotals } from './search.ts';
import { storeMemory } from './store.ts';

const MIB = 1024 * 1024;

export interface Plan extends Partial<HandOptions> {
  readonly limits?: SearchLimits;
  readonly bytes?: number;
  /** Whether all that can be worked out again is forgotten whenever others get their turn. */
  readonly forgets?: boolean;
}

export interface Explored {
  readonly end: SearchEnd;
  readonly totals: SearchTotals;
  /** Actions of a shortest counterexample, and what it breaks. */
  readonly actions: readonly number[] | undefined;
  readonly broken: readonly string[];
  readonly hand: Hand;
  /** States up to here were expanded. */
  readonly expanded: number;
}

/** Searches in this thread, to the end. */
export function exploreHere(machine: Explorable, plan: Plan = {}): Explored {
  const { limits = {}, bytes = 64 * MIB, symmetry = false, tolerated = [], remembers = true, sleeps } = plan;
  const hand = new Hand(machine, storeMemory(machine, bytes), { symmetry, tolerated, remembers, sleeps });
  const forgetting: Others = {
    size: 0,
    begin: () => {
      hand.forget();
    },
    finished: () => [],
  };
  const search = new Search(hand, control(), limits, plan.forgets === true ? forgetting : undefined);
  const run = search.run(() => true);
  let turn = run.next();
  while (turn.done !== true) turn = run.next();
  const [first] = search.breaks;
  const totals = search.totals();
  const expanded = turn.value === 'complete' ? hand.store.count : search.progress().next;
  const ended = { end: turn.value, totals, hand, expanded };
  if (first === undefined) return { ...ended, actions: undefined, broken: [] };
  const { actions, row } = hand.pathTo(first.from);
  const { path, broken } = hand.breakFrom(row, first);
  const labels = [...actions, ...path];
  return { ...ended, actions: machine.runOf?.(labels) ?? labels, broken };
}

/** All stored states, as the values in their slots. */
export function statesOf(machine: Explorable, { store }: Hand): unknown[][] {
  const row = new Int32Array(machine.slots.length);
  return Array.from({ length: store.count }, (_, state) => {
    store.load(state, row);
    return Array.from(row, (number) => store.values.valueOf(number));
  });
}
