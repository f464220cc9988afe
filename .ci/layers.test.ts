import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { layers } from './layers.js';

const root = path.join(import.meta.dirname, '..');

// The repository's own configuration. Rules that need types cannot judge files that do not exist, so all but
// one describe below leave them out.
const untyped = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
const typed = new ESLint({ cwd: root });

/** The ids of the rules that `code` breaks when it stands in `file`, with what they say. */
async function complaints(eslint: ESLint, file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`);
}

const value = (source: string) => `import { x } from '${source}';\nexport const y = x;`;
const type = (source: string) => `import type { X } from '${source}';\nexport type Y = X;`;

const allowed: [file: string, code: string][] = [
  ['model/protocol/a.ts', value('./base/b.ts')],
  ['model/protocol/base/a.ts', value('../index.ts')],
  ['model/observer/a.ts', value('../protocol/base/b.ts')],
  ['model/observer/a.ts', type('../protocol/b.ts')],
  ['model/observer/a.ts', "export type { X } from '../protocol/b.ts';\n"],
  ['model/drivers/a.ts', value('../protocol/b.ts')],
  ['model/drivers/a.ts', value('../observer/b.ts')],
  ['model/specs/isr/a.ts', value('../../protocol/base/b.ts')],
  ['model/index.ts', "export { x } from './drivers/a.ts';\n"],
  ['properties/a.ts', value('../model/index.ts')],
  ['properties/deep/a.ts', value('../../model/index.ts')],
  ['properties/a.ts', value('fast-check')],
  ['traces/a.ts', value('../model/index.ts')],
  ['traces/a.ts', value('../properties/index.ts')],
  ['traces/a.ts', value('node:fs')],
  ['scripts/a.ts', value('../model/index.ts')],
  ['scripts/a.ts', value('../properties/index.ts')],
  ['scripts/a.ts', value('../traces/index.ts')],
  ['scripts/a.ts', "import about from '../package.json' with { type: 'json' };\nexport const y = about;\n"],
  ['model/protocol/a.test.ts', value('../drivers/b.ts')],
  ['model/protocol/a.test.ts', value('node:fs')],
  ['model/observer/a.test.ts', value('fast-check')],
  ['properties/a.test.ts', value('../model/protocol/b.ts')],
  ['model/protocol/a.test.ts', 'export const y = [Math.random(), Date.now(), 0.5];'],
  ['scripts/a.ts', 'export const y = [Math.random(), Date.now(), performance.now(), 0.5];'],
  ['properties/a.ts', 'export const y = 0.5;'],
  ['model/protocol/a.ts', "export const y = [1, 1_000, 0x1e, 1e3, '0.5', '1e-3', 5 % 2];\n"],
];

const layered: [file: string, code: string][] = [
  ['model/protocol/a.ts', value('../observer/b.ts')],
  ['model/protocol/a.ts', type('../observer/b.ts')],
  ['model/protocol/a.ts', "export * from '../observer/b.ts';\n"],
  ['model/protocol/a.ts', "export { x } from '../observer/b.ts';\n"],
  ['model/protocol/a.ts', "export const y = await import('../observer/b.ts');\n"],
  ['model/protocol/a.ts', 'export const y = await import(`../observer/b.ts`);'],
  ['model/protocol/a.ts', 'export const y = (name: string): unknown => import(name);'],
  ['model/protocol/a.ts', "export type Y = import('../observer/b.ts').X;\n"],
  ['model/protocol/deep/a.ts', value('../../observer/b.ts')],
  ['model/protocol/a.ts', value('./base/../../observer/b.ts')],
  ['model/protocol/a.ts', value('../index.ts')],
  ['model/protocol/a.ts', value('../drivers/b.ts')],
  ['model/protocol/a.ts', value('../../properties/index.ts')],
  ['model/protocol/a.ts', value('../../traces/index.ts')],
  ['model/protocol/a.ts', value('../../scripts/b.ts')],
  ['model/observer/a.ts', value('../protocol/b.ts')],
  ['model/observer/a.ts', "export { x } from '../protocol/b.ts';\n"],
  ['model/observer/a.ts', value('../drivers/b.ts')],
  ['model/observer/a.ts', value('../../properties/index.ts')],
  ['model/drivers/a.ts', value('../../properties/index.ts')],
  ['model/drivers/a.ts', value('../../traces/index.ts')],
  ['model/drivers/a.ts', value('../../scripts/b.ts')],
  ['model/specs/a.ts', value('../protocol/rules/b.ts')],
  ['model/specs/isr/a.ts', value('../../index.ts')],
  ['model/index.ts', value('../properties/index.ts')],
  ['properties/a.ts', value('../model/protocol/b.ts')],
  ['properties/a.ts', type('../model/observer/b.ts')],
  ['properties/a.ts', value('../model/drivers/b.ts')],
  ['properties/a.ts', value('../traces/index.ts')],
  ['properties/a.ts', value('../scripts/b.ts')],
  ['traces/a.ts', value('../model/protocol/b.ts')],
  ['traces/a.ts', value('../properties/b.ts')],
  ['traces/a.ts', value('../scripts/b.ts')],
  ['scripts/a.ts', value('../model/protocol/b.ts')],
  ['scripts/a.ts', value('../properties/b.ts')],
  ['scripts/a.ts', value('../traces/b.ts')],
  ['scripts/bin.mjs', "export * from '../model/protocol/b.ts';\n"],
  ...['model/protocol', 'model/observer', 'model/drivers', 'model'].flatMap((folder): [string, string][] => [
    [`${folder}/a.ts`, value('node:fs')],
    [`${folder}/a.ts`, value('fs')],
    [`${folder}/a.ts`, value('zod')],
    [`${folder}/a.ts`, type('fast-check')],
  ]),
  ['properties/a.ts', value('/model/protocol/b.ts')],
  ...['model', 'properties', 'traces', 'scripts', '.ci'].flatMap((folder): [string, string][] => [
    [`${folder}/a.ts`, value('./b.test.ts')],
    [`${folder}/a.test.ts`, value('./b.test.ts')],
  ]),
];

const banned: [file: string, code: string, rule: string][] = [
  ...['model/protocol', 'model/observer', 'model/drivers', 'model', 'properties', 'traces'].flatMap(
    (folder): [string, string, string][] => [
      [`${folder}/a.ts`, 'export const y = Math.random();', 'no-restricted-properties'],
      [`${folder}/a.ts`, 'const { random } = Math;\nexport const y = random();', 'no-restricted-properties'],
      [`${folder}/a.ts`, 'export const y = Date.now();', 'no-restricted-globals'],
      [`${folder}/a.ts`, 'export const y = new Date();', 'no-restricted-globals'],
      [`${folder}/a.ts`, 'export const y = performance.now();', 'no-restricted-globals'],
      [`${folder}/a.ts`, "export const y = 'a'.localeCompare('b');\n", 'no-restricted-properties'],
    ],
  ),
  ...['process.env', 'console.log(1)', 'globalThis.Date', 'setTimeout(String, 1)'].map(
    (use): [string, string, string] => [
      'model/drivers/a.ts',
      `export const y = ${use};`,
      'no-restricted-globals',
    ],
  ),
  ...['0.5', '.5', '1.25', '1_0.5', '1e-3', '2.5e-7', '-0.5'].map((number): [string, string, string] => [
    'model/drivers/a.ts',
    `export const y = ${number};`,
    'no-restricted-syntax',
  ]),
  ...['model', 'properties', 'traces', 'scripts', '.ci'].map((folder): [string, string, string] => [
    `${folder}/a.ts`,
    'export const y = (x: any): unknown => x;',
    '@typescript-eslint/no-explicit-any',
  ]),
  [
    'model/protocol/a.ts',
    'export const y = (x: readonly number[]): number => x[0]!;',
    '@typescript-eslint/no-non-null-assertion',
  ],
];

describe('lint', () => {
  it.each(allowed)('lets %s say %j', async (file, code) => {
    expect(await complaints(untyped, file, code)).toEqual([]);
  });

  it.each(layered)('keeps the layers: %s may not say %j', async (file, code) => {
    expect(await complaints(untyped, file, code)).toContainEqual(
      expect.stringMatching(/^highwater\/layers: /),
    );
  });

  it.each(banned)('%s may not say %j', async (file, code, rule) => {
    expect(await complaints(untyped, file, code)).toEqual([expect.stringContaining(`${rule}: `)]);
  });

  it('names what is wrong and what is allowed', async () => {
    expect(await complaints(untyped, 'properties/a.ts', value('../model/protocol/b.ts'))).toEqual([
      'highwater/layers: properties may not import model/protocol/b.ts; it may import properties, model/index.ts.',
    ]);
  });

  it('has a row for every folder of the architecture', () => {
    const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      files: string[];
    };
    const folders = files.filter((name) => !/[.*]/.test(name));
    const rows = new Set(layers.map(({ folder }) => folder.split('/')[0]));
    expect(rows).toEqual(new Set(folders));
  });
});

// These need types, so the made-up code takes the place of a file that exists: this one.
describe.runIf(process.env['HIGHWATER_FULL'] === '1')('lint with types', () => {
  const here = '.ci/layers.test.ts';
  const union = "type U = 'a' | 'b';\n";
  const cases: [what: string, code: string, rule: string | undefined][] = [
    [
      'a switch that forgets a member of a union',
      `${union}export function f(u: U): void {\n  switch (u) {\n    case 'a':\n      return;\n  }\n}\n`,
      'switch-exhaustiveness-check',
    ],
    [
      'a switch that names every member',
      `${union}export function f(u: U): number {\n  switch (u) {\n    case 'a':\n      return 1;\n    case 'b':\n      return 2;\n  }\n}\n`,
      undefined,
    ],
    ['a sort of numbers without an order', 'export const y = [2, 1].sort();\n', 'require-array-sort-compare'],
    ['a promise that nobody awaits', 'Promise.resolve(1);\n', 'no-floating-promises'],
  ];

  it.each(cases)('judges %s', async (_, code, rule) => {
    expect(existsSync(path.join(root, here))).toBe(true);
    const expected = rule === undefined ? [] : [expect.stringContaining(`@typescript-eslint/${rule}: `)];
    expect(await complaints(typed, here, code)).toEqual(expected);
  });
});
