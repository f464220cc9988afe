import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STRATEGIES } from '../../properties/index.ts';
import { cellOf, plan, scoresSchema, subjects, tryOn, withScores, type ScoreTrial } from './scoreboard.ts';

const trial = (seconds: number, found: boolean): ScoreTrial => ({
  subject: 'a bug',
  kind: 'bug',
  strategy: 'walk',
  seed: 1,
  found,
  schedules: Math.round(seconds * 100),
  seconds,
});

const all = subjects();

describe('the scoreboard', () => {
  it('counts what was not found as the limit and beyond: a median of it is none', () => {
    expect(cellOf([trial(0.1, true), trial(0.3, true), trial(1, false)])).toEqual({
      tried: 3,
      found: 2,
      schedules: 30,
      seconds: 0.3,
    });
    expect(cellOf([trial(0.1, true), trial(1, false), trial(1, false)])).toMatchObject({
      found: 1,
      schedules: undefined,
      seconds: undefined,
    });
  });

  it('has every known bug and some mutants; nobody begins from a run that shows what it looks for', () => {
    expect(all.filter(({ kind }) => kind === 'held out').length).toBeGreaterThan(10);
    for (const { id, kind, shownBy } of all) if (kind === 'bug') expect(shownBy).toContain(`saved/${id}`);
    const trials = [...plan(all, 2)];
    expect(trials.length).toBe(2 * all.length * STRATEGIES.length);
  });

  it('gives up after its seconds, and stops at a find', () => {
    const subject = all.find(({ id }) => id === 'acks-1-loss')!;
    expect(tryOn(subject, 'walk', 1, 1000, () => 0)).toMatchObject({ found: true, seconds: 0 });
    let now = 0;
    const sealed = { ...subject, target: { ...subject.target, properties: [] } };
    expect(tryOn(sealed, 'walk', 1, 3, () => now++)).toMatchObject({
      found: false,
      schedules: 3,
      seconds: 3,
    });
  });

  it('stands in the README as it was measured', () => {
    const folder = new URL('../../properties/strategies/', import.meta.url);
    const page = readFileSync(new URL('README.md', folder), 'utf8');
    const scores = scoresSchema.parse(JSON.parse(readFileSync(new URL('scores.json', folder), 'utf8')));
    expect(page).toBe(withScores(page, scores));
  });
});
