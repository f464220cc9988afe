import { defineConfig } from 'vitest/config';

/** Tests of searches, which lay claim to more memory than a process can give back and still start others. */
const SEARCHES = [
  'model/{drivers/search,specs}/**/*.test.ts',
  'properties/explore/**/*.test.ts',
  'scripts/explore{,/**/*}.test.ts',
];

export default defineConfig({
  test: {
    // Some tests write tables into the same page: one after the other, none writes over another's.
    fileParallelism: process.env['UPDATE_DOCS'] !== '1',
    environment: 'node',
    pool: 'forks',
    // The default leaves one core idle, which on two cores is half of the machine.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'searches',
          include: SEARCHES,
          isolate: false,
          execArgv: ['--expose-gc'],
          setupFiles: ['.ci/collect-garbage.js'],
        },
      },
      {
        extends: true,
        test: {
          name: 'others',
          include: ['{model,properties,traces,scripts,.ci}/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...SEARCHES],
          // No test changes anything that another one sees, and to load the model for each file takes as long as the tests.
          isolate: false,
        },
      },
    ],
  },
});
