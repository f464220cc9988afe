import { describe, expect, it } from 'vitest';
import { Checker, PROPERTIES } from '../../properties/index.ts';
import { A, B, C, configFor, FULL, Play, sampled, type Wanted } from '../testing.ts';
import { ACTIONS } from './actions/index.ts';
import { NO_FAULTS } from './config.ts';
import { createMachine, type ActionCode, type Machine } from './machine.ts';
import { RELEASE_NAMES, type ReleaseName } from './rules/releases.ts';
import { FAULT_KINDS } from './state/environment.ts';
import { digestState, stateShape, type State } from './state/state.ts';

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function chance(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * bound);
  };
}

const enabledIn = (machine: Machine, state: State): ActionCode[] => {
  const out: ActionCode[] = [];
  machine.enabled(state, out);
  return out;
};

const kindOf = (machine: Machine, code: ActionCode): string => machine.definition(code).kind;

/** Faults are picked rarely, or nothing would ever be replicated. */
function pick(
  machine: Machine,
  enabled: readonly ActionCode[],
  below: (bound: number) => number,
): ActionCode {
  const calm = enabled.filter((code) => machine.definition(code).role !== 'perturbation');
  const among = calm.length > 0 && below(6) > 0 ? calm : enabled;
  return among[below(among.length)] ?? 0;
}

interface Stride {
  readonly before: State;
  readonly code: ActionCode;
  readonly after: State;
  readonly enabled: readonly ActionCode[];
}

