/** What the search of the reference machine need not tell apart: with and without, it has to say the same. */
import { describe, expect, it } from 'vitest';
import { Rewritten } from '../../model/drivers/search/canonical.ts';
import { Buried } from '../../model/drivers/search/dead.ts';
import { shapesOf } from '../../model/drivers/search/store.ts';
import { statesOf, type Explored } from '../../model/drivers/search/testing.ts';
import {
  assemble,
  defaultSettings,
  digestState,
  layoutOf,
  type Machine,
  type Observed,
  type Settings,
} from '../../model/index.ts';
import { explorableMachine, mutantsOf, PROPERTIES, type Grain, type Mutant } from '../index.ts';
import {
  everything,
  explored,
  keyOf,
  machineFor,
  small,
  withoutCheckpoints,
  type Sketch,
} from './testing.ts';
import { FULL, sampled } from '../../model/testing.ts';

describe('what nobody reads any more', () => {
  const exchange = (detached: number): Grain => ({ name: 'exchange', detached });
  /** How many states are left of those of a search once they forget it. */
  function buried(sketch: Sketch, { hand: { store } }: Explored): number {
    const { bounds = {}, grain = { name: 'message' }, properties = everything } = sketch;
    const looked = PROPERTIES.filter(({ id }) => properties.includes(id));
    const explorable = explorableMachine(machineFor(sketch), looked, {
      ...{ bounds, grain, hidesCheckpoints: false },
    });
    const row = new Int32Array(explorable.slots.length);
    const { shapeOf } = shapesOf(explorable);
    const dead = new Buried(explorable.dead ?? [], store.values, shapeOf);
    const without = new Rewritten(dead, shapeOf.length);
    return new Set(
      Array.from({ length: store.count }, (_, state) => {
        store.load(state, row);
        return without.of(row, 0).join();
      }),
    ).size;
  }

  it.each<[string, Sketch]>(
    sampled<[string, Sketch]>(
      [
        ['a kill', { ...small, faults: { kill: 1 }, depth: 9 }],
        ['a kill and a lost message', { ...small, faults: { kill: 1, lost: 1 }, depth: 7 }],
        ['a kill, whole exchanges', { ...small, faults: { kill: 1 }, grain: exchange(0) }],
        [
          'power and a fence, one thing split off',
          { ...small, faults: { 'power-loss': 1, fence: 1 }, grain: exchange(1), depth: 4 },
        ],
        [
          'guarantees and promises, power and a fence, one thing split off',
          {
            ...small,
            properties: PROPERTIES.filter(({ kind }) => kind !== 'lemma').map(({ id }) => id),
            faults: { 'power-loss': 1, fence: 1 },
            grain: exchange(1),
            depth: 3,
          },
        ],
        [
          'followers that lag, a bounce and three brokers',
          {
            records: 1,
            consumers: [],
            faults: { kill: 1, shrink: 1 },
            grain: exchange(0),
            depth: 3,
          },
        ],
        [
          'two stops and an election',
          {
            ...small,
            minInsyncReplicas: 1,
            faults: { kill: 1, 'power-loss': 1, move: 1 },
            grain: exchange(0),
            depth: 7,
          },
        ],
        [
          'unclean elections and a consumer',
          {
            ...small,
            consumers: [{}],
            unclean: true,
            minInsyncReplicas: 1,
            faults: { kill: 1, shrink: 1 },
            grain: exchange(0),
            depth: 7,
          },
        ],
        [
          'a follower that stops its broker',
          {
            ...small,
            minInsyncReplicas: 1,
            rules: { 'follower-ahead-of-leader': 'exits' },
            faults: { kill: 1, shrink: 1 },
            grain: exchange(1),
            depth: 4,
          },
        ],
        [
          'two producers, acks=1',
          {
            brokers: 2,
            records: 1,
            consumers: [],
            producers: [{ acks: 1 }, {}],
            minInsyncReplicas: 1,
            faults: { kill: 1, shrink: 1 },
            grain: exchange(0),
            depth: 5,
          },
        ],
        [
          'ZooKeeper mode',
          { ...small, release: '3.9-zk', faults: { kill: 1, fence: 1 }, grain: exchange(0), depth: 6 },
        ],
      ],
      3,
    ),
  )('is told apart by nothing: %s', (_, sketch) => {
    const all = { ...sketch, tolerated: everything };
    const plain = explored(all);
    const reduced = explored({ ...all, buries: true });
    expect(reduced.end).toBe(plain.end);
    // What differs in nothing else makes no level of its own.
    if (plain.end !== 'complete') expect(reduced.totals.depth).toBe(plain.totals.depth);
    expect(reduced.totals.met).toEqual(plain.totals.met);
    expect(reduced.totals.states).toBe(buried(sketch, plain));
    const broken = Object.keys(plain.totals.brokenTolerated).sort();
    expect(Object.keys(reduced.totals.brokenTolerated).sort()).toEqual(broken);
    for (const id of broken) {
      const shortest = explored({ ...sketch, properties: [id] });
      const found = explored({ ...sketch, properties: [id], buries: true });
      expect(found).toMatchObject({ end: 'broken', actions: { length: shortest.actions?.length } });
    }
  });

  it('makes states fewer where records are sent again and brokers stop', () => {
    const sketch: Sketch = { ...small, faults: { kill: 1, fence: 1 }, grain: exchange(0), ranks: true };
    const states = [false, true].map((buries) => explored({ ...sketch, buries }).totals.states);
    expect(states[0]! / states[1]!).toBeGreaterThan(1.3);
  });
});

