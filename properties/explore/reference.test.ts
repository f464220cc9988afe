/** The search of the reference machine against one so plain that it can be believed, and its two grains. */
import { describe, expect, it } from 'vitest';
import { Rewritten } from '../../model/drivers/search/canonical.ts';
import { Ranked } from '../../model/drivers/search/ranked.ts';
import { shapesOf } from '../../model/drivers/search/store.ts';
import { statesOf, type Explored } from '../../model/drivers/search/testing.ts';
import type { ActionCode, Machine, State } from '../../model/index.ts';
import { configFor, FULL, sampled } from '../../model/testing.ts';
import { BOUNDS, type BoundName, type BoundSettings } from './bounds.ts';
import { learnt, momentsOf, nothingSeen } from '../partitions.ts';
import { promisedBy } from '../property.ts';
import { isPointless } from './pointless.ts';
import {
  everything,
  explored,
  keyOf,
  machineFor,
  small,
  twoPartitions,
  withoutCheckpoints,
  type Reached,
  type Sketch,
} from './testing.ts';
import { explorableMachine, PROPERTIES, type Grain } from '../index.ts';

interface Plain {
  readonly keys: Set<string>;
  /** The same without high-watermark checkpoints. */
  readonly unchecked: Set<string>;
  transitions: number;
  /** By property: actions of the shortest run that breaks it. */
  readonly broken: Map<string, number>;
  readonly cut: Map<BoundName, number>;
}

/** The first bound that the state exceeds: how a bound weighs is for `bounds.test.ts`. */
function exceeded(state: State, bounds: BoundSettings): BoundName | undefined {
  return BOUNDS.find(({ name, field, together, weight }) => {
    const limit = bounds[name];
    if (limit === undefined) return false;
    const value = state[field];
    const weights = (Array.isArray(value) ? value : [value]).map((component) => weight(component as never));
    return (together ? weights.reduce((sum, one) => sum + one, 0) : Math.max(...weights)) > limit;
  })?.name;
}

/** Level by level with `enabled` and `step`; every property is asked at every step. `leaves` says what is left out. */
function plainly(machine: Machine, depth: number, bounds: BoundSettings, leaves = isPointless): Plain {
  const { initial, config, model } = machine;
  const found: Plain = {
    keys: new Set(),
    unchecked: new Set(),
    transitions: 0,
    broken: new Map(),
    cut: new Map(),
  };
  let level: Reached[] = [{ state: initial, seen: nothingSeen(config) }];
  found.keys.add(keyOf(level[0]!));
  const promised = promisedBy(model, PROPERTIES);
  for (let taken = 1; taken <= depth && level.length > 0; taken++) {
    const next: Reached[] = [];
    for (const { state: before, seen: seenBefore } of level) {
      const codes: ActionCode[] = [];
      machine.enabled(before, codes);
      for (const code of codes) {
        if (leaves(machine, before, code)) continue;
        const step = machine.step(before, code);
        const { state: after } = step;
        const over = exceeded(after, bounds);
        if (over !== undefined) {
          found.cut.set(over, (found.cut.get(over) ?? 0) + 1);
          continue;
        }
        found.transitions++;
        const seen = learnt(seenBefore, before, step);
        for (const moment of momentsOf(model, before, step, seenBefore, seen)) {
          for (const { id, check, onEvents, onChange } of promised) {
            const looks =
              moment.events.some(({ type }) => onEvents.includes(type)) ||
              onChange.some((field) => moment.before[field] !== moment.after[field]);
            if (looks && !found.broken.has(id) && check(moment) !== undefined) found.broken.set(id, taken);
          }
        }
        const reached = { state: after, seen };
        const key = keyOf(reached);
        if (found.keys.has(key)) continue;
        found.keys.add(key);
        found.unchecked.add(keyOf({ state: withoutCheckpoints(after), seen }));
        next.push(reached);
      }
    }
    level = next;
  }
  return found;
}

