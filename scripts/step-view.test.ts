import { expect, it } from 'vitest';
import { asked } from './step-view.ts';

it.each([
  ['', { kind: 'go', step: 6 }],
  ['n', { kind: 'go', step: 6 }],
  ['back', { kind: 'go', step: 4 }],
  ['7', { kind: 'go', step: 7 }],
  ['jump 3', { kind: 'go', step: 3 }],
  ['999', { kind: 'go', step: 10 }],
  ['0', { kind: 'go', step: 0 }],
  ['$', { kind: 'go', step: 10 }],
  ['v', { kind: 'go', step: 8 }],
  ['d', { kind: 'differences' }],
  ['q', { kind: 'quit' }],
])('at step 5 of 10, "%s" asks for %o', (line, expected) => {
  expect(asked(line, 5, 10, 8)).toEqual(expected);
});

it('says what it understands, and that nothing breaks', () => {
  expect(asked('what', 5, 10, 8)).toMatchObject({ kind: 'unknown' });
  expect(asked('v', 5, 10, undefined)).toEqual({ kind: 'unknown', text: 'nothing breaks' });
});
