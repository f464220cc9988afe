import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bool,
  brokerSet,
  int,
  list,
  nullable,
  oneOf,
  optional,
  struct,
  union,
  wide,
  type Shape,
} from './shape.ts';

/** A shape, what is a value of it, and a value that is not. */
interface Sample {
  readonly shape: Shape<unknown>;
  readonly values: fc.Arbitrary<unknown>;
  readonly wrong: unknown;
}

const sample = <T>(shape: Shape<T>, values: fc.Arbitrary<T>, wrong: unknown): Sample => ({
  shape: shape,
  values,
  wrong,
});

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 5 }))
    .map(([min, span]) => sample(int(min, min + span), fc.integer({ min, max: min + span }), min + span + 1)),
  fc.constant(sample(wide(2 ** 53 - 1), fc.maxSafeNat(), -1)),
  fc.constant(sample(bool, fc.boolean(), 1)),
  fc.constant(sample(brokerSet, fc.integer({ min: 0, max: 31 }), 32)),
  fc.constant(sample(oneOf('no', 'yes', 'maybe'), fc.constantFrom('no', 'yes', 'maybe'), 'perhaps')),
);

const { samples } = fc.letrec<{ samples: Sample }>((tie) => ({
  samples: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('samples').map(({ shape, values, wrong }) =>
      sample(list(shape), fc.array(values, { maxLength: 3 }), [wrong]),
    ),
    tie('samples').map(({ shape, values, wrong }) =>
      // Null inside null could not be told apart, and no component needs it.
      sample(struct({ only: nullable(shape) }), fc.record({ only: fc.option(values) }), {
        only: wrong,
      }),
    ),
    fc.tuple(tie('samples'), tie('samples')).map(([a, b]) =>
      sample(struct({ a: a.shape, b: b.shape }), fc.record({ a: a.values, b: b.values }), {
        a: a.wrong,
        b: b.wrong,
      }),
    ),
    fc.tuple(tie('samples'), tie('samples')).map(([a, b]) =>
      sample(
        union({
          First: struct({ a: a.shape }),
          Second: struct({ b: b.shape }),
        }) as Shape<unknown>,
        fc.oneof(
          a.values.map((value) => ({ kind: 'First', a: value })),
          b.values.map((value) => ({ kind: 'Second', b: value })),
        ),
        { kind: 'Third' },
      ),
    ),
  ),
}));

const encoded = (shape: Shape<unknown>, value: unknown): number[] => {
  const out: number[] = [];
  shape.encode(value, out);
  return out;
};

const isPrefix = (a: readonly number[], b: readonly number[]): boolean => a.every((n, i) => n === b[i]);

/** A shape with two values of it, often the same. */
const pairs = samples.chain((one) =>
  fc.tuple(
    fc.constant(one),
    fc.oneof(
      one.values.map((value) => [value, structuredClone(value)] as const),
      fc.tuple(one.values, one.values),
    ),
  ),
);

describe('a declared shape', () => {
  it('gives back what was encoded, and stops right behind it', () => {
    fc.assert(
      fc.property(pairs, ([{ shape }, [a, b]]) => {
        const from = { values: [...encoded(shape, a), ...encoded(shape, b)], at: 0 };
        expect(shape.decode(from)).toEqual(a);
        expect(shape.decode(from)).toEqual(b);
        expect(from.at).toBe(from.values.length);
        expect(() => shape.decode({ values: encoded(shape, a).slice(0, -1), at: 0 })).toThrow();
      }),
    );
  });

  it('encodes equal values alike, and different ones so that neither encoding begins with the other', () => {
    fc.assert(
      fc.property(pairs, ([{ shape }, [a, b]]) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        const one = encoded(shape, a);
        const other = encoded(shape, b);
        expect(isPrefix(one, other)).toBe(same);
        expect(isPrefix(other, one)).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it('calls equal what it encodes alike', () => {
    fc.assert(
      fc.property(pairs, ([{ shape }, [a, b]]) => {
        expect(shape.equal(a, b)).toBe(String(encoded(shape, a)) === String(encoded(shape, b)));
      }),
      { numRuns: 500 },
    );
  });

  it('finds nothing wrong with a value of it, and shows it as plain JSON', () => {
    fc.assert(
      fc.property(
        samples.chain((one) => fc.tuple(fc.constant(one), one.values)),
        ([{ shape }, value]) => {
          expect(shape.fault(value, 'it')).toBeUndefined();
          const shown = shape.show(value);
          expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
        },
      ),
    );
  });

  it('finds what is wrong with anything else', () => {
    fc.assert(
      fc.property(samples, ({ shape, wrong }) => {
        expect(shape.fault(wrong, 'it')).toMatch(/^it/);
      }),
    );
  });

  const point = struct({ x: int(0, 9), tags: list(oneOf('a', 'b')), next: nullable(bool) });
  it.each([
    [
      'a number out of range',
      { x: 10, tags: [], next: null },
      'it.x: expected a whole number from 0 to 9, got 10',
    ],
    ['half a number', { x: 0.5, tags: [], next: null }, 'it.x: expected a whole number from 0 to 9, got 0.5'],
    ['an unknown word', { x: 0, tags: ['a', 'c'], next: null }, 'it.tags[1]: expected one of a, b, got "c"'],
    ['no list', { x: 0, tags: 'a', next: null }, 'it.tags: expected a list'],
    ['a missing field', { x: 0, tags: [] }, 'it.next: expected true or false, got undefined'],
    ['a field too many', { x: 0, tags: [], next: true, y: 1 }, 'it.y: unknown field'],
    ['nothing at all', null, 'it: expected an object'],
  ])('says where and what it found: %s', (_, value, says) => {
    expect(point.fault(value, 'it')).toBe(says);
  });

  describe('with a field that only some configurations have', () => {
    const shape = list(
      struct({ a: int(-1, 5), one: optional('one', int(-1, 5)), two: optional('two', list(bool)) }),
    );
    const values = fc.array(
      fc.record(
        {
          a: fc.integer({ min: -1, max: 5 }),
          one: fc.integer({ min: -1, max: 5 }),
          two: fc.array(fc.boolean(), { maxLength: 2 }),
        },
        { requiredKeys: ['a'] },
      ),
      { maxLength: 3 },
    );

    it('tells values apart that have it, and that have it not', () => {
      fc.assert(
        fc.property(values, values, (a, b) => {
          expect(shape.decode({ values: encoded(shape, a), at: 0 })).toEqual(a);
          const same = JSON.stringify(shape.show(a)) === JSON.stringify(shape.show(b));
          expect(String(encoded(shape, a)) === String(encoded(shape, b))).toBe(same);
          expect(shape.equal(a, b)).toBe(same);
          expect(shape.fault(a, 'it')).toBeUndefined();
        }),
      );
    });

    it('encodes nothing of it where it is absent, and shows nothing', () => {
      expect(encoded(shape, [{ a: 3 }])).toEqual([1, 3]);
      expect(shape.show([{ a: 3 }])).toEqual([{ a: 3 }]);
      expect(shape.fault([{ a: 3, one: 9 }], 'it')).toMatch(/^it\[0\]\.one/);
    });

    it('refuses a second one of the same name', () => {
      expect(() => optional('one', bool)).toThrow('two optional fields');
    });
  });

  it('shows a set of brokers as a list of their ids', () => {
    expect(brokerSet.show(0b10101)).toEqual([0, 2, 4]);
  });
});
