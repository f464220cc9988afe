import { describe, expect, it } from 'vitest';
import { action, actorSet, permutationsOf, renameSet, upTo, type Renaming } from './define.ts';

const after = (first: Renaming, second: Renaming): Renaming => first.map((to) => second[to]!);

describe('renamings', () => {
  it.each([1, 2, 3, 4])('of %i actors are a group whose first is the identity', (count) => {
    const renamings = permutationsOf(count);
    const keys = new Set(renamings.map(String));
    expect(renamings[0]).toEqual(upTo(count));
    expect(keys.size).toBe([1, 1, 2, 6, 24][count]);
    for (const first of renamings) {
      for (const second of renamings) expect(keys).toContain(String(after(first, second)));
    }
  });

  it('rename the members of a set', () => {
    expect(renameSet(0b011, [2, 0, 1])).toBe(0b101);
    expect(renameSet(0b000, [2, 0, 1])).toBe(0b000);
    expect(renameSet(0b111, [2, 0, 1])).toBe(0b111);
  });
});

describe('a set of actors', () => {
  it('is shown as ids and holds no stranger', () => {
    expect(actorSet(3).show(0b101)).toEqual([0, 2]);
    expect(actorSet(3).fault(0b111, 'isr')).toBeUndefined();
    expect(actorSet(3).fault(0b1000, 'isr')).toContain('isr');
  });
});

describe('an action', () => {
  it('writes only if its guard holds', () => {
    const written: unknown[] = [];
    const write = (slot: number, value: unknown) => void written.push([slot, value]);
    const { take } = action(
      'step',
      (read) => read(0) === 'ready',
      (_, put) => put(1, 'done'),
    );
    expect(take(() => 'busy', write)).toBe(false);
    expect(written).toEqual([]);
    expect(take(() => 'ready', write)).toBe(true);
    expect(written).toEqual([[1, 'done']]);
  });
});
