import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { plugin } from './.ci/layers.js';

const tests = ['**/*.test.ts'];

/** @param {string} replacement */
const chance = (replacement) => ({
  object: 'Math',
  property: 'random',
  message: `Chance is an argument: ${replacement}.`,
});

/** @param {string[]} names @param {string} message */
const globals = (names, message) => names.map((name) => ({ name, message }));

const clock = globals(['Date', 'performance'], 'Time is an argument: take milliseconds from the caller.');
const locale = {
  property: 'localeCompare',
  message: "Order must not depend on the machine's language: compare with < and >.",
};

export default defineConfig(
  globalIgnores(['coverage/', '.highwater/', 'tmp/']),
  js.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },

  {
    name: 'highwater/typescript',
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unused-vars': 'off', // tsc says it: noUnusedLocals, noUnusedParameters
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    name: 'highwater/layers',
    files: ['**/*.{ts,tsx,js,mjs}'],
    plugins: { highwater: plugin },
    rules: { 'highwater/layers': 'error' },
  },

  {
    name: 'highwater/determinism',
    files: ['model/**/*.ts', 'properties/**/*.ts', 'traces/**/*.{ts,tsx}'],
    ignores: tests,
    rules: {
      'no-restricted-properties': ['error', chance('draw from the seeded generator'), locale],
      'no-restricted-globals': ['error', ...clock],
    },
  },

  {
    name: 'highwater/model-is-pure',
    files: ['model/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-properties': ['error', chance('a driver picks, the machine only offers'), locale],
      'no-restricted-globals': [
        'error',
        ...clock,
        ...globals(['process', 'console'], 'The model does no input or output: return a value.'),
        ...globals(
          [
            'globalThis',
            'global',
            'crypto',
            'setTimeout',
            'setInterval',
            'setImmediate',
            'queueMicrotask',
            'fetch',
          ],
          'The model is pure: no globals, no timers.',
        ),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Literal[raw=/^([0-9][0-9_]*)?[.][0-9]|^[0-9][0-9_.]*[eE]-/]',
          message: 'Whole numbers decide: weights are integers, probabilities pairs, times milliseconds.',
        },
      ],
    },
  },

  {
    name: 'highwater/tests',
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },

  {
    name: 'highwater/javascript',
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-undef': 'off' }, // tsc says it: checkJs
  },
);
