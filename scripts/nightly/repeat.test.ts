import { expect, it } from 'vitest';
import { defaultSettings } from '../../model/index.ts';
import { PROPERTIES, STRATEGIES, strategyRuns, type StrategyName } from '../../properties/index.ts';
import { Comparison, firstDifference } from './repeat.ts';
import { comparedWith, fileOf, repeating } from './repeating.ts';
import { DEFAULT_TARGETS, targetsFrom } from './targets.ts';

/** What the comparison says of a run of one seed and then of another. */
function compared(name: StrategyName, first: number, second: number): ReturnType<Comparison['verdict']> {
  const comparison = new Comparison();
  const runs = strategyRuns(name, {
    settings: defaultSettings,
    properties: PROPERTIES,
    seed: 0,
    actions: 400,
    tolerated: new Set(),
    onStep: comparison.look,
  });
  const one = runs.runFrom(first, 0);
  comparison.again();
  return comparison.verdict(one, runs.runFrom(second, 0));
}

it.each(STRATEGIES)('%s: the same seed gives the same run, another seed another one', (name) => {
  for (const seed of [1, 2, 3]) expect(compared(name, seed, seed)).toBeUndefined();
  expect(compared(name, 1, 2)).toMatchObject({ step: expect.any(Number) as number });
});

it('a difference names the first field that differs', () => {
  const state = { replicas: [{ highWatermark: 1, leader: 0 }], logs: [[1, 2]] };
  expect(firstDifference(state, structuredClone(state))).toBeUndefined();
  expect(firstDifference(state, { ...state, replicas: [{ highWatermark: 2, leader: 0 }] })).toEqual({
    path: 'replicas.0.highWatermark',
    says: '1, then 2',
  });
  expect(firstDifference(state, { ...state, logs: [[1, 2, 3]] })?.path).toBe('logs.0.2');
  expect(firstDifference({ a: null }, { a: {} })?.path).toBe('a');
  expect(firstDifference({}, { a: 1 })).toEqual({ path: 'a', says: 'nothing, then 1' });
});

it('what both runs have kept since the state before is not looked at again, what one of them has kept is', () => {
  const was = { log: { end: 1 }, other: { end: 1 } };
  const wasAgain = { log: { end: 2 }, other: { end: 1 } };
  expect(firstDifference({ ...was }, { ...wasAgain }, was, wasAgain)).toBeUndefined();
  const changed = { ...wasAgain, other: { end: 3 } };
  expect(firstDifference({ ...was }, changed, was, wasAgain)?.path).toBe('other.end');
  expect(firstDifference(changed, { ...was }, wasAgain, was)?.path).toBe('other.end');
});

it('what runs came to is the same when they are made again; what was kept of other runs is not, and says where', () => {
  const targets = targetsFrom(DEFAULT_TARGETS, 'targets.json').filter(({ id }) =>
    id.startsWith('4.1-repaired/F0/'),
  );
  const made = [...repeating(targets, 1, 8)];
  expect(made.map(({ difference }) => difference)).toEqual(made.map(() => undefined));
  const kept = fileOf([...repeating(targets, 1, 8)]);
  expect(comparedWith(made, kept)).toEqual({ compared: 8, differences: [] });
  const forged = kept.replace(/(?<= )([0-9a-f]{8})[0-9a-f]{8}/, '$100000000');
  expect(comparedWith(made, forged).differences).toEqual([
    expect.stringMatching(/^4.1-repaired\/F0\/.+ from step 17 to 32 on$/) as string,
  ]);
});
