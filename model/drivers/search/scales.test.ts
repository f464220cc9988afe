/** Numbers that rules only compare: what is ranked, and that a ranked state behaves as the one that it stands for. */
import { describe, expect, it } from 'vitest';
import { nothingObserved, observe } from '../../observer/observe.ts';
import { observedShape, type Observed } from '../../observer/observed.ts';
import { createMachine, type ActionCode, type Machine } from '../../protocol/machine.ts';
import type { Shape } from '../../protocol/base/shape.ts';
import type { State } from '../../protocol/state/state.ts';
import { entry } from '../../protocol/state/log.ts';
import type { Message } from '../../protocol/state/message.ts';
import { newestOffset } from '../../protocol/state/metadata.ts';
import { A, B, C, configFor, Play, type Wanted } from '../../testing.ts';
import { Rewritten } from './canonical.ts';
import { Ranked } from './ranked.ts';
import { CLASSES, LARGEST, rankingOf, unclassifiedFields, type Classes } from './scales.ts';
import { assemble, componentsOf, layoutOf } from './tracked.ts';
import { ValueTable, valueMemory } from './value-table.ts';

interface Seen {
  readonly state: State;
  readonly observed: Observed;
}

/** Ranks whole states, with what is observed, as a search does. */
function ranker(machine: Machine, classes?: Classes) {
  const layout = layoutOf(machine.initial);
  const slots = [...layout.slots, { name: 'observed', shape: observedShape as Shape<unknown> }];
  const shapes = [...new Set(slots.map(({ shape }) => shape))];
  const shapeOf = slots.map(({ shape }) => shapes.indexOf(shape));
  const values = new ValueTable(valueMemory(1 << 20, 1 << 16), shapes);
  const ranking = rankingOf(slots, machine.config.brokers, [], classes);
  if (ranking === undefined) throw new Error('something is not classified');
  const ranked = new Rewritten(new Ranked(ranking, values, shapeOf), shapeOf.length);
  const rowOf = ({ state, observed }: Seen): Int32Array =>
    Int32Array.from([...componentsOf(layout, state), observed], (value, slot) =>
      values.numberOf(shapeOf[slot] ?? -1, value),
    );
  return {
    key: (seen: Seen): string => ranked.of(rowOf(seen), 0).join(),
    of: (seen: Seen): Seen => {
      const components = Array.from(ranked.of(rowOf(seen), 0), (number) => values.valueOf(number));
      return { state: assemble(layout, components), observed: components.at(-1) as Observed };
    },
  };
}

function stepped(machine: Machine, { state, observed }: Seen, code: ActionCode): Seen {
  const step = machine.step(state, code);
  return { state: step.state, observed: observe(observed, state, step.state, step.events) };
}

const enabled = (machine: Machine, { state }: Seen): ActionCode[] => {
  const codes: ActionCode[] = [];
  machine.enabled(state, codes);
  return codes;
};

const machines = [
  { release: '3.3', brokers: 2, unclean: true, minInsyncReplicas: 1 },
  { release: '4.1-repaired' },
  { release: '3.0', brokers: 2 },
  { release: '3.3-zk', rules: { 'stop-replica-fenced-by': 'leader-epoch' } },
  { release: '4.0', producers: [{ maxInFlight: 2 }, { acks: 1 }] },
  {
    ...{ release: '3.3', brokers: 2, unclean: true, minInsyncReplicas: 1 },
    rules: { 'follower-truncation': 'epoch-and-end' },
  },
] as const satisfies readonly Wanted[];
const ACTIONS_OF_A_WALK = 200;

/**
 * The first way in which a ranked state differs from what it stands for: in what is enabled, or in where an action
 * leads. Walks like those of a search, in which faults are few; `choice` draws.
 */
function difference(wanted: Wanted, seed: number, classes?: Classes): string | undefined {
  const machine = createMachine(configFor(wanted));
  const { of, key } = ranker(machine, classes);
  const leadsTo = (ranked: Seen, code: ActionCode, expected: string): boolean => {
    try {
      return key(stepped(machine, ranked, code)) === expected;
    } catch (thrown) {
      // Numbers of which only some were ranked may name what is not there.
      if (thrown instanceof RangeError) return false;
      throw thrown;
    }
  };
  let random = seed;
  const choice = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (random >>> 8) % below;
  };
  let seen: Seen = { state: machine.initial, observed: nothingObserved(machine.config) };
  for (let taken = 0; taken < ACTIONS_OF_A_WALK; taken++) {
    const ranked = of(seen);
    const codes = enabled(machine, seen);
    if (codes.join() !== enabled(machine, ranked).join()) return 'other actions are enabled';
    const faults = codes.filter((code) => machine.definition(code).role === 'perturbation');
    const others = codes.filter((code) => !faults.includes(code));
    const drawn = others.length === 0 || choice(8) === 0 ? faults : others;
    const code = drawn[choice(drawn.length)];
    if (code === undefined) return undefined;
    const after = stepped(machine, seen, code);
    // Beyond that nothing is ranked; replicas that move take a metadata record each time.
    if (newestOffset(after.state.metadata) > LARGEST) return undefined;
    if (!leadsTo(ranked, code, key(after))) return machine.definition(code).kind;
    seen = after;
  }
  return undefined;
}