describe('checkpoints without their moments', () => {
  const exchange = (detached: number): Grain => ({ name: 'exchange', detached });
  const stopping: Sketch = { ...small, minInsyncReplicas: 1, faults: { kill: 1 }, grain: exchange(0) };
  const OFTEN_ENOUGH = 40;

  const explorableOf = (
    { bounds = {}, grain = { name: 'message' } }: Sketch,
    machine: Machine,
    hides: boolean,
  ) => explorableMachine(machine, PROPERTIES, { bounds, grain, hidesCheckpoints: hides });

  /** Each state without checkpoints, with each value that a broker's may have. */
  function valuesMet(sketch: Sketch, { hand }: Explored, hides: boolean): Set<string> {
    const machine = machineFor(sketch);
    const explorable = explorableOf(sketch, machine, hides);
    const layout = layoutOf(machine.initial);
    const { splits } = explorable.exchange!;
    const met = new Set<string>();
    for (const state of statesOf(explorable, hand)) {
      const plain = assemble(layout, state);
      const seen = state[layout.slots.length] as Observed;
      const key = `${keyOf({ state: withoutCheckpoints(plain), seen: [seen] })} ${String(state[splits])}`;
      for (const [broker, { highWatermarkCheckpoint }] of plain.logs.entries()) {
        const possible = hides ? (state[splits + 1 + broker] as number[]) : [highWatermarkCheckpoint];
        for (const value of possible) met.add(`${key} ${broker} ${value}`);
      }
    }
    return met;
  }

  const more: [string, Sketch][] = [
    ['two kills', { ...stopping, faults: { kill: 2 }, depth: 7 }],
    ['a clean stop', { ...stopping, faults: { 'clean-stop': 1 }, depth: 8 }],
    ['an empty disk', { ...stopping, faults: { wipe: 1 }, depth: 8 }],
    ['a kill, one thing split off', { ...stopping, grain: exchange(1), depth: 4 }],
    ['ZooKeeper mode', { ...stopping, release: '3.9-zk', faults: { kill: 1, fence: 1 }, depth: 5 }],
    ['power and a pause', { ...stopping, faults: { 'power-loss': 1, pause: 1 }, depth: 6 }],
  ];

  it.each<[string, Sketch]>([['a kill', stopping], ...(FULL ? more : [])])(
    'miss no state and make none up: %s',
    (_, sketch) => {
      const plain = explored({ ...sketch, tolerated: everything });
      const hiding = explored({ ...sketch, hides: true, tolerated: everything });
      const met = valuesMet(sketch, hiding, true);
      expect([...valuesMet(sketch, plain, false)].filter((key) => !met.has(key))).toEqual([]);
      expect(hiding.totals.states).toBeLessThan(plain.totals.states);
      expect(hiding.totals.met).toEqual(plain.totals.met);
      expect(hiding.totals.brokenTolerated).toMatchObject(
        Object.fromEntries(Object.keys(plain.totals.brokenTolerated).map((id) => [id, expect.any(Number)])),
      );

      // The machine takes a run to each state.
      const machine = machineFor(sketch);
      const { runOf } = explorableOf(sketch, machine, true);
      const layout = layoutOf(machine.initial);
      const { hand } = hiding;
      const step = Math.max(1, Math.floor(hand.store.count / OFTEN_ENOUGH));
      let written = 0;
      for (let number = hand.store.count - 1; number >= 0; number -= step) {
        let { initial: state } = machine;
        const labels = hand.pathTo(number).actions;
        const run = runOf!(labels);
        written += run.length - labels.length;
        for (const code of run) state = machine.step(state, code).state;
        const stored = assemble(layout, hand.valuesOf(number));
        expect(digestState(withoutCheckpoints(state))).toBe(digestState(withoutCheckpoints(stored)));
      }
      // A clean stop writes the last value itself, and a short search may end before a start reads another one.
      if (sketch === stopping) expect(written).toBeGreaterThan(0);
    },
  );

  it.each<[string, Sketch, boolean]>([
    ['every broker holds a replica', {}, true],
    ['a broker holds none', { brokers: 3, assignment: [0, 1] }, false],
    ['replicas move', { faults: { reassign: 1 } }, false],
    ['nothing is split off, action by action', { grain: { name: 'message' } }, false],
  ])('are told by states only where no log is compared: %s', (_, more, hidden) => {
    const sketch = { ...stopping, ...more };
    const { slots } = explorableOf(sketch, machineFor(sketch), true);
    expect(slots.some(({ name }) => name.startsWith('checkpoints '))).toBe(hidden);
  });
});

