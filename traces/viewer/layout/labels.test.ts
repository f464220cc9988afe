import { describe, expect, it } from 'vitest';
import { placesOf, wordsOfMark } from './labels.ts';

const line = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });

describe('labels of lines', () => {
  it('stand above their lines, before the middle', () => {
    expect(placesOf([{ line: line(0, 0, 100, 50), label: 'fetch 0' }], [])).toEqual([{ x: 42, y: 17 }]);
  });

  it('make way for each other where lines begin together', () => {
    const label = 'leader 0, ISR [0 1 2]';
    const places = placesOf(
      [
        { line: line(300, 0, 100, 60), label },
        { line: line(300, 0, 200, 100), label },
        { line: line(300, 0, 300, 100), label },
      ],
      [],
    );
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1)) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(11);
    }
  });

  it('make way for the words of marks, which stay beside their marks', () => {
    const grid = {
      from: 0,
      to: 9,
      row: 30,
      column: 100,
      columns: new Map([
        [0, 0],
        [1, 1],
      ]),
    };
    const mark = wordsOfMark(grid, 2, 0, 'broker 2 lags');
    expect(mark).toEqual({ says: 'broker 2 lags', isLeft: false, x: 59, y: 87 });
    expect(wordsOfMark(grid, 2, 1, 'broker 2 lags')).toMatchObject({ isLeft: true, x: 141 });
    const through = { line: line(50, 45, 150, 135), label: 'r0' };
    const [alone] = placesOf([through], []);
    const [beside] = placesOf([through], [mark]);
    expect(alone).toEqual({ x: 92, y: 78.8 });
    expect(Math.abs((beside?.y ?? mark.y) - mark.y)).toBeGreaterThanOrEqual(11);
    expect(placesOf([through], [{ ...mark, says: '' }])).toEqual([alone]);
  });

  it('stay where they are best where there is no room at all', () => {
    const short = { line: line(0, 0, 10, 1), label: 'a long label on a short line' };
    const places = placesOf([short, short], []);
    expect(places[1]).toEqual(places[0]);
  });
});