/** Every field of a scale, as a path, and the classes in which it is left as it is. */
function leftOut(classes: Classes, path: string): [string, (put: Classes) => Classes][] {
  if (typeof classes === 'string') return classes === 'exact' ? [] : [[path, (put) => put]];
  if ('0' in classes) {
    return leftOut(classes[0], `${path}[]`).map(([at, make]) => [at, (put) => [make(put)]]);
  }
  return Object.entries(classes as Readonly<Record<string, Classes>>).flatMap(([field, inner]) =>
    leftOut(inner, `${path}.${field}`).map(([at, make]): [string, (put: Classes) => Classes] => [
      at,
      (put) => ({ ...(classes as object), [field]: make(put) }),
    ]),
  );
}

describe('numbers that rules only compare', () => {
  it('are told from others in every field of the state: who adds a field adds it to CLASSES in scales.ts', () => {
    expect(unclassifiedFields(CLASSES)).toEqual([]);
  });

  it('are left alone where a field is not classified', () => {
    const { slots } = layoutOf(createMachine(configFor({})).initial);
    const { metadata: _, ...rest } = CLASSES as Readonly<Record<string, Classes>>;
    expect(unclassifiedFields(rest)).toContain('metadata');
    expect(rankingOf(slots, 3, [], rest)).toBeUndefined();
  });

  it('are ranked: how often a broker was declared dead and came back makes no difference', () => {
    const play = (broker: number, times: number): Seen => {
      const played = new Play({});
      for (let i = 0; i < times; i++) {
        played.fence(broker).everybodyLearns().act('heartbeat', broker).everybodyLearns();
      }
      return { state: played.state, observed: nothingObserved(played.machine.config) };
    };
    const { key } = ranker(createMachine(configFor({})));
    expect(key(play(C, 2))).toBe(key(play(C, 3)));
    expect(key(play(C, 2))).not.toBe(key(play(B, 2)));
  });

  it.each<[Message, Message]>([
    [
      {
        ...{ kind: 'FetchResponse', from: A, to: B, error: 'NONE', requestOffset: 0, requestEpoch: 2 },
        ...{ entries: [entry(7, 4)], highWatermark: 0, diverging: [{ epoch: 5, start: 0 }] },
      },
      {
        ...{ kind: 'FetchResponse', from: A, to: B, error: 'NONE', requestOffset: 0, requestEpoch: 1 },
        ...{ entries: [entry(7, 2)], highWatermark: 0, diverging: [{ epoch: 3, start: 0 }] },
      },
    ],
    [
      {
        ...{ kind: 'DelayedFetch', from: B, to: A, incarnation: 3, currentLeaderEpoch: 6 },
        ...{ fetchOffset: 4, lastFetchedEpoch: 5, brokerEpoch: 7 },
      },
      {
        ...{ kind: 'DelayedFetch', from: B, to: A, incarnation: 1, currentLeaderEpoch: 2 },
        ...{ fetchOffset: 4, lastFetchedEpoch: 1, brokerEpoch: 1 },
      },
    ],
    [
      {
        ...{ kind: 'OffsetsForLeaderEpoch', from: B, to: A, incarnation: 3 },
        ...{ currentLeaderEpoch: 6, leaderEpoch: 5 },
      },
      {
        ...{ kind: 'OffsetsForLeaderEpoch', from: B, to: A, incarnation: 1 },
        ...{ currentLeaderEpoch: 2, leaderEpoch: 1 },
      },
    ],
    [
      {
        ...{ kind: 'OffsetsForLeaderEpochResponse', from: A, to: B, error: 'NONE', requestEpoch: 6 },
        epochEnd: [{ epoch: 5, start: 9 }],
      },
      {
        ...{ kind: 'OffsetsForLeaderEpochResponse', from: A, to: B, error: 'NONE', requestEpoch: 2 },
        epochEnd: [{ epoch: 1, start: 9 }],
      },
    ],
  ])('are ranked with those of messages under way: $kind', (message, renumbered) => {
    const { initial } = createMachine(configFor({}));
    const { slots } = layoutOf(initial);
    const ranking = rankingOf(slots, 3, [])!;
    const slot = slots.findIndex(({ name }) => name === 'channels 0');
    const masks = Array.from({ length: ranking.scales }, () => 0);
    // The metadata log begins above every epoch of a broker; each has registered once, in its first life.
    ranking.uses(0, { ...initial.metadata, start: 20 }, masks);
    expect(ranking.uses(slot, [message], masks)).toBe(true);
    expect(ranking.renumber(slot, [message], ranking.plan(masks)!)).toEqual([renumbered]);
  });

  it.each(machines)('make no difference to what may happen, and to what it leads: $release', (wanted) => {
    for (let seed = 1; seed <= 5; seed++) expect(difference(wanted, seed)).toBeUndefined();
  });

  // Few walks have the others under way at a moment when it matters.
  const often = [
    '.metadata.images[].registrations[].epoch',
    '.metadata.images[].partitions[].partitionEpoch',
    '.processes[].incarnation',
    '.processes[].metadataOffset',
    '.replicas[].leaderEpoch',
    '.producers[].leaderEpoch',
    '.observed.commits[].leaderEpoch',
  ];
  it.each(leftOut(CLASSES, '').filter(([path]) => often.includes(path)))(
    'are ranked together: where one field of a scale is left as it is, a walk notices: %s',
    (_, make) => {
      const seeds = Array.from({ length: 40 }, (_unused, i) => i + 1);
      const notices = (wanted: Wanted): boolean =>
        seeds.some((seed) => difference(wanted, seed, make('exact')) !== undefined);
      expect(machines.some(notices)).toBe(true);
    },
  );
});
