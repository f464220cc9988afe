import { expect, it } from 'vitest';
import { inTurns } from './turns.ts';

/** Spins until told to stop; gives how often it was asked to go on. */
function* endless(): Generator<number, number, boolean> {
  let rounds = 0;
  while (yield rounds) rounds++;
  return rounds;
}

it('gives way to whoever asks a search to stop, and returns what it has by then', async () => {
  const stop = { requested: false };
  setTimeout(() => {
    stop.requested = true;
  }, 60);
  const seen: number[] = [];
  const rounds = await inTurns(endless(), stop, (progress) => seen.push(progress));
  expect(rounds).toBeGreaterThan(0);
  expect(seen.length).toBeGreaterThan(0);
});
