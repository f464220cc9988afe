/** What tests of the search of the reference machine share. Only tests import it. */
import { Rewritten } from '../../model/drivers/search/canonical.ts';
import { Ranked } from '../../model/drivers/search/ranked.ts';
import { shapesOf } from '../../model/drivers/search/store.ts';
import { sleepMemory } from '../../model/drivers/search/sleep.ts';
import { exploreHere, statesOf, type Explored } from '../../model/drivers/search/testing.ts';
import {
  assemble,
  createMachine,
  digestState,
  layoutOf,
  NO_FAULTS,
  observedShape,
  type Machine,
  type Observed,
  type State,
} from '../../model/index.ts';
import { digestOf } from '../../model/protocol/base/digest.ts';
import { configFor, type Wanted } from '../../model/testing.ts';
import type { BoundSettings } from './bounds.ts';
import type { Seen } from '../partitions.ts';
import type { Property } from '../property.ts';
import { explorableMachine, PROPERTIES, type ExplorableOptions, type Grain } from '../index.ts';

export interface Reached {
  readonly state: State;
  /** By partition. */
  readonly seen: Seen;
}

export const keyOf = ({ state, seen }: Reached): string => {
  const out: number[] = [];
  for (const observed of seen) observedShape.encode(observed, out);
  return `${digestState(state)} ${digestOf(out)}`;
};

export const withoutCheckpoints = (state: State): State => ({
  ...state,
  logs: state.logs.map((log) => ({ ...log, highWatermarkCheckpoint: 0 })),
});

export interface Sketch extends Wanted {
  readonly bounds?: BoundSettings;
  readonly grain?: Grain;
  readonly depth?: number;
  readonly properties?: readonly string[];
  readonly tolerated?: readonly string[];
  /** Whether states that differ in numbers that nobody looks at are one. */
  readonly ranks?: boolean;
  /** Whether states that differ in what nobody reads any more are one. */
  readonly buries?: boolean;
  /** Whether states that differ in high-watermark checkpoints are one. */
  readonly hides?: boolean;
  /** Whether any eligible replica may be elected. */
  readonly election?: 'order' | 'any';
  /** Whether actors that are alike are taken for one another. */
  readonly symmetry?: boolean;
  /** Whether exchanges are left out that go on as one did that was gone through, and whether that is forgotten soon. */
  readonly remembers?: boolean;
  readonly forgets?: boolean;
  /** Whether actions sleep that only come in another order; for so many states of a level at the most. */
  readonly sleeps?: number;
}

export const everything = PROPERTIES.map(({ id }) => id);

/** Both levels at work together. */
const BYTES_A_STATE = 64;

export function explored(
  sketch: Sketch,
): Explored & { readonly keys: Set<string>; readonly kinds: Set<string> } {
  const { bounds = {}, grain = { name: 'message' }, depth, tolerated = [], properties = everything } = sketch;
  const { ranks = false, buries = false, hides = false, symmetry = false } = sketch;
  const { remembers = true, forgets = false, sleeps } = sketch;
  const machine = machineFor(sketch);
  const looked = PROPERTIES.filter(({ id }) => properties.includes(id));
  const explorable = explorableMachine(machine, looked, {
    bounds,
    grain,
    ranks,
    buries,
    hidesCheckpoints: hides,
    election: sketch.election,
  });
  const result = exploreHere(explorable, {
    tolerated,
    symmetry,
    remembers,
    forgets,
    sleeps: sleeps === undefined ? undefined : sleepMemory(sleeps * BYTES_A_STATE),
    limits: depth === undefined ? {} : { depth },
  });
  const layout = layoutOf(machine.initial);
  const first = layout.slots.length;
  const partitions = 1 + machine.config.otherAssignments.length;
  const keys = statesOf(explorable, result.hand).map((values) =>
    keyOf({
      state: assemble(layout, values),
      seen: values.slice(first, first + partitions) as Observed[],
    }),
  );
  return {
    ...result,
    keys: new Set(keys),
    kinds: kindsOf(machine, looked, { bounds, grain, hidesCheckpoints: hides }, result),
  };
}

/** Representatives of all states met. */
function kindsOf(
  machine: Machine,
  looked: readonly Property[],
  options: ExplorableOptions,
  { hand: { store } }: Explored,
): Set<string> {
  const explorable = explorableMachine(machine, looked, options);
  const { ranking } = explorable;
  if (ranking === undefined) throw new Error('nothing is ranked');
  const { shapeOf } = shapesOf(explorable);
  const ranked = new Rewritten(new Ranked(ranking, store.values, shapeOf), shapeOf.length);
  const row = new Int32Array(explorable.slots.length);
  return new Set(
    Array.from({ length: store.count }, (_, state) => {
      store.load(state, row);
      return ranked.of(row, 0).join();
    }),
  );
}

export const machineFor = (sketch: Sketch): Machine =>
  createMachine(configFor({ ...sketch, faults: { ...NO_FAULTS, ...sketch.faults } }));

/** Two brokers and one record: the smallest machine that replicates. */
export const small: Sketch = { brokers: 2, records: 1, consumers: [] };

/** The same twice: each broker leads one of two partitions. */
export const twoPartitions: Sketch = { ...small, records: 2, otherAssignments: [[1, 0]] };
