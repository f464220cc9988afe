/** Small pieces of sentences. */
import { members, type BrokerSet } from '../model/index.ts';

/** `record 3`, `records 3 and 4`, `records 3, 4 and 5`. */
export function records(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'record' : 'records'} ${listed(ids)}`;
}

/** `nobody`, `0`, `0 and 1`, `0, 1 and 2`. */
export function listed(items: readonly (number | string)[]): string {
  const last = items.at(-1);
  if (last === undefined) return 'nobody';
  const rest = items.slice(0, -1).join(', ');
  return rest === '' ? `${last}` : `${rest} and ${last}`;
}

/** `[0 1 2]`, or `[]` for an empty set. */
export const brokerList = (set: BrokerSet): string => `[${members(set).join(' ')}]`;

/** `1 broker`, `3 brokers`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
