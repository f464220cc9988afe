/**
 * The folder list is the architecture, and imports follow it: model <- properties <- traces <- scripts.
 *
 * One row per folder says what its files may import. Rows are tried in order, the first whose folder holds
 * the importing file decides. Imports are resolved to a path in the repository before they are compared, so
 * `../index.ts` means a different file in model/protocol than in model/protocol/base.
 * Tests are leaves: nobody imports them, so they may import anything but another test.
 */
import path from 'node:path';

/**
 * @typedef {object} Layer
 * @property {string} folder which files the row speaks of
 * @property {readonly string[]} may folders and files they may import
 * @property {readonly string[]} [types] folders and files of which they may import types only
 * @property {boolean} packages whether they may import packages and Node's own modules
 */

/** @type {readonly Layer[]} */
export const layers = [
  { folder: 'model/protocol', may: ['model/protocol'], packages: false },
  {
    folder: 'model/observer',
    may: ['model/observer', 'model/protocol/base'],
    types: ['model/protocol'],
    packages: false,
  },
  {
    folder: 'model/drivers',
    may: ['model/drivers', 'model/protocol', 'model/observer'],
    types: ['model/specs/space.ts'],
    packages: false,
  },
  { folder: 'model/specs', may: ['model/specs', 'model/protocol/base'], packages: false },
  { folder: 'model', may: ['model'], packages: false },
  // What tests of the search share looks into the search as they do.
  { folder: 'properties/explore/testing.ts', may: ['properties', 'model'], packages: true },
  { folder: 'properties', may: ['properties', 'model/index.ts'], packages: true },
  { folder: 'traces', may: ['traces', 'model/index.ts', 'properties/index.ts'], packages: true },
  {
    folder: 'scripts',
    may: [
      'scripts',
      'model/index.ts',
      'properties/index.ts',
      'traces/index.ts',
      'traces/viewer/index.ts',
      'traces/viewer/picture-of.ts',
      'package.json',
    ],
    packages: true,
  },
];

/** @param {string} file */
const isTest = (file) => /\.test\.[cm]?[jt]s$/.test(file);

/** @param {string} file @param {string} place */
const isWithin = (file, place) => file === place || file.startsWith(`${place}/`);

/**
 * What is wrong with this import, or undefined.
 *
 * @param {string} importer path from the repository root, with forward slashes
 * @param {string} source what stands between the quotes
 * @param {boolean} typeOnly
 * @returns {string | undefined}
 */
export function wrongImport(importer, source, typeOnly) {
  const isRelative = /^\.\.?(\/|$)/.test(source);
  const target = isRelative ? path.posix.join(path.posix.dirname(importer), source) : source;
  if (isRelative && isTest(target)) return `nobody imports a test, and ${target} is one`;

  const layer = layers.find(({ folder }) => isWithin(importer, folder));
  if (layer === undefined || isTest(importer)) return undefined;

  if (!isRelative) {
    if (/^(\/|file:|data:)/.test(source)) return `import '${source}' by a relative path`;
    if (layer.packages) return undefined;
    return `${layer.folder} imports no package and no Node module; take what '${source}' gives as an argument`;
  }
  if (layer.may.some((place) => isWithin(target, place))) return undefined;
  if (layer.types?.some((place) => isWithin(target, place))) {
    return typeOnly ? undefined : `${layer.folder} may take types only from ${target}: write 'import type'`;
  }
  return `${layer.folder} may not import ${target}; it may import ${[...layer.may, ...(layer.types ?? [])].join(', ')}`;
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    docs: { description: 'Imports follow the layers of the repository' },
    messages: { wrong: '{{ why }}.' },
    schema: [],
  },
  create(context) {
    const importer = path.relative(context.cwd, context.filename).split(path.sep).join('/');

    /** @param {any} node @param {any} source @param {boolean} typeOnly */
    const check = (node, source, typeOnly) => {
      const text = source?.type === 'TemplateLiteral' ? source.quasis[0].value.cooked : source?.value;
      const known =
        source?.type === 'TemplateLiteral' ? source.expressions.length === 0 : typeof text === 'string';
      if (source === null || source === undefined) return;
      const why = known ? wrongImport(importer, text, typeOnly) : computed(importer);
      if (why !== undefined) context.report({ node, messageId: 'wrong', data: { why } });
    };

    /** @type {Record<string, (node: any) => void>} */
    const visitors = {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
    };
    return visitors;
  },
};

/** @param {string} importer */
function computed(importer) {
  const layer = layers.find(({ folder }) => isWithin(importer, folder));
  if (layer === undefined || layer.packages || isTest(importer)) return undefined;
  return `${layer.folder} may not compute what it imports`;
}

export const plugin = { rules: { layers: rule } };
