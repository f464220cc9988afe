import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../traces/index.ts';
import { IN_BOUNDS } from './driver-board.ts';
import { FUZZ, fuzzedBugs, fuzzPlan, tryFuzz } from './fuzz-board.ts';
import { fuzzTable, withFuzzScores } from './fuzz-table.ts';
import { scoresSchema, SEEDS_WITHOUT_A_FIND, type ScoreRow, type Scores, type Try } from './scoreboard.ts';

const bugs = fuzzedBugs();
const named = (id: string): (typeof bugs)[number] => {
  const bug = bugs.find(({ own }) => own.id === id);
  if (bug === undefined) throw new Error(`no ${id}`);
  return bug;
};
const found: Try = { schedules: 30, seconds: 0.5, actions: 9 };
const missed: Try = { schedules: 700, seconds: null };

describe('what fuzz is given', () => {
  it('is every known bug that breaks a property, and what only a release shows', () => {
    const ids = bugs.map(({ own }) => own.id);
    const wanted = CATALOG.filter(({ property }) => property !== null).map(({ name }) => name);
    expect(ids).toEqual(expect.arrayContaining(wanted));
    expect(ids).toContain('kip-380-unseen-bounce-in-2-1');
    expect(ids).not.toContain('kip-101-data-loss-in-0-10-2');
    expect(named('stale-isr-record-ends-proposal').bounded?.target.settings.brokers).toBe(2);
  });

  /** Everything that is tried of the two bugs, where those say what each try comes to. */
  function tried(seeds: number, comesTo: (subject: string) => Try): Readonly<Record<string, number>> {
    const tries = new Map<string, Try[]>();
    const triesOf = (subject: string): Try[] => {
      const own = tries.get(subject) ?? [];
      tries.set(subject, own);
      return own;
    };
    const two = [named('acks-1-loss'), named('stale-isr-record-ends-proposal')];
    for (const { subject, seed } of fuzzPlan(two, seeds, triesOf)) {
      expect(triesOf(subject.id)).toHaveLength(seed - 1);
      triesOf(subject.id).push(comesTo(subject.id));
    }
    return Object.fromEntries([...tries].map(([subject, { length }]) => [subject, length]));
  }

  const rare = 'stale-isr-record-ends-proposal';

  it('gets every seed; the bounds of its search only where a seed missed it', () => {
    expect(tried(8, () => found)).toMatchObject({ 'acks-1-loss': 8, [rare]: 8 });
    let first = true;
    const onceMissed = (subject: string): Try => {
      if (subject !== rare || !first) return found;
      first = false;
      return missed;
    };
    expect(tried(8, onceMissed)).toMatchObject({ [rare]: 8, [`${rare}${IN_BOUNDS}`]: 8 });
    expect(tried(8, () => found)).not.toHaveProperty(`${rare}${IN_BOUNDS}`);
  });

  it('is dropped after a few seeds in vain', () => {
    expect(tried(8, (subject) => (subject === rare ? missed : found))).toMatchObject({
      ...{ 'acks-1-loss': 8, [rare]: SEEDS_WITHOUT_A_FIND, [`${rare}${IN_BOUNDS}`]: 8 },
    });
  });

  it('is run by the drivers in turns, and gives up after its seconds', () => {
    const { own } = named('acks-1-loss');
    expect(tryFuzz(own, 1, 1000, () => 0)).toMatchObject({ seconds: 0 });
    let now = 0;
    const sealed = { ...own, target: { ...own.target, properties: [] } };
    expect(tryFuzz(sealed, 1, 5, () => now++)).toEqual({ schedules: 5, seconds: null });
  });
});

describe('the table of it', () => {
  const row = (subject: string, tries: readonly Try[]): ScoreRow => ({
    ...{ subject, kind: 'bug' as const, strategy: FUZZ, tries: [...tries] },
  });

  it('lists what is not found from every seed, with how rare it is', () => {
    const scores: Scores = {
      ...{ limit: 10, fingerprint: 'x', node: 'v0' },
      rows: [
        row('acks-1-loss', [found, found]),
        row('kip-320-unfenced-fetch', [missed, missed]),
        row(`kip-320-unfenced-fetch${IN_BOUNDS}`, [found, found]),
        row('re-elected-leader', [missed, missed]),
        row('kafka-7415-unrecorded-epoch', [missed, found]),
        row(`kafka-7415-unrecorded-epoch${IN_BOUNDS}`, [missed, missed]),
      ],
    };
    const text = fuzzTable(scores);
    expect(text).toContain('| acks-1-loss | 2/2, 30, 0.50 s, 9 actions |  |');
    expect(text).toContain('Of 4 bugs 1 are found from every seed that they got');
    expect(text).toContain(', 1 more within the bounds');
    expect(text).toContain('| re-elected-leader | none in 1,400 | 42 actions |');
    expect(text).toContain(
      '| kafka-7415-unrecorded-epoch | one in 730; within the bounds above none in 1,400 | 32 actions |',
    );
    expect(text).not.toContain('| kip-320-unfenced-fetch | none');
  });

  it('stands in the README as it was measured', () => {
    const folder = new URL('../../traces/', import.meta.url);
    const page = readFileSync(new URL('README.md', folder), 'utf8');
    const scores = scoresSchema.parse(JSON.parse(readFileSync(new URL('fuzz-scores.json', folder), 'utf8')));
    expect(page).toBe(withFuzzScores(page, scores));
  });
});
