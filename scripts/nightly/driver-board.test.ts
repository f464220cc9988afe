import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../traces/index.ts';
import { driverPlan, DRIVERS, IN_BOUNDS, knownBugs, tryDriver } from './driver-board.ts';
import { driverTable, withDriverScores } from './driver-table.ts';
import {
  scoresSchema,
  SEEDS_WITHOUT_A_FIND,
  SEEDS_WITHOUT_AN_OWN_FIND,
  textOf,
  type ScoreRow,
  type Scores,
  type Try,
} from './scoreboard.ts';

const bugs = knownBugs();
const row = (subject: string, strategy: string, tries: ScoreRow['tries']): ScoreRow => ({
  ...{ subject, kind: 'bug' as const, strategy, tries },
});

describe('the board of drivers', () => {
  it('has every known bug that breaks a property; what nobody drew also in the bounds of the search', () => {
    const ids = bugs.map(({ id }) => id);
    const wanted = CATALOG.filter(({ property }) => property !== null).map(({ name }) => name);
    expect(ids).toEqual(expect.arrayContaining(wanted));
    expect(ids).toContain(`kip-320-unfenced-fetch${IN_BOUNDS}`);
    expect(ids).not.toContain(`kip-101-data-loss${IN_BOUNDS}`);
    const bounded = bugs.find(({ id }) => id === `kip-320-unfenced-fetch${IN_BOUNDS}`);
    expect(bounded?.target.settings.brokers).toBe(2);
  });

  it('minimises what the first seeds find', () => {
    const subject = bugs.find(({ id }) => id === 'acks-1-loss');
    if (subject === undefined) throw new Error('no acks-1-loss');
    const first = tryDriver(subject, 'walk', 1, 1000, () => 0);
    const kept = CATALOG.find(({ name }) => name === 'acks-1-loss');
    expect(kept?.property).toBe('acked-durable');
    expect(first.actions).toBeGreaterThanOrEqual(7);
    expect(first.actions).toBeLessThan(20);
    expect(tryDriver(subject, 'walk', 4, 1000, () => 0)).not.toHaveProperty('actions');
  });

  it('spends few seeds on what nobody finds, and few on a driver that does not find it', () => {
    const [found, hidden] = bugs;
    if (found === undefined || hidden === undefined) throw new Error('there are bugs');
    const tries = new Map<string, Try[]>();
    const triesOf = (strategy: string) => (subject: string) => tries.get(`${strategy} ${subject}`) ?? [];
    // The timed simulation alone finds the first one, in its second seed.
    const isFound = (subject: string): boolean =>
      subject === found.id && triesOf('timed')(subject).length > 1;
    for (const { subject, strategy, seed } of driverPlan([found, hidden], 8, { isFound, triesOf })) {
      const isFind = subject === found && strategy === 'timed' && seed > 1;
      tries.set(`${strategy} ${subject.id}`, [
        ...triesOf(strategy)(subject.id),
        { schedules: 1, seconds: isFind ? 1 : null },
      ]);
    }
    for (const driver of DRIVERS) {
      const seeds = driver === 'timed' ? 8 : SEEDS_WITHOUT_AN_OWN_FIND;
      expect(triesOf(driver)(found.id), driver).toHaveLength(seeds);
      expect(triesOf(driver)(hidden.id), driver).toHaveLength(SEEDS_WITHOUT_A_FIND);
    }
  });

  it('tells medians of what was found, and what no driver found', () => {
    const found = { schedules: 30, seconds: 0.5, actions: 9 };
    const missed = { schedules: 700, seconds: null };
    const scores: Scores = {
      ...{ limit: 10, fingerprint: 'x', node: 'v0' },
      rows: [
        row('acks-1-loss', 'walk', [found, { ...found, schedules: 10, actions: 7 }, missed]),
        row('acks-1-loss', 'timed', [missed, missed]),
        row('re-elected-leader', 'walk', [missed]),
        row('re-elected-leader', 'timed', [missed]),
      ],
    };
    const table = driverTable(scores);
    expect(table).toContain('| acks-1-loss | 2/3, 30, 0.50 s, 7 actions | 0/2 |  | 7 |');
    expect(table).toContain('Found by no driver that draws: re-elected-leader.');
    expect(scoresSchema.parse(JSON.parse(textOf(scores)))).toEqual(scores);
  });

  it('stands in the README as it was measured', () => {
    const folder = new URL('../../traces/', import.meta.url);
    const page = readFileSync(new URL('README.md', folder), 'utf8');
    const scores = scoresSchema.parse(
      JSON.parse(readFileSync(new URL('driver-scores.json', folder), 'utf8')),
    );
    expect(page).toBe(withDriverScores(page, scores));
  });
});
