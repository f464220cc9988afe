/** What became of the records of a run, as applications see it. */
import { newestImage, NO_LEADER, recordOf, viewsOf, type State } from '../../model/index.ts';
import { at } from '../property.ts';
import type { ClientHistory, Delivery } from './history.ts';

export interface Fates {
  /** Records whose producer was told of success. */
  readonly acknowledged: number;
  /** Records whose producer was told of failure; they may be in the log all the same. */
  readonly failed: number;
  /** Acknowledged records that are not in the log at the end, though nobody had them deleted. */
  readonly lost: number;
  /** Deliveries of a record that the consumer had got before. The most of any consumer, here and below. */
  readonly duplicates: number;
  /** Acknowledged records in the log that the consumer never got. */
  readonly gaps: number;
  /** Records that came after one that their producer had sent later to the same partition: across partitions nothing is promised. */
  readonly reordered: number;
}

/** The records that the leader of their partition has; without a leader, those that anybody has. */
function keptAt(end: State): ReadonlySet<number> {
  const kept = viewsOf(end).flatMap(({ metadata, logs }) => {
    const { leader, replicas } = at(newestImage(metadata).partitions, 0);
    const holders = leader === NO_LEADER ? replicas : [leader];
    return holders.flatMap((broker) => at(logs, broker).entries.map(recordOf));
  });
  return new Set(kept);
}

const repeated = (deliveries: readonly Delivery[]): number =>
  deliveries.length - new Set(deliveries.map(({ record }) => record)).size;

function reordered(history: ClientHistory, deliveries: readonly Delivery[]): number {
  const seen = new Set<number>();
  const newest = new Map<string, number>();
  let late = 0;
  for (const { record, partition } of deliveries) {
    if (seen.has(record)) continue;
    seen.add(record);
    const row = `${partition} ${history.producerOf(record)}`;
    const before = newest.get(row) ?? -1;
    const nth = history.nthOf(record);
    if (nth < before) late++;
    else newest.set(row, nth);
  }
  return late;
}

export function fatesOf(history: ClientHistory, end: State): Fates {
  const kept = keptAt(end);
  const acked = [...history.acked.keys()];
  const most = (count: (deliveries: readonly Delivery[]) => number): number =>
    Math.max(0, ...history.deliveries.map(count));
  return {
    acknowledged: acked.length,
    failed: history.failed.size,
    lost: acked.filter((record) => !kept.has(record) && !history.deleted.has(record)).length,
    duplicates: most(repeated),
    gaps: most((deliveries) => {
      const got = new Set(deliveries.map(({ record }) => record));
      return acked.filter((record) => kept.has(record) && !got.has(record)).length;
    }),
    reordered: most((deliveries) => reordered(history, deliveries)),
  };
}