describe('all that is left out', () => {
  const exchange: Grain = { name: 'exchange', detached: 0 };
  const base: Settings = { ...defaultSettings, release: '4.1-repaired' };
  const plan = (mutant: Mutant['settings'], more: Sketch): Sketch => ({
    ...{ ...small, minInsyncReplicas: 1, grain: exchange, depth: 5, tolerated: everything },
    ...{ release: mutant.release, rules: mutant.rules, mutant: mutant.mutant },
    ...more,
  });
  const FAULTS: readonly Sketch[] = [
    { faults: { kill: 1, fence: 1 } },
    { faults: { 'power-loss': 1, move: 1 }, unclean: true },
  ];
  // Each breaks something that near: of all others it is only looked whether they do where there is time.
  const BREAKING = [
    'without: a clean leader comes from the ISR, or from the ELR when the ISR is empty',
    'without: a starting broker waits for the record of its own registration',
  ];
  const mutants = mutantsOf(base).filter(({ id }) => FULL || BREAKING.includes(id));

  it.each(mutants)('hides no break of a broken rule: $id', ({ id, settings }) => {
    const found = FAULTS.flatMap((faults) => {
      const plain = explored(plan(settings, faults));
      const reduced = explored({ ...plan(settings, faults), ranks: true, buries: true, hides: true });
      expect(reduced.totals.states).toBeLessThan(plain.totals.states);
      const broken = Object.keys(plain.totals.brokenTolerated);
      expect(Object.keys(reduced.totals.brokenTolerated)).toEqual(expect.arrayContaining(broken));
      return broken;
    });
    if (BREAKING.includes(id)) expect(found.length).toBeGreaterThan(0);
  });
});
