/** Threads tell each other what they have worked out: the same comes of it, and it is worked out once. */
import { describe, expect, it } from 'vitest';
import { answersMemory } from '../../model/drivers/search/answers.ts';
import { sleepMemory } from '../../model/drivers/search/sleep.ts';
import { control, Hand, Search, storeMemory, type Explorable, type HandReport } from '../../model/index.ts';
import { FULL } from '../../model/testing.ts';
import { explorableMachine, PROPERTIES, type Grain } from '../index.ts';
import { machineFor, small, type Sketch } from './testing.ts';

const MIB = 1024 * 1024;

/** Counts what is worked out. */
function counting(machine: Explorable): { machine: Explorable; worked: () => number } {
  let worked = 0;
  return {
    worked: () => worked,
    machine: {
      ...machine,
      choices: (...asked) => (worked++, machine.choices(...asked)),
      take: (...asked) => (worked++, machine.take(...asked)),
      judge: (...asked) => (worked++, machine.judge(...asked)),
    },
  };
}

interface Second {
  readonly worked: number;
  readonly report: HandReport;
  readonly states: number;
}

/** One hand searches, then another one expands all states again, told by the first or not. */
function second(
  sketch: Sketch,
  bytes: number,
  depth: number,
): { readonly first: number; readonly second: Second } {
  const grain: Grain = sketch.grain ?? { name: 'message' };
  const explorable = (): Explorable =>
    explorableMachine(machineFor(sketch), PROPERTIES, { bounds: {}, grain });
  const memory = answersMemory(2, bytes);
  const options = {
    ...{ symmetry: false, tolerated: PROPERTIES.map(({ id }) => id) },
    sleeps: grain.name === 'message' ? sleepMemory(MIB) : undefined,
  };
  const one = counting(explorable());
  const store = storeMemory(one.machine, 64 * MIB);
  const hand = new Hand(one.machine, store, { ...options, shares: { memory, own: 0 } });
  const search = new Search(hand, control(), { depth });
  const run = search.run(() => true);
  while (run.next().done !== true);
  const { count } = hand.store;
  const other = counting(explorable());
  const again = new Hand(other.machine, store, {
    ...{ ...options, sleeps: options.sleeps && sleepMemory(MIB) },
    shares: { memory, own: 1 },
  });
  const all = control();
  all.cursor[1] = search.progress().next;
  expect(again.work(all, 1, () => false)).toBe('done');
  return {
    first: one.worked(),
    second: { worked: other.worked(), report: again.report(), states: again.store.count - count },
  };
}

describe('what one thread has worked out', () => {
  it.each<[string, Sketch, number]>([
    ['in message grain', { ...small, faults: { kill: 1 } }, FULL ? 7 : 5],
    ['in exchange grain', { ...small, faults: { kill: 1 }, grain: { name: 'exchange', detached: 0 } }, 3],
  ])('another one does not, and comes to the same: %s', (_, sketch, depth) => {
    const told = second(sketch, 16 * MIB, depth);
    // Not a word has room.
    const alone = second(sketch, 0, depth);
    expect(told.second.report).toEqual(alone.second.report);
    expect(told.second.states).toBe(alone.second.states);
    expect(alone.second.worked).toBeGreaterThan(alone.first / 2);
    expect(told.second.worked).toBe(0);
  });

  it('is told as far as there is room', () => {
    const sketch: Sketch = { ...small, faults: { kill: 1 } };
    const [told, partly, alone] = [16 * MIB, 16 * 1024, 0].map((bytes) => second(sketch, bytes, 4).second);
    expect(partly?.report).toEqual(told?.report);
    expect(partly?.worked).toBeGreaterThan(0);
    expect(partly?.worked).toBeLessThan(alone?.worked ?? 0);
  });
});
