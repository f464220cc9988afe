import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { curesOf } from './cures.ts';
import type { Trace } from './format.ts';
import { readTrace } from './read.ts';

const folder = new URL('saved/', import.meta.url);

function saved(file: string): Trace {
  const trace = readTrace(readFileSync(new URL(file, folder), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);
  return trace;
}

it('a run of a cured bug is cured by the rule that is older in it', () => {
  expect(curesOf(saved('kip-279-fast-failover.json'))).toEqual({
    brokenIn: [],
    curedBy: ['follower-truncation=epoch-and-end', 'follower-truncation=on-fetch'],
  });
  expect(curesOf(saved('kafka-18106-registration-gap.json')).brokenIn).toContain('3.9');
  expect(curesOf(saved('kafka-18106-registration-gap.json')).brokenIn).not.toContain('4.0');
});

/** Every run is tried under each release and each newer rule: all of them only where there is time. */
const EVERY = process.env['HIGHWATER_FULL'] === '1' || process.env['UPDATE_DOCS'] === '1' ? 1 : 6;

it('the README says which change cures which run (UPDATE_DOCS=1 writes it)', async () => {
  const page = new URL('README.md', import.meta.url);
  const [head = '', rest = ''] = readFileSync(page, 'utf8').split('<!-- cures:begin -->');
  const [published = '', tail = ''] = rest.split('<!-- cures:end -->');
  const list = (words: readonly string[], none: string): string =>
    words.length === 0 ? none : words.map((word) => `\`${word}\``).join(', ');
  const runs = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map(saved)
    .filter(({ property }) => property !== null);
  const rows = runs
    .filter((_, i) => i % EVERY === 0)
    .map((trace) => {
      const { brokenIn, curedBy } = curesOf(trace);
      const cures = list(curedBy, 'no single rule');
      return `| ${trace.name ?? ''} | \`${trace.property ?? ''}\` | ${list(brokenIn, 'none')} | ${cures} |`;
    });
  if (process.env['UPDATE_DOCS'] === '1') {
    const table = ['| run | property | still broken in | cured by |', '| --- | --- | --- | --- |', ...rows];
    const after = `${head}<!-- cures:begin -->\n\n${table.join('\n')}\n\n<!-- cures:end -->${tail}`;
    writeFileSync(page, await format(after, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' }));
    return;
  }
  const cells = (row: string): string => row.replace(/ +/g, ' ');
  const stated = published.split('\n').filter((line) => line.startsWith('|'));
  expect(stated.slice(2).map((row) => row.split('|')[1]?.trim())).toEqual(runs.map(({ name }) => name));
  expect(stated.map(cells)).toEqual(expect.arrayContaining(rows));
});
