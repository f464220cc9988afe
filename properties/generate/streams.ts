/** Named streams of random numbers from one seed (seedrandom's Alea). */
import seedrandom from 'seedrandom';
import type { Stream, Streams } from '../../model/index.ts';

/**
 * Streams for one simulation: the same seed and name give the same numbers on every machine. A generator costs more
 * than many steps, so each is made when it is first asked for, and the caller keeps it.
 */
export function streamsOf(seed: number | string): Streams {
  return {
    stream(name: string): Stream {
      const next = seedrandom.alea(`${seed}/${name}`);
      // 32 random bits as a fraction: exact in a double, so that the product is the same everywhere.
      return { below: (bound) => Math.floor(next.quick() * bound) };
    },
  };
}