describe('the search of the reference machine', () => {
  it.each<[string, Sketch & { readonly depth: number }]>([
    ['nothing goes wrong, to the end', { ...small, depth: 99 }],
    ['a kill', { ...small, faults: { kill: 1 }, depth: 8 }],
    ['power, messages and time', { ...small, faults: { 'power-loss': 1, lost: 1, shrink: 1 }, depth: 7 }],
    ['every fault, three brokers', { records: 1, faults: configFor({}).faults.budgets, depth: 2 }],
    [
      'two producers without idempotence',
      { brokers: 2, producers: [{ maxInFlight: 2 }, { acks: 1 }], depth: 6 },
    ],
    [
      '3.3 and unclean elections',
      { ...small, release: '3.3', unclean: true, faults: { fence: 1 }, depth: 8 },
    ],
    ['ZooKeeper mode', { ...small, release: '3.9-zk', faults: { fence: 1, ctrl: 1 }, depth: 5 }],
    ['within bounds', { ...small, faults: { kill: 1 }, bounds: { epochs: 0, messages: 1 }, depth: 12 }],
    [
      'two partitions, a kill and messages that are lost',
      { ...twoPartitions, records: 2, faults: { kill: 1, lost: 1 }, depth: 4 },
    ],
    [
      'two partitions, a partition that is added, dirty reads',
      {
        ...{ ...twoPartitions, consumers: [{}], partitions: 1, faults: { 'add-partition': 1, ctrl: 1 } },
        ...{ mutant: ['a consumer reads only below the high watermark'], depth: 5 },
      },
    ],
    [
      'dirty reads',
      { brokers: 2, records: 1, mutant: ['a consumer reads only below the high watermark'], depth: 7 },
    ],
  ])('meets the same states, transitions and breaks as a plain one: %s', (_, sketch) => {
    const plain = plainly(machineFor(sketch), sketch.depth, sketch.bounds ?? {});
    const { totals, keys } = explored({ ...sketch, tolerated: everything });
    expect(totals.states).toBe(plain.keys.size);
    expect(keys).toEqual(plain.keys);
    expect(totals.transitions).toBe(plain.transitions);
    expect(Object.keys(totals.brokenTolerated).sort()).toEqual([...plain.broken.keys()].sort());
    const cuts = totals.cuts.reduce((sum, count) => sum + count, 0);
    expect(cuts).toBe([...plain.cut.values()].reduce((sum, count) => sum + count, 0));
    for (const [id, actions] of plain.broken) {
      expect(explored({ ...sketch, properties: [id] })).toMatchObject({ end: 'broken', broken: [id] });
      expect(explored({ ...sketch, properties: [id] }).actions).toHaveLength(actions);
    }
  });

  it('gives a counterexample that the machine takes, and that breaks what it says with its last action', () => {
    const sketch: Sketch = {
      ...small,
      consumers: [{}],
      mutant: ['a consumer reads only below the high watermark'],
    };
    const machine = machineFor(sketch);
    const { actions = [], broken } = explored(sketch);
    expect(broken).toContain('committed-reads');
    const kinds = actions.map((code) => machine.decode(code).kind);
    expect(kinds).toEqual(['send-record', 'handle-produce', 'poll']);
    let { initial: state } = machine;
    for (const code of actions) state = machine.step(state, code).state;
  });
});

