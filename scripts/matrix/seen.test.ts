import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../model/index.ts';
import {
  expectationsIn,
  expectedIn,
  savedExpectations,
  savedRuns,
  trial,
  TRIED,
  type Trial,
} from '../../traces/index.ts';
import { cellsOf, judge } from './cells.ts';
import { cellSays } from './outcome.ts';
import { askedOf, ROWS } from './rows.ts';
import { readSeen, refusal, seenBy, seenIn, seenText, sharpener } from './seen.ts';

const rows = ROWS.filter(({ id }) => id === '4.0').slice(0, 1);
const asked = askedOf(rows).filter(({ faults }) => ['F1', 'F2'].includes(faults));
const [f1] = asked;
const [loss] = savedRuns().filter(({ name }) => name === 'saved/last-replica-standing');
if (f1 === undefined || loss === undefined) throw new Error('the row and the run are there');

const plan = { seed: 1, runs: 0, actions: 400, tries: 20, settings: f1.settings };
const lossy: Trial = trial(plan, [loss]);
const clean: Trial = { ...lossy, breaks: [], runs: { walk: 5, timed: 5 } };
/** The kept run breaks something under F1, and under F2 therefore too. */
const shows = (key: string) => ({ trial: key === f1.key ? lossy : clean, search: undefined });
const nothing = () => ({ trial: clean, search: undefined });
const allowed = expectationsIn({
  version: 1,
  groups: {},
  expectations: [
    {
      id: 'loss',
      because: 'what may be lost is allowed to be',
      source: 'KIP-966',
      when: {},
      breaks: [],
      mayBreak: [...TRIED],
      found: { trace: 'saved/last-replica-standing' },
    },
  ],
});
const effort = { runs: 10, seed: 1 };
const seen = seenIn(JSON.parse(seenText(seenBy(cellsOf(asked, shows, allowed), effort))));

const kindsOf = (tried: typeof shows, at: typeof effort, known = seen) => {
  const cells = cellsOf(asked, tried, allowed, sharpener(known, at)).filter(
    ({ property }) => property === 'durability/holder',
  );
  return cells.map(({ faults, expected, asExpected }) => `${faults} ${expected.is} ${asExpected}`);
};

describe('a cell for which both are allowed', () => {
  it('is to be broken where a kept run broke it, however many runs are generated', () => {
    expect(kindsOf(shows, effort)).toEqual(['F1 broken true', 'F2 either true']);
    expect(kindsOf(nothing, { runs: 2, seed: 7 })).toEqual(['F1 broken false', 'F2 either true']);
    const [cell] = cellsOf(asked, nothing, allowed, sharpener(seen, effort)).filter(
      ({ asExpected }) => !asExpected,
    );
    expect(cell === undefined ? '' : cellSays(cell)).toContain(
      'expected: broken, as it was seen before [loss]',
    );
  });

  it('is to hold where nothing broke it, for as many of the same generated runs', () => {
    const before = seenBy(cellsOf(asked, nothing, allowed), effort);
    expect(kindsOf(shows, effort, before)).toEqual(['F1 holds false', 'F2 holds false']);
    expect(judge(cellsOf(asked, shows, allowed, sharpener(before, effort)))).toBe('unexpected');
    expect(kindsOf(shows, { ...effort, runs: 11 }, before)).toEqual(['F1 either true', 'F2 either true']);
    expect(kindsOf(shows, { ...effort, seed: 2 }, before)).toEqual(['F1 either true', 'F2 either true']);
  });

  it('is accepted where it differs from what was seen, not where it differs from what is expected', () => {
    const whole = { tried: 2, asked: 2 };
    const before = sharpener(seenBy(cellsOf(asked, nothing, allowed), effort), effort);
    expect(refusal({ ...whole, cells: cellsOf(asked, shows, allowed, before) })).toBeUndefined();
    expect(refusal({ tried: 1, asked: 2, cells: cellsOf(asked, shows, allowed, before) })).toContain('whole');
    const none = expectationsIn({ version: 1, groups: {}, expectations: [] });
    expect(refusal({ ...whole, cells: cellsOf(asked, shows, none, before) })).toContain('cells are not as');
  });

  it('shows the same when it is seen again with what was seen in force', () => {
    const again = cellsOf(asked, shows, allowed, sharpener(seen, effort));
    expect(seenBy(again, effort)).toEqual(seen);
  });
});

it('what was seen is of rows that there are, and of no cell that is expected definitely', () => {
  const places = new Map(
    askedOf(ROWS).map(({ row, faults, settings }) => {
      const rules = rulesOf(settings.release, settings.rules);
      if ('error' in rules) throw new Error(rules.error);
      const { release, kafka } = settings;
      const expected = expectedIn(
        { release, rules, kafka, faults: faults === 'U' ? 'F0' : faults },
        savedExpectations(),
      );
      return [JSON.stringify([row.group, row.id, faults]), expected];
    }),
  );
  let count = 0;
  for (const [group, lines] of Object.entries(readSeen().groups))
    for (const [row, faults, kept, otherwise] of lines) {
      const expected = places.get(JSON.stringify([group, row, faults]));
      const definite = [...kept, ...otherwise].filter((property) => expected?.get(property)?.is !== 'either');
      expect(definite, `${group}: ${row}, ${faults}`).toEqual([]);
      count += kept.length;
    }
  expect(count).toBeGreaterThan(0);
});
