import { expect, it } from 'vitest';
import { commandLine } from './invocation.ts';

it.each([
  ['/src/highwater/scripts/cli.ts', 'fuzz', 'npm run replay -- a.json'],
  ['/src/highwater/scripts/cli.ts', undefined, 'npm run replay -- a.json'],
  ['/app/node_modules/.bin/highwater', 'npx', 'npx highwater replay a.json'],
  ['/app/node_modules/.bin/highwater', 'verify', 'npx highwater replay a.json'],
  ['/usr/local/bin/highwater', undefined, 'highwater replay a.json'],
])('a program started as %s (npm: %s) is told to run "%s"', (script, npmEvent, hint) => {
  expect(commandLine('replay', ['a.json'], { script, npmEvent })).toBe(hint);
});

it('a command without arguments needs no separator', () => {
  expect(commandLine('calibrate', [], { script: 'cli.ts', npmEvent: 'fuzz' })).toBe('npm run calibrate');
});
