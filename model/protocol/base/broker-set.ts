/** Sets of broker ids as bit masks. Kafka keeps an ISR as a list, but no rule of it depends on that order. */
export type BrokerSet = number;

export const NO_BROKERS: BrokerSet = 0;

export const has = (set: BrokerSet, broker: number): boolean => (set & (1 << broker)) !== 0;
export const withBroker = (set: BrokerSet, broker: number): BrokerSet => set | (1 << broker);
export const without = (set: BrokerSet, broker: number): BrokerSet => set & ~(1 << broker);
export const isSubset = (inner: BrokerSet, outer: BrokerSet): boolean => (inner & ~outer) === 0;

/** How many members `set` has (at most 31 brokers). */
export function size(set: BrokerSet): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function setOf(brokers: readonly number[]): BrokerSet {
  let set = NO_BROKERS;
  for (const broker of brokers) set |= 1 << broker;
  return set;
}

export function members(set: BrokerSet): number[] {
  const out: number[] = [];
  for (let id = 0, rest = set; rest !== 0; id++, rest >>>= 1) if ((rest & 1) !== 0) out.push(id);
  return out;
}
