import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { EVENTUALLY, PROPERTIES, WITNESSES } from './index.ts';

const file = new URL('README.md', import.meta.url);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const generated = (): string =>
  [
    table(
      ['id', 'kind', 'promise', 'source', 'says nothing without'],
      PROPERTIES.map(({ id, kind, promise, source, vacuousWithout }) => [
        `\`${id}\``,
        kind,
        promise,
        source,
        vacuousWithout.join(', '),
      ]),
    ),
    '## After all faults are healed',
    table(
      ['id', 'promise', 'exceptions'],
      EVENTUALLY.map(({ id, promise, exceptions }) => [`\`${id}\``, promise, exceptions.join('; ')]),
    ),
    '## Witnesses',
    table(
      ['id', 'met when'],
      WITNESSES.map(({ id, says }) => [`\`${id}\``, says]),
    ),
  ].join('\n\n');

it('the README lists every property and witness (UPDATE_DOCS=1 writes it)', async () => {
  const before = readFileSync(file, 'utf8');
  const [head = ''] = before.split('<!-- generated -->');
  const after = await format(`${head}<!-- generated -->\n\n${generated()}\n`, {
    parser: 'markdown',
    printWidth: 110,
  });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, after);
  expect(readFileSync(file, 'utf8')).toBe(after);
});
