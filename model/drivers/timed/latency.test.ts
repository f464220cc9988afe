import fc from 'fast-check';
import { expect, test } from 'vitest';
import { streamsOf } from '../../../properties/generate/streams.ts';
import { CONTROLLER } from '../../protocol/base/party.ts';
import { Latency } from './latency.ts';

const range = { least: 2, spread: 10, tailOneIn: 10, tail: 100 };

test('the n-th message of a link and kind takes as long as ever, whatever else was sent', () => {
  const traffic = fc.array(fc.tuple(fc.nat(4), fc.constantFrom('Produce' as const, 'Fetch' as const)), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(fc.nat(), traffic, (seed, others) => {
      const alone = new Latency(streamsOf(seed), range);
      const busy = new Latency(streamsOf(seed), range);
      for (const [to, kind] of others) {
        busy.draw(CONTROLLER, to, kind);
        expect(busy.draw(0, 1, 'Fetch')).toBe(alone.draw(0, 1, 'Fetch'));
      }
    }),
  );
});

test('stays within its range, reaches its tail, and a slow link adds its time', () => {
  const latency = new Latency(streamsOf(1), range);
  const drawn = Array.from({ length: 2_000 }, () => latency.draw(0, 1, 'Fetch'));
  expect(Math.min(...drawn)).toBe(2);
  expect(Math.max(...drawn)).toBeLessThan(2 + 10 + 100);
  const late = drawn.filter((ms) => ms >= 12).length;
  expect(late).toBeGreaterThan(100);
  expect(late).toBeLessThan(300);

  latency.slow(0, 1, 1_000);
  expect(latency.draw(0, 1, 'Fetch')).toBeGreaterThan(1_000);
  expect(latency.draw(1, 0, 'FetchResponse')).toBeLessThan(200);
  latency.slow(0, 1, -1_000);
  expect(latency.draw(0, 1, 'Fetch')).toBeLessThan(200);
});

test('a bad network takes every link, and the draws of each stream stay in step', () => {
  const good = new Latency(streamsOf(3), range);
  const bad = new Latency(streamsOf(3), range);
  const first = bad.degrade({ least: 500, spread: 1, tailOneIn: 1, tail: 0 });
  const second = bad.degrade({ least: 900, spread: 1, tailOneIn: 1, tail: 0 });
  good.draw(0, 1, 'Fetch');
  expect(bad.draw(0, 1, 'Fetch')).toBe(900);
  second();
  good.draw(0, 1, 'Fetch');
  expect(bad.draw(0, 1, 'Fetch')).toBe(500);
  first();
  expect(bad.draw(0, 1, 'Fetch')).toBe(good.draw(0, 1, 'Fetch'));
});
