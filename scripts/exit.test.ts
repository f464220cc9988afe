import { expect, it } from 'vitest';
import { EXIT, worst } from './exit.ts';

it('combining verdicts keeps the worst', () => {
  expect(worst(['passed', 'incomplete', 'proved'])).toBe('incomplete');
  expect(worst(['incomplete', 'violated', 'passed'])).toBe('violated');
  expect(worst(['reproduced', 'not-violated', 'refused'])).toBe('refused');
  expect(worst(['as-expected'])).toBe('as-expected');
  expect(() => worst([])).toThrow('no verdict');
});

it('tells broken, senseless, unfinished and our own mistakes apart', () => {
  expect([EXIT.violated, EXIT.usage, EXIT.incomplete, EXIT.internal]).toEqual([1, 2, 3, 70]);
});
