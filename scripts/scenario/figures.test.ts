import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SCENARIOS } from '../scenarios/index.ts';
import {
  defaultsTable,
  FIGURES,
  figuresTable,
  OF_DEFAULTS,
  withFigures,
  type ScenarioDocument,
} from './figures.ts';

const readme = path.join(import.meta.dirname, '..', 'scenarios', 'README.md');

test('the README has figures of every scenario, and of no other', () => {
  const text = readFileSync(readme, 'utf8');
  for (const [begin, end] of [FIGURES, OF_DEFAULTS]) {
    const table = text.slice(text.indexOf(begin), text.indexOf(end));
    const named = [...table.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(SCENARIOS.map(({ name }) => name)));
    expect(named).toHaveLength(SCENARIOS.length);
  }
});

test('a table has a row for each scenario and two columns for each release', () => {
  const document = (release: string, ms: number): ScenarioDocument => ({
    release,
    seed: 1,
    scenarios: [
      {
        name: 'healthy',
        verdict: 'as-expected',
        runs: 2,
        standstill: { producers: { median: ms, worst: 2 * ms }, consumers: { median: 0, worst: ms } },
        asUsualAfter: { median: 0, worst: 0 },
        records: {
          lost: { median: 0, worst: 1 },
          duplicates: { median: 0, worst: 0 },
          reordered: { median: 0, worst: 2 },
          failed: { median: 0, worst: 0 },
        },
      },
    ],
  });
  const table = figuresTable([document('3.3', 1_000), document('4.1', 2_000)]);
  expect(table.split('\n')).toEqual([
    '| scenario | producers, 3.3 | producers, 4.1 | consumers, 3.3 | consumers, 4.1 | lost | twice |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    '| `healthy` | 1.0 / 2.0 | 2.0 / 4.0 | 0.0 / 1.0 | 0.0 / 2.0 | 1 | 0 |',
  ]);
  expect(
    defaultsTable([document('3.3', 1_000), document('4.1', 2_000)])
      .split('\n')
      .at(-1),
  ).toBe('| `healthy` | 1.0 / 2.0 | 2.0 / 4.0 | 0.0 / 1.0 | 0.0 / 2.0 | 1 lost, 2 late | 1 lost, 2 late |');
  const text = 'a\n<!-- figures -->\nold\n<!-- end of figures -->\nb';
  expect(withFigures(text, 'new')).toBe('a\n<!-- figures -->\n\nnew\n\n<!-- end of figures -->\nb');
  expect(() => withFigures('no marks', 'new')).toThrow(/no <!-- figures -->/);
});
