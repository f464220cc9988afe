/** Clients that are alike: with their names exchanged all goes on as before. */
import { describe, expect, it } from 'vitest';
import { nothingObserved, observe } from '../../observer/observe.ts';
import { observedShape, type Observed } from '../../observer/observed.ts';
import { createMachine, type ActionCode, type Machine } from '../../protocol/machine.ts';
import type { Shape } from '../../protocol/base/shape.ts';
import type { State } from '../../protocol/state/state.ts';
import { digestState } from '../../protocol/state/state.ts';
import { digestOf } from '../../protocol/base/digest.ts';
import { configFor, type Wanted } from '../../testing.ts';
import { clientSymmetry, type Alike } from './clients.ts';
import { assemble, componentsOf, layoutOf } from './tracked.ts';

interface Seen {
  readonly state: State;
  readonly observed: Observed;
}

const keyOf = ({ state, observed }: Seen): string => {
  const out: number[] = [];
  observedShape.encode(observed, out);
  return `${digestState(state)} ${digestOf(out)}`;
};

const slotsOf = (machine: Machine) => [
  ...layoutOf(machine.initial).slots,
  { name: 'observed', shape: observedShape as Shape<unknown> },
];

const symmetryOf = (wanted: Wanted, alike: Alike = 'clients') => {
  const machine = createMachine(configFor(wanted));
  return clientSymmetry(machine.config, slotsOf(machine), alike);
};

/** All states with other names that one state stands for. */
function renamer(machine: Machine): readonly ((seen: Seen) => Seen)[] {
  const layout = layoutOf(machine.initial);
  const symmetry = clientSymmetry(machine.config, slotsOf(machine), 'clients');
  if (symmetry === undefined) throw new Error('no two clients are alike');
  return Array.from({ length: symmetry.permutations }, (_, permutation) => ({ state, observed }) => {
    const before = [...componentsOf(layout, state), observed];
    const after = [...before];
    for (const [slot, value] of before.entries()) {
      after[symmetry.slot(permutation, slot)] = symmetry.value(permutation, slot, value);
    }
    return { state: assemble(layout, after), observed: after.at(-1) as Observed };
  });
}

function stepped(machine: Machine, { state, observed }: Seen, code: ActionCode): Seen {
  const step = machine.step(state, code);
  return { state: step.state, observed: observe(observed, state, step.state, step.events) };
}

function followers(machine: Machine, seen: Seen): readonly Seen[] {
  const codes: ActionCode[] = [];
  machine.enabled(seen.state, codes);
  return codes.map((code) => stepped(machine, seen, code));
}

const SEEDS = process.env['HIGHWATER_FULL'] === '1' ? 3 : 1;

const machines = [
  { brokers: 2, producers: [{ maxInFlight: 2 }, { maxInFlight: 2 }], consumers: [{}, {}] },
  {
    producers: [
      { idempotence: true, maxInFlight: 5, batchRecords: 2 },
      { idempotence: true, maxInFlight: 5, batchRecords: 2 },
    ],
  },
  {
    release: '2.4',
    brokers: 2,
    producers: [{ idempotence: true }, { idempotence: true }],
    consumers: [{}, {}],
  },
  {
    brokers: 2,
    producers: [
      { acks: 1, bufferRecords: 1 },
      { acks: 1, bufferRecords: 1 },
    ],
    consumers: [],
  },
  { release: '3.9-zk', brokers: 2, producers: [{}, {}], consumers: [{}, {}] },
  { brokers: 2, records: 1, producers: [{}, {}, {}], consumers: [] },
] as const satisfies readonly Wanted[];

describe('clients that are alike', () => {
  it.each(machines)('go on as before with their names exchanged: %j', (wanted) => {
    const machine = createMachine(configFor({ records: 2, ...wanted }));
    const renamings = renamer(machine);
    for (let seed = 1; seed <= SEEDS; seed++) {
      let random = seed;
      let seen: Seen = { state: machine.initial, observed: nothingObserved(machine.config) };
      let exchanged = 0;
      for (let taken = 0; taken < 60; taken++) {
        const next = followers(machine, seen);
        const keys = renamings.map((rename) => next.map((after) => keyOf(rename(after))).sort());
        for (const [i, rename] of renamings.entries()) {
          const other = rename(seen);
          if (keyOf(other) !== keyOf(seen)) exchanged++;
          expect(followers(machine, other).map(keyOf).sort()).toEqual(keys[i]);
        }
        random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        const drawn = next[(random >>> 8) % next.length];
        if (drawn === undefined) break;
        seen = drawn;
      }
      expect(exchanged).toBeGreaterThan(20);
    }
  });

  it('are those that are configured the same, producers among each other and consumers', () => {
    expect(symmetryOf({ producers: [{}, {}], consumers: [{}, {}] })?.permutations).toBe(4);
    expect(symmetryOf({ producers: [{}, {}, {}], consumers: [{}, {}] })?.permutations).toBe(12);
    expect(symmetryOf({ producers: [{}, { acks: 1 }, {}], consumers: [{}] })?.permutations).toBe(2);
    expect(symmetryOf({ producers: [{}, { acks: 1 }], consumers: [{}, {}] })?.permutations).toBe(2);
    expect(symmetryOf({ producers: [{}, {}], consumers: [{}, {}] }, 'consumers')?.permutations).toBe(2);
    expect(symmetryOf({ producers: [{}], consumers: [{}, { autoOffsetReset: 'latest' }] })).toBeUndefined();
  });

  it('renaming twice gives back what was there', () => {
    const machine = createMachine(configFor({ brokers: 2, producers: [{}, {}], consumers: [{}, {}] }));
    let seen: Seen = { state: machine.initial, observed: nothingObserved(machine.config) };
    for (let taken = 0; taken < 40; taken++) {
      const next = followers(machine, seen);
      seen = next[(taken * 7) % next.length] ?? seen;
      for (const rename of renamer(machine)) expect(keyOf(rename(rename(seen)))).toBe(keyOf(seen));
    }
  });
});
