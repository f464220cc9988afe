import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTROLLER, partyName } from '../../protocol/base/party.ts';
import { cutsOf, SHAPE_NAMES, type Cast, type ShapeName } from './shapes.ts';

const three: Cast = { brokers: [0, 1, 2], leader: 1, controller: CONTROLLER, clients: [6, 8] };
const five: Cast = { ...three, brokers: [0, 1, 2, 3, 4], leader: 0 };

const drawn = (shape: ShapeName, cast: Cast): string[] =>
  cutsOf(shape, cast).map(({ from, to, both }) => {
    const short = (party: number): string => partyName(party).replace(/^broker /, '');
    return `${short(from)} ${both ? '-' : '>'} ${short(to)}`;
  });

describe('each shape cuts these links', () => {
  const table: readonly (readonly [ShapeName, Cast, readonly string[]])[] = [
    ['isolate-leader', three, ['1 - 0', '1 - 2', '1 - controller', '1 - producer 0', '1 - consumer 0']],
    ['isolate-controller', three, ['1 - controller']],
    ['zombie-leader', three, ['1 - 0', '1 - 2', '1 - controller']],
    ['leader-without-followers', three, ['1 - 0', '1 - 2']],
    ['deaf-leader', three, ['0 > 1', '2 > 1']],
    ['leader-without-clients', three, ['1 - producer 0', '1 - consumer 0']],
    ['split', three, ['1 - 0', '1 - 2', '1 - controller']],
    ['bridge', three, ['1 - 0']],
    // 0 hears 1, 1 hears 2, 2 hears 0.
    ['majorities-ring', three, ['2 > 0', '0 > 1', '1 > 2']],
    [
      'split',
      five,
      ['0 - 2', '0 - 3', '0 - 4', '1 - 2', '1 - 3', '1 - 4', '0 - controller', '1 - controller'],
    ],
    // 4 sees everybody.
    ['bridge', five, ['0 - 2', '0 - 3', '1 - 2', '1 - 3']],
    [
      'majorities-ring',
      five,
      ['3 > 0', '4 > 0', '0 > 1', '4 > 1', '0 > 2', '1 > 2', '1 > 3', '2 > 3', '2 > 4', '3 > 4'],
    ],
  ];
  test.each(table)('%s', (shape, cast, links) => {
    expect(drawn(shape, cast)).toEqual(links);
  });

  test('the table leaves no shape out', () => {
    expect(new Set(table.map(([shape]) => shape))).toEqual(new Set(SHAPE_NAMES));
  });
});

test('no shape cuts a link twice, a party from itself, or what has no link', () => {
  const cast = fc.integer({ min: 1, max: 5 }).chain((brokers) =>
    fc.record<Cast>({
      brokers: fc.constant(Array.from({ length: brokers }, (_, id) => id)),
      leader: fc.nat(brokers - 1),
      controller: fc.constant(CONTROLLER),
      clients: fc.subarray([6, 7, 8, 9]),
    }),
  );
  fc.assert(
    fc.property(cast, fc.constantFrom(...SHAPE_NAMES), (who, shape) => {
      const ways = cutsOf(shape, who).flatMap(({ from, to, both }) =>
        both ? [`${from}>${to}`, `${to}>${from}`] : [`${from}>${to}`],
      );
      expect(new Set(ways).size).toBe(ways.length);
      for (const { from, to } of cutsOf(shape, who)) {
        expect(from).not.toBe(to);
        // Between clients and the controller, and between clients, there is no link.
        expect(Math.min(from, to)).toBeLessThan(CONTROLLER);
      }
    }),
  );
});
