/** A search rewrites what follows a state by what has changed; that must give what looking at all of it gives. */
import { describe, expect, it } from 'vitest';
import { rewriterOf, Rewritten } from '../../model/drivers/search/canonical.ts';
import { Expander } from '../../model/drivers/search/expander.ts';
import { NextRow } from '../../model/drivers/search/next-row.ts';
import { shapesOf } from '../../model/drivers/search/store.ts';
import { exploreHere } from '../../model/drivers/search/testing.ts';
import { createMachine, NO_FAULTS } from '../../model/index.ts';
import { configFor, type Wanted } from '../../model/testing.ts';
import { explorableMachine } from '../index.ts';

interface Compared {
  readonly transitions: number;
  /** Where the representative differs from the state itself. */
  readonly rewritten: number;
  readonly different: number;
}

/** Looks at what follows each state that a search stores, and that state itself only where `isRewritten`. */
function compared(sketch: Wanted, depth: number, isRewritten: boolean): Compared {
  const machine = createMachine(configFor({ ...sketch, faults: { ...NO_FAULTS, ...sketch.faults } }));
  const options = { bounds: {}, grain: { name: 'message' } } as const;
  const plain = explorableMachine(machine, [], {
    ...options,
    ...(isRewritten ? {} : { ranks: false, buries: false }),
  });
  const explorable = explorableMachine(machine, [], options);
  const { hand } = exploreHere(plain, { limits: { depth } });
  const { store } = hand;
  const { shapeOf } = shapesOf(explorable);
  const slots = shapeOf.length;
  const expander = new Expander(explorable, store.values, shapeOf);
  const byChanges = rewriterOf(explorable, store.values, shapeOf, false)!;
  const after = new NextRow(slots);
  const whole = new Rewritten(rewriterOf(explorable, store.values, shapeOf, false)!, slots);
  const row = new Int32Array(slots);
  const found = { transitions: 0, rewritten: 0, different: 0 };
  for (let state = 0; state < store.count; state++) {
    store.load(state, row);
    after.leave(row);
    byChanges.leave(after);
    expander.expand(row, () => {
      const itself = expander.next.slice(slots, 2 * slots).join();
      const expected = whole.of(expander.next, slots).join();
      found.transitions++;
      if (expected !== itself) found.rewritten++;
      expander.changes(after);
      byChanges.rewrite(after);
      if (after.row.join() !== expected) found.different++;
    });
  }
  return found;
}

describe('what is rewritten by what has changed', () => {
  it.each<[string, Wanted, number]>([
    ['a kill', { brokers: 2, records: 1, consumers: [], faults: { kill: 1 } }, 5],
    ['a kill and a fence', { brokers: 2, records: 1, consumers: [], faults: { kill: 1, fence: 1 } }, 4],
  ])('is what looking at all of it gives: %s', (_, sketch, depth) => {
    for (const isRewritten of [true, false]) {
      const { transitions, rewritten, different } = compared(sketch, depth, isRewritten);
      expect(transitions).toBeGreaterThan(50);
      expect(rewritten).toBeGreaterThan(0);
      expect(different).toBe(0);
    }
  });
});
