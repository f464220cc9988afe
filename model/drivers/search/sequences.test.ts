import { describe, expect, it } from 'vitest';
import { Sequences } from './sequences.ts';

describe('rows that are kept once', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => Array.from({ length: i % 7 }, (_, j) => (i >> j) - 1));

  it('stand in one place if they are equal, and in different ones otherwise', () => {
    const sequences = new Sequences();
    const places = rows.map((row) => sequences.add(row));
    const contents = new Map(rows.map((row, i) => [row.join(), places[i]]));
    expect(new Set(places).size).toBe(contents.size);
    expect(places).not.toContain(0);
    expect(rows.map((row) => sequences.add(row))).toEqual(places);
    const kept = places.map((at) => {
      const length = sequences.words[at] ?? 0;
      return [...sequences.words.subarray(at + 1, at + 1 + length)];
    });
    expect(kept).toEqual(rows);
  });
});