describe('the exchange grain', () => {
  const grain = (detached: number): Grain => ({ name: 'exchange', detached });
  const sketches: readonly [string, Sketch][] = [
    ['nothing goes wrong', small],
    ['a consumer reads', { ...small, consumers: [{}] }],
    ['messages are lost', { ...small, faults: { lost: 1 }, bounds: { retries: 0 } }],
    [
      'an ISR changes',
      { ...small, minInsyncReplicas: 1, faults: { shrink: 1 }, bounds: { 'partition-epochs': 1 } },
    ],
  ];

  it.each(sketches)(
    'with nothing but whole exchanges ⊂ with one message left ⊂ messages: %s',
    (_, sketch) => {
      const none = explored({ ...sketch, grain: grain(0) });
      const one = explored({ ...sketch, grain: grain(1) });
      const messages = explored(sketch);
      for (const { end } of [none, one, messages]) expect(end).toBe('complete');
      expect([...none.keys].filter((key) => !one.keys.has(key))).toEqual([]);
      expect([...one.keys].filter((key) => !messages.keys.has(key))).toEqual([]);
      expect(none.keys.size).toBeLessThan(one.keys.size);
      expect(one.totals.depth).toBeLessThan(messages.totals.depth);
      expect(none.totals.cuts.at(-1)).toBeGreaterThan(0);
    },
  );

  it.each<[string, Sketch]>(
    sampled<[string, Sketch]>(
      [
        ['a fence', { ...small, faults: { fence: 1 }, grain: grain(1), depth: FULL ? 99 : 3 }],
        ['a kill and a move', { ...small, faults: { kill: 1, move: 1 }, grain: grain(1), depth: 4 }],
        [
          'three brokers, what is broken, and bounds',
          {
            ...{ records: 1, consumers: [], faults: { 'power-loss': 1, fence: 1 }, grain: grain(1) },
            ...{ release: '4.1', bounds: { epochs: 1, messages: 2 }, depth: FULL ? 3 : 1 },
          },
        ],
        [
          'records that are lost',
          {
            ...{ ...small, faults: { 'power-loss': 1, shrink: 1 }, grain: grain(0), depth: 7 },
            minInsyncReplicas: 1,
          },
        ],
        ['ZooKeeper mode', { ...small, release: '3.9-zk', faults: { ctrl: 1 }, grain: grain(1), depth: 4 }],
      ],
      2,
    ),
  )('goes through what is alike once, and meets what it meets otherwise: %s', (_, sketch) => {
    const all = { ...sketch, tolerated: everything, ranks: true };
    const plain = explored({ ...all, remembers: false });
    const remembering = explored(all);
    expect(remembering.end).toBe(plain.end);
    expect(remembering.keys).toEqual(plain.keys);
    expect(remembering.totals.depth).toBe(plain.totals.depth);
    expect(remembering.totals.met).toEqual(plain.totals.met);
    expect(Object.keys(remembering.totals.brokenTolerated).sort()).toEqual(
      Object.keys(plain.totals.brokenTolerated).sort(),
    );
    // What is left out is counted, whatever was forgotten meanwhile; only those that go round in a circle count once.
    const { transitions, cuts } = remembering.totals;
    expect(transitions).toBeLessThanOrEqual(plain.totals.transitions);
    expect(transitions).toBeGreaterThan(plain.totals.transitions * 0.9);
    expect(explored({ ...all, forgets: true }).totals).toMatchObject({ transitions, cuts });
    const [id] = Object.keys(plain.totals.brokenTolerated);
    if (id === undefined) return;
    const shortest = explored({ ...sketch, properties: [id], ranks: true, remembers: false });
    const found = explored({ ...sketch, properties: [id], ranks: true });
    expect(found).toMatchObject({ end: 'broken', actions: { length: shortest.actions?.length } });
  });

  // It takes seconds to see that an exchange goes on and on.
  it.runIf(FULL)('ends where an exchange never comes to rest, and proves nothing', () => {
    const sketch: Sketch = { ...small, faults: { fence: 1 }, grain: grain(0) };
    const mutant = ['a broker is fenced only after its session has expired'];
    expect(explored(sketch).end).toBe('complete');
    expect(explored({ ...sketch, mutant }).end).toBe('endless');
  });

  it('finds in ZooKeeper mode what a restart between two controllers loses', () => {
    const { broken } = explored({
      ...{ ...small, release: '3.9-zk', minInsyncReplicas: 1, grain: grain(1), ranks: true },
      ...{ faults: { 'power-loss': 1, ctrl: 1 }, properties: ['durability/in-sync'] },
    });
    expect(broken).toEqual(['durability/in-sync']);
  });

  it.each(sketches)('with enough split off meets every state: %s', (_, sketch) => {
    expect(explored({ ...sketch, grain: grain(16) }).keys).toEqual(explored(sketch).keys);
  });
});

describe('what is pointless', () => {
  it.each<[string, Sketch & { readonly depth: number }]>(
    sampled<[string, Sketch & { readonly depth: number }]>(
      [
        ['nothing stops', { ...small, depth: 99 }],
        ['the one stop is over', { ...small, faults: { kill: 1 }, depth: 12 }],
        ['nobody can stop', { ...small, faults: { shrink: 1 }, depth: 10 }],
      ],
      3,
    ),
  )('changes nothing but checkpoints that nobody reads, and no break: %s', (_, sketch) => {
    const machine = machineFor(sketch);
    const all = plainly(machine, sketch.depth, {}, () => false);
    const reduced = plainly(machine, sketch.depth, {});
    expect(reduced.unchecked).toEqual(all.unchecked);
    expect(reduced.broken).toEqual(all.broken);
    expect(reduced.keys.size).toBeLessThan(all.keys.size);
  });
});

describe('ranking numbers that rules only compare', () => {
  const exchange: Grain = { name: 'exchange', detached: 1 };
  it.each<[string, Sketch]>(
    sampled<[string, Sketch]>(
      [
        ['a fence', { ...small, faults: { fence: 1 }, grain: exchange }],
        ['a kill', { ...small, faults: { kill: 1 }, depth: 8 }],
        ['two kills', { ...small, minInsyncReplicas: 1, faults: { kill: 2 }, grain: exchange, depth: 5 }],
        [
          'a bound on epochs',
          { ...small, faults: { fence: 1 }, bounds: { epochs: 1 }, grain: exchange, depth: 9 },
        ],
        [
          'an unclean election',
          {
            ...small,
            unclean: true,
            minInsyncReplicas: 1,
            faults: { shrink: 1, kill: 1 },
            grain: exchange,
            depth: 6,
          },
        ],
      ],
      3,
    ),
  )('gives one state for each kind that there is, and the same answers: %s', (_, sketch) => {
    const all = { ...sketch, tolerated: everything };
    const exact = explored(all);
    const ranked = explored({ ...all, ranks: true });
    expect(ranked.end).toBe(exact.end);
    expect(ranked.totals.depth).toBe(exact.totals.depth);
    expect(ranked.totals.states).toBe(exact.kinds.size);
    expect(ranked.kinds.size).toBe(ranked.totals.states);
    expect(ranked.totals.states).toBeLessThan(exact.totals.states);
    expect(ranked.totals.met).toEqual(exact.totals.met);
    const broken = Object.keys(exact.totals.brokenTolerated);
    expect(Object.keys(ranked.totals.brokenTolerated).sort()).toEqual(broken.sort());
    for (const id of broken) {
      const shortest = explored({ ...sketch, properties: [id] });
      expect(explored({ ...sketch, properties: [id], ranks: true })).toMatchObject({
        end: 'broken',
        actions: { length: shortest.actions?.length },
      });
    }
  });
});

