import { describe, expect, it } from 'vitest';
import { ABSENT, PairMap } from './pair-map.ts';

describe('numbers by pairs', () => {
  it('are found again, and none for a pair that is not there', () => {
    const map = new PairMap();
    const pairs = Array.from({ length: 3600 }, (_, i) => [Math.floor(i / 60), i % 60] as const);
    const keptFor = (first: number, second: number): number =>
      second % 2 === 0 ? first * 100 + second : ABSENT;
    for (const [first, second] of pairs) if (second % 2 === 0) map.add(first, second, keptFor(first, second));
    const kept = pairs.map(([first, second]) => map.get(first, second));
    expect(kept).toEqual(pairs.map(([first, second]) => keptFor(first, second)));
    expect(map.get(60, 0)).toBe(ABSENT);
    map.clear();
    expect(map.get(0, 0)).toBe(ABSENT);
  });
});
