import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';

const numbers = fc.array(fc.integer({ min: -2, max: 0x1fff_ffff }), { maxLength: 40 });

describe('a digest', () => {
  // Saved traces carry digests: what they are made of may change, how they are worked out may not.
  it.each([
    [[], 'becfafee82d73f82'],
    [[0], '7c52500f48f1639d'],
    [[0, 0], '2eaf90ccfa78098a'],
    [[-1], '5bdeb6add445b0ff'],
    [[1, 2, 3, 4, 5, 6, 7, 8], '606a0c9c7bb6d0a4'],
    [[0x1fff_ffff, 0xffff, -2], 'c44ddee2dbbc54b8'],
  ])('of %j is %s on every machine', (values, digest) => {
    expect(digestOf(values)).toBe(digest);
  });

  it('is sixteen hexadecimal digits', () => {
    fc.assert(fc.property(numbers, (values) => /^[0-9a-f]{16}$/.test(digestOf(values))));
  });

  it('changes when one number changes, moves or is added', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.nat({ max: 1000 }), (values, where, change) => {
        const at = where % (values.length + 1);
        const added = [...values.slice(0, at), change, ...values.slice(at)];
        const changed = values.map((value, i) => (i === at ? value + change + 1 : value));
        expect(digestOf(added)).not.toBe(digestOf(values));
        if (at < values.length) expect(digestOf(changed)).not.toBe(digestOf(values));
        if (values[0] !== values.at(-1)) expect(digestOf(values.toReversed())).not.toBe(digestOf(values));
      }),
    );
  });

  it('does not collide among a hundred thousand small inputs', () => {
    const seen = new Set<string>();
    let inputs = 0;
    for (let a = -1; a < 50; a++) {
      for (let b = -1; b < 50; b++) {
        for (let c = -1; c < 40; c++) {
          seen.add(digestOf([a, b, c]));
          inputs++;
        }
      }
    }
    expect(seen.size).toBe(inputs);
  });
});
