/**
 * Bugs that releases of Kafka had, and holes that proposals had before they were released: each brought back by the
 * older value of a rule, all else as in the repaired rules of today.
 */
import { settingsOf, type CatalogEntry } from './catalog-entry.ts';

export const KNOWN_BUGS: readonly CatalogEntry[] = [
  {
    name: 'kip-101-data-loss',
    title: 'a follower cuts its log to its own high watermark, and is elected before it has fetched again',
    ref: 'B01',
    source: 'KIP-101, KAFKA-1211',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'follower-truncation': 'high-watermark' },
      consumers: 0,
      records: 1,
      faults: 'kill:2',
    }),
    property: 'acked-durable',
    broken: [
      'durability/in-sync',
      'durability/holder',
      'durability/no-storage-fault',
      'acked-durable',
      'candidates-complete',
      'leader-completeness',
    ],
    actions: 200,
    by: 'walk',
    cure: { 'follower-truncation': 'epoch-end' },
  },
];
