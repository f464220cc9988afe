/** Every trial has a seed of its own, the same whoever makes it and in whichever order. */
import { createHash } from 'node:crypto';
import type { Settings } from '../../model/index.ts';

export const seedOf = (seed: number, settings: Settings): number =>
  createHash('sha256')
    .update(JSON.stringify([seed, settings]))
    .digest()
    .readUInt32BE() >>> 1;
