import { expect, it } from 'vitest';
import { commandLine, keptByNpm, shellWord, withoutOptions } from './invocation.ts';

it.each([
  ['/src/highwater/scripts/cli.mjs', 'fuzz', 'npm run replay -- a.json'],
  ['/src/highwater/scripts/cli.mjs', undefined, 'npm run replay -- a.json'],
  ['/app/node_modules/.bin/highwater', 'npx', 'npx highwater replay a.json'],
  ['/app/node_modules/.bin/highwater', 'verify', 'npx highwater replay a.json'],
  ['/usr/local/bin/highwater', undefined, 'highwater replay a.json'],
])('a program started as %s (npm: %s) is told to run "%s"', (script, npmEvent, hint) => {
  expect(commandLine('replay', ['a.json'], { script, npmEvent })).toBe(hint);
});

it('a command without arguments needs no separator', () => {
  expect(commandLine('calibrate', [], { script: 'cli.mjs', npmEvent: 'fuzz' })).toBe('npm run calibrate');
});

it('options are left out with their values, however they are written', () => {
  const args = ['--resume', 'a', '--records', '2', '--checkpoint=b', '--json'];
  expect(withoutOptions(args, ['--resume', '--checkpoint'])).toEqual(['--records', '2', '--json']);
});

it.each([
  ['kill:1,fence:1', 'kill:1,fence:1'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
])('a shell is given %o as %s', (word, given) => {
  expect(shellWord(word)).toBe(given);
});

it.each([
  ['fuzz', { npm_config_runs: 'true' }, 'runs'],
  ['fuzz', { npm_config_min_actions: 'true' }, 'min-actions'],
  ['fuzz', { npm_config_cache: '/cache' }, undefined],
  // A .npmrc may say so.
  ['fuzz', { npm_config_json: 'true' }, undefined],
  // Another script started the program: the options are those of that one.
  ['nightly', { npm_config_runs: 'true' }, undefined],
])('under npm run %s with %o, npm kept --%s', (event, config, kept) => {
  const env = { npm_lifecycle_event: event, ...config };
  expect(keptByNpm('fuzz', ['runs', 'min-actions', 'json'], env)).toBe(kept);
});
