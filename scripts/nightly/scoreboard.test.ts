import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fisher, gainOf, sideOf, signTest, withScores } from './score-table.ts';
import { medianOf, plan, scoresSchema, subjects, textOf, tryOn, type Try } from './scoreboard.ts';

const found = (seconds: number): Try => ({ schedules: Math.round(seconds * 100), seconds });
const missed: Try = { schedules: 500, seconds: null };

const all = subjects();

describe('the scoreboard', () => {
  it('counts what was not found as more than anything: a median of it is none', () => {
    const seconds = (_: Try, own: number): number => own;
    expect(medianOf([found(0.1), found(0.3), missed], seconds)).toBe(0.3);
    expect(medianOf([found(0.1), missed, missed], seconds)).toBeUndefined();
    expect(medianOf([found(0.2), found(0.3)], ({ schedules }) => schedules)).toBe(20);
  });

  it('counts seeds where one found more only among those that both were given', () => {
    expect(gainOf([found(0.1), missed, found(0.1)], [missed, missed])).toBe(1);
    expect(gainOf([found(0.1)], [found(0.1), found(0.1)])).toBe(0);
  });

  it('compares by Fisher’s exact test', () => {
    // The tea tasting of Fisher's book, and a table that nobody can tell apart.
    expect(fisher(3, 4, 1, 4)).toBeCloseTo(0.4857, 4);
    expect(fisher(5, 20, 5, 20)).toBe(1);
    const seeds = (n: number): readonly Try[] =>
      Array.from({ length: 20 }, (_, i) => (i < n ? found(0.1) : missed));
    expect(sideOf(seeds(20), seeds(10))).toBe(1);
    expect(sideOf(seeds(0), seeds(6))).toBe(-1);
    expect(sideOf(seeds(12), seeds(10))).toBe(0);
  });

  it('compares over all by the sign test', () => {
    expect(signTest(0, 0)).toBe(1);
    expect(signTest(5, 5)).toBe(1);
    expect(signTest(1, 9)).toBeCloseTo(22 / 1024, 6);
    expect(signTest(9, 1)).toBeCloseTo(22 / 1024, 6);
  });

  it('has every known bug, some mutants and a control; nobody begins from a run that shows what it looks for', () => {
    expect(all.filter(({ kind }) => kind === 'held out').length).toBeGreaterThan(10);
    expect(all.filter(({ kind }) => kind === 'control').map(({ target }) => target.settings.mutant)).toEqual([
      [],
    ]);
    for (const { id, kind, shownBy } of all) if (kind === 'bug') expect(shownBy).toContain(`saved/${id}`);
  });

  it('goes seed by seed, and drops what is not worthwhile', () => {
    const [first, second] = all;
    const isWorthwhile = (subject: string, strategy: string, seed: number): boolean =>
      seed <= 2 || (subject === first!.id && (seed <= 3 || strategy === 'walk'));
    const planned = [...plan([first!, second!], ['walk', 'timed'], 5, isWorthwhile)];
    const seedsOf = (id: string | undefined, of: string): number[] =>
      planned.flatMap(({ subject, strategy, seed }) => (subject.id === id && strategy === of ? [seed] : []));
    expect(seedsOf(first?.id, 'walk')).toEqual([1, 2, 3, 4, 5]);
    expect(seedsOf(first?.id, 'timed')).toEqual([1, 2, 3]);
    expect(seedsOf(second?.id, 'walk')).toEqual([1, 2]);
  });

  it('gives up after its seconds, and stops at a find', () => {
    const subject = all.find(({ id }) => id === 'acks-1-loss')!;
    expect(tryOn(subject, 'walk', 1, 1000, () => 0)).toMatchObject({ seconds: 0 });
    let now = 0;
    const sealed = { ...subject, target: { ...subject.target, properties: [] } };
    expect(tryOn(sealed, 'walk', 1, 3, () => now++)).toEqual({ schedules: 3, seconds: null });
  });

  it('stands in the README as it was measured', () => {
    const folder = new URL('../../properties/strategies/', import.meta.url);
    const page = readFileSync(new URL('README.md', folder), 'utf8');
    const scores = scoresSchema.parse(JSON.parse(readFileSync(new URL('scores.json', folder), 'utf8')));
    expect(page).toBe(withScores(page, scores));
    expect(scoresSchema.parse(JSON.parse(textOf(scores)))).toEqual(scores);
  });
});
