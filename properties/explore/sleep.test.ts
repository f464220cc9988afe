/** A search in which actions sleep that only come in another order has to say what one says that takes them all. */
import { describe, expect, it } from 'vitest';
import { FULL, sampled } from '../../model/testing.ts';
import { everything, explored, small, type Sketch } from './testing.ts';

/** Levels, where there is time for them. */
const deep = (levels: number): number => (FULL ? levels : levels - 3);

const sketches: [string, Sketch][] = [
  ['a kill', { ...small, faults: { kill: 1 }, depth: deep(8) }],
  ['a lost message and a cut', { ...small, faults: { lost: 1, cut: 1 }, depth: deep(7) }],
  ['power and a fence', { ...small, faults: { 'power-loss': 1, fence: 1 }, depth: deep(7) }],
  ['a bound over all channels', { ...small, faults: { kill: 1 }, bounds: { messages: 1 }, depth: deep(10) }],
  [
    'three brokers, a consumer',
    { records: 1, consumers: [{}], faults: { kill: 1, shrink: 1 }, depth: deep(5) },
  ],
  [
    'bounds of one component',
    { ...small, faults: { fence: 1 }, bounds: { epochs: 1, 'log-length': 1 }, depth: deep(9) },
  ],
  [
    'unclean elections',
    { ...small, unclean: true, minInsyncReplicas: 1, faults: { kill: 1, shrink: 1 }, depth: deep(9) },
  ],
  ['ZooKeeper mode', { ...small, release: '3.9-zk', faults: { kill: 1 }, depth: deep(6) }],
  [
    'two producers',
    {
      brokers: 2,
      records: 1,
      consumers: [],
      producers: [{ acks: 1 }, {}],
      minInsyncReplicas: 1,
      faults: { shrink: 1 },
      depth: deep(6),
    },
  ],
  ...(FULL
    ? [['a kill, to the end', { ...small, records: 0, faults: { kill: 1 } }] satisfies [string, Sketch]]
    : []),
];

const cutAtAll = (cuts: readonly number[]): boolean[] => cuts.map((cut) => cut > 0);
const brokenIn = ({ totals }: ReturnType<typeof explored>): string[] =>
  Object.keys(totals.brokenTolerated).sort();

describe('actions that sleep', () => {
  it.each<[string, Sketch]>(sampled(sketches, 4))('hide no state and no break: %s', (_, sketch) => {
    for (const more of sampled([{ ranks: true, buries: true }, {}], 2)) {
      const all = { ...sketch, ...more, tolerated: everything };
      const plain = explored(all);
      const { states, depth, frontier, met, transitions, cuts } = plain.totals;
      for (const sleeps of sampled([1 << 12, 3], 2)) {
        const sleeping = explored({ ...all, sleeps });
        expect(sleeping.end).toBe(plain.end);
        expect(sleeping.totals).toMatchObject({ states, depth, frontier, met });
        expect(sleeping.keys).toEqual(plain.keys);
        expect(cutAtAll(sleeping.totals.cuts)).toEqual(cutAtAll(cuts));
        expect(brokenIn(sleeping)).toEqual(brokenIn(plain));
        // Where many states share a place, hardly anything sleeps.
        if (sleeps > 3) expect(sleeping.totals.transitions).toBeLessThan(transitions);
      }
    }
  });

  it('make no counterexample longer', () => {
    const sketch: Sketch = {
      brokers: 2,
      records: 1,
      mutant: ['a consumer reads only below the high watermark'],
      depth: 7,
    };
    const broken = brokenIn(explored({ ...sketch, tolerated: everything }));
    expect(broken.length).toBeGreaterThan(0);
    for (const id of broken) {
      const plain = explored({ ...sketch, properties: [id] });
      const sleeping = explored({ ...sketch, properties: [id], sleeps: 1 << 12 });
      expect(plain.actions?.length).toBeGreaterThan(0);
      expect(sleeping).toMatchObject({
        end: 'broken',
        broken: [id],
        actions: { length: plain.actions?.length },
      });
    }
  });
});
