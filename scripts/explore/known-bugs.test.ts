/**
 * The exhaustive search finds each known bug within its bounds, and nothing of it once what cured it is in force.
 * HIGHWATER_FULL=1 searches all bounds, else only those that take a moment; with UPDATE_DOCS=1 besides, what was found is
 * written into traces/exhaustive.json and the table of traces/README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../traces/index.ts';
import { BUGS_OF_RELEASES } from '../../traces/bugs-of-releases.ts';
import { remarksOn } from '../../traces/corpus.ts';
import { EXHAUSTIVE, MEASURED, nameOf, type Measured } from '../../traces/exhaustive.ts';
import { exhaustiveTable } from '../../traces/exhaustive-table.ts';
import type { EngineResult } from './engine.ts';
import { searchCured, searchFor } from './known-bugs.ts';

const FULL = process.env['HIGHWATER_FULL'] === '1';
const WRITES = process.env['UPDATE_DOCS'] === '1';

/** What is searched in every test run takes no more states than these, with the cure and without. */
const QUICK_STATES = 1900;
/** Seconds of one core within which each is to be found. */
const MOST_SECONDS = 60;

const isQuick = ({ states, cured }: Measured): boolean => states + cured.states <= QUICK_STATES;

const measured = new Map<string, Measured>();

/** With the seconds of one core that it took. */
async function timed(
  search: () => Promise<EngineResult>,
): Promise<EngineResult & { readonly seconds: number }> {
  const before = process.cpuUsage();
  const result = await search();
  const { user, system } = process.cpuUsage(before);
  return { ...result, seconds: Math.round((user + system) / 1e5) / 10 };
}

describe.each(EXHAUSTIVE)('$ref: $shownBy, $property', (find) => {
  const name = nameOf(find);
  const known = MEASURED[name];

  it('is of a kept run, and was measured', () => {
    const entry = [...CATALOG, ...BUGS_OF_RELEASES].find(({ name: other }) => other === find.shownBy);
    const issues = remarksOn(find.ref).map(({ source }) => source);
    if (entry === undefined) expect(issues).toContain(find.shownBy);
    else expect(entry.ref.split(', ')).toContain(find.ref);
    if (!WRITES) expect(known).toBeDefined();
  });

  it.runIf(FULL || (known !== undefined && isQuick(known)))(
    'is found in as many actions as are written down, and not with the cure',
    async () => {
      const found = await timed(() => searchFor(find));
      expect(found.end).toBe(find.recovery === undefined ? 'broken' : 'complete');
      expect(found.counterexample?.broken).toEqual([find.property]);
      expect(found.seconds).toBeLessThanOrEqual(MOST_SECONDS);
      const cured = await searchCured(find);
      expect(['complete', 'states']).toContain(cured.end);
      if (find.recovery !== undefined)
        expect(cured.recovery).toMatchObject({ stuck: undefined, undecided: 0 });
      const is: Measured = {
        actions: found.counterexample?.labels.length ?? 0,
        transitions: find.recovery === undefined ? found.totals.depth + 1 : null,
        states: found.totals.states,
        seconds: found.seconds,
        cured: {
          states: cured.totals.states,
          upTo: cured.end === 'complete' ? null : cured.totals.depth,
        },
      };
      measured.set(name, is);
      if (WRITES) return;
      // How many states it takes changes with what the search takes for one: they are of the day on which they were measured.
      expect(is).toMatchObject({ actions: known?.actions, transitions: known?.transitions });
      expect(is.cured.upTo).toBe(known?.cured.upTo);
    },
    // The longest takes nine minutes on a core that others want as well.
    1_200_000,
  );
});

const file = (name: string): string => path.join(import.meta.dirname, '..', '..', 'traces', name);

async function formatted(name: string, text: string): Promise<string> {
  const options = await resolveConfig(file(name));
  return await format(text, { ...options, filepath: file(name) });
}

it('what was measured is of these bounds, and the README has the table of it (UPDATE_DOCS=1 writes both)', async () => {
  const names = EXHAUSTIVE.map(nameOf);
  const figures = new Map(
    names.map((name) => [name, WRITES && FULL ? (measured.get(name) ?? MEASURED[name]) : MEASURED[name]]),
  );
  if (WRITES && FULL) {
    const text = JSON.stringify(Object.fromEntries(figures));
    writeFileSync(file('exhaustive.json'), await formatted('exhaustive.json', text));
  } else expect(Object.keys(MEASURED).sort()).toEqual(names.toSorted());

  const [head = '', rest = ''] = readFileSync(file('README.md'), 'utf8').split('<!-- exhaustive:begin -->');
  const [, tail = ''] = rest.split('<!-- exhaustive:end -->');
  const table = exhaustiveTable(EXHAUSTIVE.map((find) => [find, figures.get(nameOf(find))]));
  const page = `${head}<!-- exhaustive:begin -->\n\n${table}\n\n<!-- exhaustive:end -->${tail}`;
  const after = await formatted('README.md', page);
  if (WRITES) writeFileSync(file('README.md'), after);
  expect(readFileSync(file('README.md'), 'utf8')).toBe(after);
});

it('each of the first twenty known bugs of replication has bounds, but for those that the machine cannot show', () => {
  const refs = ['B01', 'B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B09'];
  const later = ['B13', 'B14', 'B15', 'B16', 'B17', 'B18', 'B19', 'B20'];
  expect(EXHAUSTIVE.map(({ ref }) => ref)).toEqual(expect.arrayContaining([...refs, ...later]));
});
