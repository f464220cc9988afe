/** 64 bits of hash over whole numbers as 16 hexadecimal digits: two independent 32-bit lanes (murmur3 mixing). */
export function digestOf(values: readonly number[]): string {
  let a = 0x2a7c_9d31 ^ values.length;
  let b = 0x71d6_7fff ^ values.length;
  for (const value of values) {
    a = Math.imul(a ^ Math.imul(value | 0, 0xcc9e_2d51 | 0), 0x1b87_3593);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ Math.imul((value | 0) + 0x9e37, 0x85eb_ca6b | 0), 0xc2b2_ae35 | 0);
    b = (b << 13) | (b >>> 19);
  }
  return finish(a) + finish(b ^ Math.imul(a, 0x27d4_eb2f));
}

function finish(hash: number): string {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85eb_ca6b | 0);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2_ae35 | 0);
  h ^= h >>> 16;
  return (h >>> 0).toString(16).padStart(8, '0');
}