describe('clients that are alike', () => {
  const two: Sketch = { brokers: 2, records: 1, producers: [{}, {}], consumers: [] };
  const exchange: Grain = { name: 'exchange', detached: 1 };

  /** How many states a search without symmetry meets for those that one with it has stored. */
  function unfolded(sketch: Sketch, { hand }: Explored): number {
    const { bounds = {}, grain = { name: 'message' }, ranks = false } = sketch;
    const explorable = explorableMachine(machineFor(sketch), PROPERTIES, {
      ...{ bounds, grain, ranks, hidesCheckpoints: false },
    });
    const { symmetry, ranking } = explorable;
    const { values } = hand.store;
    const { shapeOf } = shapesOf(explorable);
    const ranked =
      ranking === undefined ? undefined : new Rewritten(new Ranked(ranking, values, shapeOf), shapeOf.length);
    const images = Array.from({ length: symmetry!.permutations }, (_, permutation) => permutation);
    return statesOf(explorable, hand).reduce((sum, state) => {
      const keys = images.map((permutation) => {
        const row = new Int32Array(state.length);
        for (const [slot, value] of state.entries()) {
          row[symmetry!.slot(permutation, slot)] = values.numberOf(
            shapeOf[slot]!,
            symmetry!.value(permutation, slot, value),
          );
        }
        return (ranked === undefined ? row : ranked.of(row, 0)).join();
      });
      return sum + new Set(keys).size;
    }, 0);
  }

  it.each<[string, Sketch, number]>(
    sampled<[string, Sketch, number]>(
      [
        ['producers', { ...two, depth: 8 }, 1.7],
        [
          'producers with idempotence and a kill',
          {
            ...two,
            producers: [{ idempotence: true }, { idempotence: true }],
            faults: { kill: 1 },
            depth: 6,
            ranks: true,
          },
          1.5,
        ],
        ['consumers', { ...small, consumers: [{}, {}], depth: 14 }, 1.2],
        ['producers and consumers', { ...two, consumers: [{}, {}], depth: 6 }, 1.5],
        [
          'consumers, whole exchanges',
          { ...small, consumers: [{}, {}], faults: { fence: 1 }, grain: exchange, ranks: true, depth: 4 },
          1,
        ],
        [
          'dirty reads',
          {
            ...small,
            consumers: [{}, {}],
            mutant: ['a consumer reads only below the high watermark'],
            depth: 8,
          },
          1.2,
        ],
        [
          'acks=1 and a kill',
          {
            ...two,
            producers: [{ acks: 1 }, { acks: 1 }],
            minInsyncReplicas: 1,
            faults: { kill: 1, shrink: 1 },
            grain: { name: 'message' },
            depth: 6,
          },
          1.5,
        ],
      ],
      3,
    ),
  )(
    'give the same answers from fewer states, and each stands for as many as there are: %s',
    (_, sketch, factor) => {
      const all = { ...sketch, tolerated: everything };
      const plain = explored(all);
      const reduced = explored({ ...all, symmetry: true });
      expect(reduced.end).toBe(plain.end);
      expect(reduced.totals.depth).toBe(plain.totals.depth);
      expect(reduced.totals.met).toEqual(plain.totals.met);
      expect(unfolded(sketch, reduced)).toBe(plain.totals.states);
      expect(plain.totals.states / reduced.totals.states).toBeGreaterThan(factor);
      const broken = Object.keys(plain.totals.brokenTolerated).sort();
      expect(Object.keys(reduced.totals.brokenTolerated).sort()).toEqual(broken);
      for (const id of broken) {
        const shortest = explored({ ...sketch, properties: [id] });
        const found = explored({ ...sketch, properties: [id], symmetry: true });
        expect(found).toMatchObject({ end: 'broken', actions: { length: shortest.actions?.length } });
        // The run that is printed is one that the machine itself takes.
        const machine = machineFor(sketch);
        let { initial: state } = machine;
        for (const code of found.actions ?? []) state = machine.step(state, code).state;
      }
    },
  );
});
