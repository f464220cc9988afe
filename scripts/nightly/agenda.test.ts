import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.ts';
import { CANARY_FINDS, CRASHES_A_TARGET } from './limits.ts';
import type { BatchLine } from './lines.ts';
import { chosen, DEFAULT_TARGETS, targetsFrom } from './targets.ts';

const all = targetsFrom(DEFAULT_TARGETS, 'targets.json');
const some = chosen(all, ['4.1/F1/*']);

const through = (target: string, batch: number, more: Partial<BatchLine> = {}): BatchLine => ({
  kind: 'batch',
  target,
  batch,
  runs: 50,
  steps: 1,
  ms: 100,
  processorMs: 0,
  minimisingMs: 0,
  brokenIn: {},
  taken: {},
  pairs: [],
  guards: [],
  witnesses: [],
  states: [],
  repeated: 0,
  longestRunMs: 1,
  heapMb: 1,
  ...more,
});

/** The batches that a shard works through, as `target batch`. */
function worked(agenda: Agenda, most: number): string[] {
  const names: string[] = [];
  for (let order = agenda.next(); order !== undefined && names.length < most; order = agenda.next()) {
    names.push(`${order.target.id} ${order.batch}`);
    agenda.learn(through(order.target.id, order.batch));
  }
  return names;
}

describe('shards', () => {
  it('share no batch, and leave none out', () => {
    const shards = [1, 2, 3].map((part) => worked(new Agenda(some, { part, of: 3 }, 4), 1000));
    const together = shards.flat().sort();
    expect(new Set(together).size).toBe(together.length);
    expect(together).toEqual(worked(new Agenda(some, { part: 1, of: 1 }, 12), 1000).sort());
  });
});

describe('the agenda', () => {
  it('goes on after what is written, and does what a crash cut short again without the run that did it', () => {
    const agenda = new Agenda(some, { part: 1, of: 1 }, 2);
    const [first, second] = some;
    for (const { id } of some.slice(1)) for (const batch of [0, 1]) agenda.learn(through(id, batch));
    agenda.learn({ kind: 'crash', target: first!.id, batch: 0, run: 7, seed: 1, says: 'killed' });
    expect(agenda.next()).toEqual({ target: first, batch: 0, skip: [7] });
    agenda.cutShort({ target: first!, batch: 0, skip: [7] });
    expect(agenda.next()).toMatchObject({ batch: 0, skip: [7] });
    agenda.learn(through(first!.id, 0));
    expect(agenda.next()).toMatchObject({ target: { id: first!.id }, batch: 1, skip: [] });
    expect(agenda.next()).toBeUndefined();
    expect(second).toBeDefined();
  });

  it('shares the time by weights', () => {
    const names = worked(new Agenda(some, { part: 1, of: 1 }, undefined), 800);
    const share = (strategy: string): number =>
      names.filter((name) => name.includes(`/${strategy} `)).length / names.length;
    const total = some.reduce((sum, { weight }) => sum + weight, 0);
    for (const { strategy, weight } of some) expect(share(strategy)).toBeCloseTo(weight / total, 1);
  });

  it('begins with canaries, and gives one that has sung enough no more time', () => {
    const agenda = new Agenda(all, { part: 1, of: 1 }, undefined);
    const order = agenda.next();
    expect(order?.target.expects).toBe('canary');
    const { id, property } = order!.target;
    agenda.learn(through(id, 0, { brokenIn: { [property!]: CANARY_FINDS } }));
    const names = worked(agenda, 400);
    expect(names.some((name) => name.startsWith(`${id} `))).toBe(false);
  });

  it('gives up a target over which the engine breaks again and again', () => {
    const agenda = new Agenda(some.slice(0, 1), { part: 1, of: 1 }, undefined);
    for (let run = 0; run < CRASHES_A_TARGET; run++) {
      agenda.learn({ kind: 'crash', target: some[0]!.id, batch: 0, run, seed: 1, says: 'killed' });
    }
    expect(agenda.next()).toBeUndefined();
  });
});
