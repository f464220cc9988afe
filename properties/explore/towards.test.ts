/** A search that is led: it finds far breaks in few states, and what it finds is one. */
import { describe, expect, it } from 'vitest';
import { BestFirst, createMachine, Hand, NO_FAULTS, storeMemory, type SearchEnd } from '../../model/index.ts';
import { configFor, type Wanted } from '../../model/testing.ts';
import { Checker, DISTANCES, explorableMachine, PROPERTIES } from '../index.ts';

const MIB = 1024 * 1024;

interface Led {
  readonly end: SearchEnd;
  readonly states: number;
  readonly frontier: number;
  readonly closest: number;
  readonly actions: readonly number[] | undefined;
}

function machineFor({ faults, ...wanted }: Wanted) {
  const config = configFor({ records: 1, consumers: [], ...wanted });
  return createMachine({
    ...config,
    faults: { ...config.faults, budgets: { ...NO_FAULTS, ...faults }, maxLossyBrokers: 1 },
  });
}

function led(
  property: string,
  wanted: Wanted,
  { most = 20_000, bytes = 64 * MIB, countsWay = false } = {},
): Led {
  const properties = PROPERTIES.filter(({ id }) => id === property);
  const explorable = explorableMachine(machineFor(wanted), properties, {
    bounds: {},
    grain: { name: 'exchange', detached: 1 },
    towards: property,
  });
  const hand = new Hand(explorable, storeMemory(explorable, bytes), { symmetry: false, tolerated: [] });
  const search = new BestFirst(hand, explorable, { states: most, countsWay });
  const run = search.run(() => true);
  let turn = run.next();
  while (turn.done !== true) turn = run.next();
  const [first] = search.breaks;
  const { states, frontier } = search.totals();
  const { closest } = search;
  const actions = first === undefined ? undefined : [...hand.pathTo(first.from).actions, ...first.path];
  return { end: turn.value, states, frontier, closest, actions };
}

/** The last member of the ISR loses power. */
const lastStanding: Wanted = { release: '4.0', faults: { 'power-loss': 1, shrink: 2 } };

describe('a search towards a lost record', () => {
  it('finds it in a few hundred states, where level by level it takes a hundred thousand', () => {
    const { end, states, actions = [] } = led('durability/holder', lastStanding);
    expect(end).toBe('broken');
    expect(states).toBeLessThan(1000);
    const machine = machineFor(lastStanding);
    const checker = new Checker(machine, PROPERTIES);
    let { initial: state } = machine;
    for (const code of actions) {
      const step = machine.step(state, code);
      checker.look(state, step);
      ({ state } = step);
    }
    expect(checker.findings.map(({ property }) => property)).toContain('durability/holder');
  });

  it('finds a shorter one in more states where the way counts', () => {
    const belowMinimum: Wanted = {
      release: '3.6',
      rules: { 'registration-removes-old-incarnation': 'yes' },
      consumers: [{}],
      records: 2,
      faults: { shrink: 3, 'power-loss': 1 },
    };
    const greedy = led('visible-stays', belowMinimum);
    const shorter = led('visible-stays', belowMinimum, { countsWay: true });
    expect([greedy.end, shorter.end]).toEqual(['broken', 'broken']);
    expect(shorter.states).toBeGreaterThan(greedy.states);
    expect(shorter.actions?.length).toBeLessThan(greedy.actions?.length ?? 0);
  });

  it('ends where it may not go on, and says how near it came', () => {
    const { end, states, frontier, closest } = led('durability/holder', lastStanding, { most: 50 });
    expect(end).toBe('states');
    expect(states).toBeGreaterThanOrEqual(50);
    expect(frontier).toBeGreaterThan(0);
    expect(closest).toBeLessThan(12);
  });

  it('ends where there is no memory left', () => {
    const repaired: Wanted = { ...lastStanding, release: '4.1-repaired' };
    expect(led('durability/holder', repaired, { most: 1e6, bytes: MIB }).end).toBe('memory');
  });

  it('meets every state where nothing breaks', () => {
    const { end, frontier } = led('acked-durable', { brokers: 2, faults: {} });
    expect({ end, frontier }).toEqual({ end: 'complete', frontier: 0 });
  });

  it('knows only properties that there are', () => {
    const ids = PROPERTIES.map(({ id }) => id);
    for (const id of Object.keys(DISTANCES)) expect(ids).toContain(id);
  });
});
