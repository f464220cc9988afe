/** Whole numbers in memory that threads share. Big blocks cost nothing until they are written to. */
export type Words = Int32Array<SharedArrayBuffer>;

export const words = (length: number): Words => new Int32Array(new SharedArrayBuffer(length * 4));

/** A word that the caller knows to exist. */
export const word = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;

/** The hash of words `from` … `from + length − 1`. */
export function hashOf(values: ArrayLike<number>, from: number, length: number): number {
  let hash = length;
  for (let i = from; i < from + length; i++) {
    hash = Math.imul(hash ^ word(values, i), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}

/** Power of two that is not below `value`. */
export function powerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}
