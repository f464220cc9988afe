/** Whole numbers in memory that threads share. Big blocks cost nothing until they are written to. */
export type Words = Int32Array<SharedArrayBuffer>;

export const words = (length: number): Words => new Int32Array(new SharedArrayBuffer(length * 4));

/**
 * A word that the caller knows to exist. What is asked for most often is asked of rows of one kind only: the engine makes
 * one instruction of that, and many of a function that meets several kinds, or an index beyond the end.
 */
export const word = (values: Int32Array, index: number): number => values[index] ?? 0;

/** The same of a list. */
export const item = (values: readonly number[], index: number): number => values[index] ?? 0;

/** The hash of words `from` … `from + length − 1`. */
export function hashOf(values: Int32Array, from: number, length: number): number {
  let hash = length;
  for (let i = from; i < from + length; i++) hash = mixed(hash, word(values, i));
  return finished(hash);
}

function mixed(hash: number, value: number): number {
  const next = Math.imul(hash ^ value, 0x9e37_79b1);
  return next ^ (next >>> 15);
}

function finished(hash: number): number {
  const last = Math.imul(hash, 0x85eb_ca6b);
  return last ^ (last >>> 13);
}

/** The hash of a list: that of a row which holds the same. */
export function hashOfList(values: readonly number[]): number {
  let hash = values.length;
  for (let i = 0; i < values.length; i++) hash = mixed(hash, item(values, i));
  return finished(hash);
}

/** Power of two that is not below `value`. */
export function powerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}
