/** Several partitions in the search: its grains, its reductions and its other question give the answers that they give with one. */
import { describe, expect, it } from 'vitest';
import { exploreHere } from '../../model/drivers/search/testing.ts';
import { FULL } from '../../model/testing.ts';
import { explorableMachine, type Grain } from '../index.ts';
import { everything, explored, machineFor, small, twoPartitions, type Sketch } from './testing.ts';

const whole: Grain = { name: 'exchange', detached: 0 };
const one: Grain = { name: 'exchange', detached: 1 };
/** Each broker has a partition to itself. */
const apart: Sketch = {
  ...small,
  ...{ records: 2, assignment: [0], otherAssignments: [[1]], minInsyncReplicas: 1 },
};

describe('several partitions in the search', () => {
  it('whole exchanges ⊂ one message left ⊂ messages', () => {
    const [none, some, messages] = [whole, one, undefined].map((grain) =>
      explored(grain === undefined ? apart : { ...apart, grain }),
    );
    if (none === undefined || some === undefined || messages === undefined) throw new Error('three searches');
    for (const { end } of [none, some, messages]) expect(end).toBe('complete');
    expect([...none.keys].filter((key) => !some.keys.has(key))).toEqual([]);
    expect([...some.keys].filter((key) => !messages.keys.has(key))).toEqual([]);
    expect(none.keys.size).toBeLessThan(some.keys.size);
    expect(some.keys.size).toBeLessThan(messages.keys.size);
  });

  it.each<[string, Sketch]>([
    ['a fence', { ...apart, faults: { fence: 1 }, depth: FULL ? 9 : 5 }],
    [
      'an ISR changes',
      { ...twoPartitions, minInsyncReplicas: 1, faults: { shrink: 1 }, depth: FULL ? 7 : 5 },
    ],
  ])('ranked numbers give one state for each kind there is: %s', (_, sketch) => {
    const exact = explored({ ...sketch, tolerated: everything });
    const ranked = explored({ ...sketch, tolerated: everything, ranks: true });
    expect(ranked.totals.states).toBe(exact.kinds.size);
    expect(ranked.kinds.size).toBe(ranked.totals.states);
    expect(ranked.totals.met).toEqual(exact.totals.met);
  });

  it('what nobody reads any more makes states fewer, and hides no break', () => {
    const all = { ...apart, faults: { kill: 1 }, grain: whole, ranks: true, depth: FULL ? 99 : 4 };
    const plain = explored({ ...all, tolerated: everything });
    const buried = explored({ ...all, tolerated: everything, buries: true });
    expect(buried.totals.states).toBeLessThan(plain.totals.states);
    // A leader that dies takes with it what its follower did not get.
    const sketch: Sketch = {
      ...twoPartitions,
      ...{ minInsyncReplicas: 1, producers: [{ acks: 1 }], faults: { kill: 1 } },
    };
    const lost = { ...sketch, grain: whole, ranks: true, properties: ['acked-durable'] };
    const first = explored(lost);
    const found = explored({ ...lost, buries: true });
    expect(found).toMatchObject({ end: 'broken', actions: { length: first.actions?.length } });
    const machine = machineFor(sketch);
    let { initial: state } = machine;
    for (const code of found.actions ?? []) state = machine.step(state, code).state;
  });

  it('actions that sleep hide no state and no break', () => {
    const sketch = { ...apart, consumers: [{}], faults: { kill: 1 }, tolerated: everything };
    const plain = explored({ ...sketch, depth: FULL ? 8 : 5 });
    const sleeping = explored({ ...sketch, depth: FULL ? 8 : 5, sleeps: 1 << 12 });
    const { states, depth, frontier, met, transitions } = plain.totals;
    expect(sleeping.totals).toMatchObject({ states, depth, frontier, met });
    expect(sleeping.keys).toEqual(plain.keys);
    expect(sleeping.totals.transitions).toBeLessThan(transitions);
  });

  it('all is well only if it is with each partition', () => {
    const machine = machineFor({ ...apart, consumers: [] });
    const { recovery, initial } = explorableMachine(machine, [], {
      ...{ bounds: {}, grain: whole, recovery: 'everyone' },
    });
    expect(recovery?.isWell((slot) => initial[slot])).toBe(true);
    expect(recovery?.wants.map(({ says }) => says)).toContain(
      'partition 1: the partition has a leader that knows it leads',
    );
    const run = exploreHere(
      explorableMachine(machine, [], { bounds: {}, grain: whole, recovery: 'everyone' }),
    );
    expect(run.end).toBe('complete');
  });
});
