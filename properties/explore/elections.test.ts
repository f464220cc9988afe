/** Elections that any eligible replica may win: more behaviours, in which brokers are alike. */
import { describe, expect, it } from 'vitest';
import { Canonical, Rewritten } from '../../model/drivers/search/canonical.ts';
import { shapesOf } from '../../model/drivers/search/store.ts';
import { FULL, sampled } from '../../model/testing.ts';
import { explorableMachine, PROPERTIES } from '../index.ts';
import { electionFault } from './elections.ts';
import { everything, explored, machineFor, small, type Sketch } from './testing.ts';

const deep = (levels: number): number => (FULL ? levels : levels - 2);

/** How many states are left of those of a search that tells brokers apart, once they are taken for one another. */
function orbits(sketch: Sketch): number {
  const { hand } = explored({ ...sketch, election: 'any', ranks: true, tolerated: everything });
  const explorable = explorableMachine(machineFor(sketch), PROPERTIES, {
    bounds: {},
    grain: { name: 'message' },
    ranks: false,
    buries: false,
    election: 'any',
  });
  const { shapeOf } = shapesOf(explorable);
  const canonical = new Rewritten(
    new Canonical(explorable.symmetry!, hand.store.values, shapeOf),
    shapeOf.length,
  );
  const row = new Int32Array(shapeOf.length);
  const kinds = new Set<string>();
  for (let state = 0; state < hand.store.count; state++) {
    hand.store.load(state, row);
    kinds.add(canonical.of(row, 0).join());
  }
  return kinds.size;
}

const brokenIn = ({ totals }: ReturnType<typeof explored>): string[] =>
  Object.keys(totals.brokenTolerated).sort();

const sketches: [string, Sketch][] = [
  ['two brokers, a kill', { ...small, faults: { kill: 1 }, depth: deep(9) }],
  ['three brokers, no record', { records: 0, consumers: [], faults: { kill: 1 }, depth: deep(7) }],
  [
    'three brokers, a fence and a move',
    { records: 1, consumers: [], faults: { fence: 1, move: 1 }, depth: deep(6) },
  ],
  ['a consumer and a cut', { ...small, consumers: [{}], faults: { cut: 1 }, depth: deep(7) }],
  [
    'power and a shrink',
    { records: 1, consumers: [], faults: { 'power-loss': 1, shrink: 1 }, depth: deep(6) },
  ],
  [
    'unclean elections',
    { ...small, unclean: true, minInsyncReplicas: 1, faults: { kill: 2, shrink: 1 }, depth: deep(9) },
  ],
];

describe('any eligible replica may be elected', () => {
  it.each<[string, Sketch]>(sampled(sketches, 2))('and brokers are alike: %s', (_, sketch) => {
    // Brokers begin with different broker epochs, which only ranks take for one.
    const all: Sketch = { ...sketch, election: 'any', ranks: true, tolerated: everything };
    const plain = explored(all);
    const reduced = explored({ ...all, symmetry: true });
    const { depth, met } = plain.totals;
    expect(reduced.end).toBe(plain.end);
    expect(reduced.totals).toMatchObject({ depth, met });
    expect(brokenIn(reduced)).toEqual(brokenIn(plain));
    expect(reduced.totals.states).toBe(orbits(sketch));
    // Of two brokers one leads at first, and soon the other one may.
    if (sketch.brokers !== 2) expect(reduced.totals.states).toBeLessThan(plain.totals.states);
  });

  it.each<[string, Sketch]>(sampled(sketches, 2))('and nothing that happens is left out: %s', (_, sketch) => {
    const ordered = explored({ ...sketch, tolerated: everything });
    const any = explored({ ...sketch, election: 'any', tolerated: everything });
    expect([...ordered.keys].filter((key) => !any.keys.has(key))).toEqual([]);
  });

  it('who else may lead is met', () => {
    const sketch: Sketch = { records: 0, consumers: [], faults: { move: 1, fence: 1 }, depth: 3 };
    const ordered = explored({ ...sketch, tolerated: everything });
    const any = explored({ ...sketch, election: 'any', tolerated: everything });
    expect(any.keys.size).toBeGreaterThan(ordered.keys.size);
  });

  it.each<[string, Sketch, string]>([
    ['ZooKeeper mode', { ...small, release: '3.9-zk' }, 'it belongs to KRaft mode'],
    ['a reassignment', { ...small, faults: { reassign: 1 } }, 'a reassignment names brokers'],
    ['a broker without a replica', { brokers: 3, assignment: [0, 1] }, 'every broker has to have a replica'],
  ])('but not with %s', (_, sketch, why) => {
    expect(electionFault(machineFor(sketch))).toBe(why);
    expect(electionFault(machineFor(small))).toBeUndefined();
  });
});
