import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { has, isSubset, members, NO_BROKERS, setOf, size, withBroker, without } from './broker-set.ts';

const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 8 });
const broker = fc.integer({ min: 0, max: 30 });
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe('a set of brokers', () => {
  it('has the members it was made of, in ascending order', () => {
    fc.assert(
      fc.property(ids, (brokers) => {
        expect(members(setOf(brokers))).toEqual(sorted(brokers));
        expect(size(setOf(brokers))).toBe(brokers.length);
      }),
    );
  });

  it('behaves as a set of numbers does when members come and go', () => {
    fc.assert(
      fc.property(ids, broker, (brokers, one) => {
        const set = setOf(brokers);
        expect(members(withBroker(set, one))).toEqual(sorted(new Set([...brokers, one])));
        expect(members(without(set, one))).toEqual(sorted(brokers.filter((id) => id !== one)));
        expect(has(set, one)).toBe(brokers.includes(one));
      }),
    );
  });

  it('is part of another when all its members are in it', () => {
    fc.assert(
      fc.property(ids, ids, (inner, outer) => {
        expect(isSubset(setOf(inner), setOf(outer))).toBe(inner.every((id) => outer.includes(id)));
      }),
    );
  });

  it('is empty with no brokers', () => {
    expect(members(NO_BROKERS)).toEqual([]);
  });
});
