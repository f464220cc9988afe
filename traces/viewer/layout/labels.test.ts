import { describe, expect, it } from 'vitest';
import { placesOf } from './labels.ts';

const line = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });

describe('labels of lines', () => {
  it('stand above their lines, before the middle', () => {
    expect(placesOf([{ line: line(0, 0, 100, 50), label: 'fetch 0' }])).toEqual([{ x: 42, y: 17 }]);
  });

  it('make way for each other where lines begin together', () => {
    const label = 'leader 0, ISR [0 1 2]';
    const places = placesOf([
      { line: line(300, 0, 100, 60), label },
      { line: line(300, 0, 200, 100), label },
      { line: line(300, 0, 300, 100), label },
    ]);
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1)) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(11);
    }
  });

  it('stay where they are best where there is no room at all', () => {
    const short = { line: line(0, 0, 10, 1), label: 'a long label on a short line' };
    const places = placesOf([short, short]);
    expect(places[1]).toEqual(places[0]);
  });
});