/** A random walk from the first state, step by step. */
function* walk(machine: Machine, seed: number, steps: number): Generator<Stride> {
  const below = chance(seed);
  let before = machine.initial;
  for (let i = 0; i < steps; i++) {
    const enabled = enabledIn(machine, before);
    if (enabled.length === 0) return;
    const code = pick(machine, enabled, below);
    const { state: after } = machine.step(before, code);
    yield { before, code, after, enabled };
    before = after;
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

const FIRST = 'everything may go wrong';
const configurations: Record<string, Wanted> = {
  [FIRST]: {},
  'two brokers, acks=1, unclean election': {
    brokers: 2,
    minInsyncReplicas: 1,
    unclean: true,
    producers: [{ acks: 1, maxInFlight: 3 }],
    consumers: [{ autoOffsetReset: 'latest' }, {}],
  },
  'four brokers, three replicas, two producers, flush': {
    brokers: 4,
    assignment: [2, 0, 1],
    flushMessages: 2,
    producers: [{ acks: 0 }, { maxInFlight: 5, retries: 1, batchRecords: 3 }],
    consumers: [{ autoOffsetReset: 'none' }],
  },
  'consumers in the racks of followers': {
    rackAwareSelector: true,
    racks: [0, 1, 1],
    consumers: [{ rack: 1 }, {}],
  },
  'three partitions, one of which is added': {
    otherAssignments: [
      [1, 2, 0],
      [2, 0],
    ],
    partitions: 2,
    faults: { 'add-partition': 1 },
    producers: [
      { idempotence: true, maxInFlight: 3 },
      { batchRecords: 2, bufferRecords: 4 },
    ],
    logDirs: 2,
    maxLossyBrokers: 1,
    maxUncleanStops: 2,
  },
  'three producers': {
    producers: [{ idempotence: true, maxInFlight: 3 }, { acks: 1, bufferRecords: 1 }, { batchRecords: 2 }],
    consumers: [{}, {}],
  },
  'three producers in ZooKeeper mode': { release: '2.4', brokers: 2, producers: [{}, {}, {}] },
  'no faults': { faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) },
  'few faults': {
    faults: Object.fromEntries(
      FAULT_KINDS.filter((kind) => kind !== 'add-partition').map((kind) => [kind, 1]),
    ),
  },
};
const cases = Object.entries(configurations).flatMap(([name, wanted]) =>
  (name === FIRST ? sampled(RELEASE_NAMES, 3) : (['4.1'] as const)).map((release) => ({
    name,
    release,
    wanted: { ...wanted, release },
  })),
);
/** Every case takes a walk of this length. */
const STEPS = FULL ? 300 : 80;

describe('a step', () => {
  it.each(cases)('changes the state and breaks no shape: $name ($release)', ({ wanted }) => {
    const machine = createMachine(configFor(wanted));
    expect(stateShape.fault(machine.initial, 'state')).toBeUndefined();
    for (const { before, code, after } of walk(machine, 1, STEPS)) {
      const what = JSON.stringify(machine.decode(code));
      expect(digestState(after), what).not.toBe(digestState(before));
      expect(stateShape.fault(after, 'state'), what).toBeUndefined();
    }
  });

  it.each(cases)('leaves the state before as it was: $name ($release)', ({ wanted }) => {
    const machine = createMachine(configFor(wanted));
    deepFreeze(machine.initial);
    // In strict mode a write to a frozen object throws.
    for (const { after } of walk(machine, 2, STEPS)) deepFreeze(after);
  });

  it('hands on untouched components as the same object', () => {
    const machine = createMachine(configFor({}));
    const parts = (state: State): readonly unknown[] =>
      Object.values(state).flatMap((part: unknown) => (Array.isArray(part) ? (part as unknown[]) : [part]));
    for (const { before, code, after } of walk(machine, 3, 2 * STEPS)) {
      const old = parts(before);
      for (const [i, part] of parts(after).entries()) {
        // Equal and yet another object: interning would find it, but only after encoding it again.
        if (part !== old[i]) expect(part, JSON.stringify(machine.decode(code))).not.toEqual(old[i]);
      }
    }
  });

  it('is refused for an action that is not enabled, with the guard that refuses', () => {
    const machine = createMachine(configFor({}));
    const below = chance(4);
    let state = machine.initial;
    const seen = new Set<ActionCode>();
    for (const { after, enabled } of walk(machine, 4, STEPS)) {
      for (const code of enabled) seen.add(code);
      state = after;
      const now = new Set(enabledIn(machine, state));
      const others = [...seen].filter((code) => !now.has(code));
      const code = others[below(others.length)];
      if (code === undefined) continue;
      const refusal = machine.refusal(state, code);
      expect(refusal?.guard).toBeTypeOf('string');
      expect(() => machine.step(state, code)).toThrow(`not so that ${refusal?.guard ?? ''}`);
    }
  });

  it('names the guard in words', () => {
    const play = new Play({});
    expect(play.refusal('elect-controller')).toBe('no controller is active');
    expect(play.refusal('handle-fetch', B, A, 0)).toBe('the request is in flight');
    expect(() => play.act('start-broker', A)).toThrow(
      '{"kind":"start-broker","broker":0} is not enabled: not so that the broker is down',
    );
  });

  it('takes a fault from the budget of its kind, and no more than there are', () => {
    const play = new Play({ faults: { kill: 1, pause: 0 } });
    expect(play.refusal('pause', A)).toBe('the fault budget of its kind is not used up');
    play.act('kill', A);
    expect(play.refusal('kill', B)).toBe('the fault budget of its kind is not used up');
    expect(play.refusal('start-broker', A)).toBeUndefined();
  });
});

describe('what is enabled', () => {
  it.each(cases)(
    'follows from the state alone, not from what was asked before: $name ($release)',
    ({ wanted }) => {
      const machine = createMachine(configFor(wanted));
      const kept: State[] = [];
      const below = chance(7);
      let n = 0;
      for (const { after } of walk(machine, 5, STEPS)) {
        const incremental = enabledIn(machine, after);
        // A machine that has seen no other state works everything out anew.
        if (n++ % 8 === 0) expect(incremental).toEqual(enabledIn(createMachine(configFor(wanted)), after));
        for (const code of incremental) expect(machine.refusal(after, code)).toBeUndefined();
        kept.push(after);
        // A search jumps between states that do not follow each other.
        const other = kept[below(kept.length)];
        if (other !== undefined && n % 3 === 0) enabledIn(machine, other);
      }
    },
  );

  it('is every action that no guard refuses, of those with parameters seen anywhere', () => {
    const machine = createMachine(configFor({}));
    const known = new Set<ActionCode>();
    const states: State[] = [];
    for (const { after, enabled } of walk(machine, 6, STEPS)) {
      for (const code of enabled) known.add(code);
      states.push(after);
    }
    for (const state of states.filter((_, i) => i % 5 === 0)) {
      const offered = new Set(enabledIn(machine, state));
      for (const code of known) {
        const refused = machine.refusal(state, code) !== undefined;
        expect(offered.has(code), JSON.stringify(machine.decode(code))).toBe(!refused);
      }
    }
  });

  it('comes in one order, by kind', () => {
    const machine = createMachine(configFor({}));
    const order = ACTIONS.map(({ kind }) => kind);
    for (const { enabled } of walk(machine, 8, 100)) {
      const positions = enabled.map((code) => order.indexOf(kindOf(machine, code)));
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      expect(new Set(enabled).size).toBe(enabled.length);
    }
  });

  it.each(FAULT_KINDS)('without %s in the fault plan is no action of that kind', (fault) => {
    const machine = createMachine(configFor({ faults: { [fault]: 0 } }));
    for (const { before, enabled } of walk(machine, 9, STEPS)) {
      for (const code of enabled) {
        const { fault: kind, costs } = machine.definition(code);
        if (kind !== fault) continue;
        // Some actions cost a fault only in some states: there they must be free.
        const [a = 0, b = 0, c = 0] = Object.values(machine.decode(code)).slice(1) as number[];
        expect(costs?.(machine.model, before, a, b, c)).toBe(false);
      }
    }
  });

  it.each<readonly [string, Wanted, string]>([
    ['producers', { producers: [] }, 'producer'],
    ['consumers', { consumers: [] }, 'consumer'],
  ])('without %s is no action of theirs, and no state', (_, wanted, who) => {
    const machine = createMachine(configFor(wanted));
    for (const { enabled, after } of walk(machine, 10, STEPS)) {
      expect(enabled.filter((code) => machine.definition(code).who === who)).toEqual([]);
      expect(who === 'producer' ? after.producers : after.consumers).toEqual([]);
    }
  });
});

describe('what is drawn', () => {
  /** A walk by draws: by these weights, with this chance. */
  const drawn = (machine: Machine, weights: Int32Array, seed: number): ActionCode[] => {
    const below = chance(seed);
    const codes: ActionCode[] = [];
    let state = machine.initial;
    for (let i = 0; i < STEPS; i++) {
      machine.draw(state, weights, below, codes);
      if (codes.length === i) break;
      ({ state } = machine.step(state, codes[i] ?? 0));
    }
    return codes;
  };
  const everything = Int32Array.from(ACTIONS, () => 1);
  // What is nearly always disabled has nearly all tickets, so that patience runs out again and again.
  const hardlyAnything = Int32Array.from(ACTIONS, ({ kind }) => (kind === 'elect-controller' ? 200 : 1));

  it.each([
    ['by even weights', everything],
    ['where hardly a ticket wins', hardlyAnything],
  ])('follows from state and chance alone, whatever the machine was asked before: %s', (_, weights) => {
    const fresh = drawn(createMachine(configFor({})), weights, 1);
    expect(fresh.length).toBe(STEPS);
    const machine = createMachine(configFor({}));
    for (const seed of [2, 3]) {
      drawn(machine, everything, seed);
      expect(drawn(machine, weights, 1)).toEqual(fresh);
      // What was worked out for one state must not be known of another.
      for (const { after } of walk(machine, seed, 20)) enabledIn(machine, after);
      expect(drawn(machine, weights, 1)).toEqual(fresh);
    }
  });

  it('is nothing where no kind with a weight is enabled', () => {
    const machine = createMachine(configFor({}));
    const weights = Int32Array.from(ACTIONS, ({ kind }) => (kind === 'elect-controller' ? 1 : 0));
    expect(drawn(machine, weights, 1)).toEqual([]);
    expect(drawn(machine, new Int32Array(ACTIONS.length), 1)).toEqual([]);
  });
});

describe('an action', () => {
  it('is the same after it was packed into a number and back', () => {
    const machine = createMachine(configFor({}));
    for (const { enabled } of walk(machine, 11, 100)) {
      for (const code of enabled) expect(machine.encode(machine.decode(code))).toBe(code);
    }
  });

  it.each([
    { kind: 'explode', broker: 0 },
    { kind: 'kill' },
    { kind: 'kill', broker: -1 },
    { kind: 'kill', broker: 0.5 },
    { kind: 'kill', broker: 512 },
    { kind: 'kill', broker: 'A' },
    { kind: 'kill', broker: 0, twice: 1 },
    { kind: 'kill', leader: 0 },
  ])('is not one where no such thing exists: %j', (action) => {
    expect(createMachine(configFor({})).encode(action)).toBeUndefined();
  });
});

describe('the first state', () => {
  it.each(cases)('breaks no property: $name ($release)', ({ wanted }) => {
    const checker = new Checker(createMachine(configFor(wanted)), PROPERTIES);
    expect(checker.findings).toEqual([]);
  });

  it('has the preferred leader lead an empty log with everybody in sync', () => {
    const play = new Play({ brokers: 4, assignment: [2, 0, 1] });
    expect(play.partition()).toMatchObject({ leader: 2, leaderEpoch: 0, isr: 0b111, elr: 0 });
    expect(play.leading(2)).toMatchObject({ committedIsr: 0b111, epochStart: 0, pending: null });
    expect([A, B].map((id) => play.replica(id).fetcher?.leader)).toEqual([2, 2]);
    expect(play.replica(3)).toMatchObject({ leader: -1, leading: null, fetcher: null });
  });
});

describe('determinism', () => {
  const digests = (release: ReleaseName): string[] =>
    [...walk(createMachine(configFor({ release })), 12, STEPS)].map(({ after }) => digestState(after));

  it.each(RELEASE_NAMES)('the same choices lead through the same states (%s)', (release) => {
    expect(digests(release)).toEqual(digests(release));
  });

  // The pins change with the shape of the state and with every rule that the run meets; say so in the commit. A kind of
  // fault that cannot happen does not change them.
  it('a fixed run ends in the same state on every machine and Node', () => {
    const play = new Play({ faults: { ...NO_FAULTS, kill: 1, fence: 1 } });
    play
      .produce()
      .replicate(B)
      .replicate(C)
      .replicate(B)
      .replicate(C)
      .act('kill', A)
      .fence(A)
      .everybodyLearns();
    play.act('refresh-producer-metadata', 0, B).replicate(C).restart(A).everybodyLearns().catchUp(A);
    expect(digestState(play.machine.initial)).toBe('c3b2cae7f9859526');
    expect(digestState(play.state)).toBe('c55e92f06ae8cc78');
  });
});
