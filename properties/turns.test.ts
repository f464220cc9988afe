import { expect, it } from 'vitest';
import type { Driver, Runs } from './campaign.ts';
import { Turns } from './turns.ts';

/** Runs that always take so many actions. */
function runsOf(length: number): Runs & { readonly made: number[] } {
  const made: number[] = [];
  const none = (number: number): undefined => void made.push(number);
  return {
    made,
    get actions() {
      return made.length * length;
    },
    run: none,
    runFrom: none,
    take: () => {
      throw new Error('not asked for');
    },
    tally: () => ({ runs: made.length, actions: 0, taken: {}, witnesses: { met: [], unmet: [] } }),
  };
}

it('gives each driver about as many actions, and its runs in order', () => {
  const lengths: Readonly<Record<Driver, number>> = { walk: 400, pos: 400, exchanges: 100, timed: 1000 };
  const sources = (Object.keys(lengths) as Driver[]).map((driver) => ({
    driver,
    runs: runsOf(lengths[driver]),
  }));
  const turns = new Turns(sources);
  const order: string[] = [];
  for (let i = 0; i < 200; i++) {
    const { source, run } = turns.next();
    source.runs.run(run);
    order.push(source.driver);
  }
  expect(order.slice(0, 4)).toEqual(['walk', 'pos', 'exchanges', 'timed']);
  const actions = sources.map(({ runs }) => runs.actions);
  expect(Math.max(...actions) - Math.min(...actions)).toBeLessThanOrEqual(1000);
  for (const { runs } of sources) expect(runs.made).toEqual(runs.made.map((_, i) => i));
});

it('needs a driver', () => {
  expect(() => new Turns([]).next()).toThrow('needs a driver');
});
