/** What deletes records, and what disks do: traps of configuration, and bugs that releases had. */
import { settingsOf, type CatalogEntry } from './catalog-entry.ts';

const twoBrokers = { 'default.replication.factor': 2, 'min.insync.replicas': 1 } as const;

export const STORAGE_TRAPS: readonly CatalogEntry[] = [
  {
    name: 'slower-than-retention',
    title: 'retention deletes a record before the consumer reads it, and the consumer goes on behind it',
    ref: 'T13',
    source: 'Kafka topic configuration, retention.ms; consumer configuration, auto.offset.reset',
    settings: settingsOf({
      release: '4.1',
      kafka: twoBrokers,
      brokers: 2,
      records: 2,
      faults: 'retention:1',
    }),
    property: 'no-skip',
    broken: ['no-skip'],
    actions: 100,
    by: 'walk',
    safe: [{ kafka: { 'auto.offset.reset': 'none' } }],
  },
  {
    name: 'kafka-5634-retention-beyond-high-watermark',
    title: 'retention deletes what is not committed yet',
    ref: 'S37',
    source: 'KAFKA-5634',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'retention-bounded-by': 'log-end' },
      kafka: twoBrokers,
      brokers: 2,
      consumers: 0,
      records: 1,
      faults: 'retention:1',
    }),
    property: 'log-start-bound',
    broken: ['log-start-bound'],
    actions: 100,
    by: 'walk',
    cure: { 'retention-bounded-by': 'high-watermark' },
  },
  {
    name: 'kafka-9491-high-watermark-below-log-start',
    title:
      'a follower that drops its log goes on at the log start of its leader, below which its high watermark stays',
    ref: 'R31',
    source: 'KAFKA-9491',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'full-truncation-moves': 'log-start' },
      kafka: twoBrokers,
      brokers: 2,
      consumers: 0,
      records: 2,
      faults: 'shrink:2,retention:1',
    }),
    property: 'log-start-bound',
    broken: ['log-start-bound'],
    actions: 200,
    by: 'walk',
    cure: { 'full-truncation-moves': 'log-start-and-high-watermark' },
  },
  {
    name: 'truncated-tail-returns',
    title:
      'power loss brings a truncated record back under the epoch of the one that replaced it, and no fetch tells them apart',
    ref: 'X8',
    source: 'LogSegment.recover, LocalLog.truncateTo',
    settings: settingsOf({
      release: '4.1-repaired',
      rules: { 'recovery-believes': 'epoch-checkpoint' },
      kafka: twoBrokers,
      brokers: 2,
      producers: 2,
      consumers: 0,
      records: 1,
      faults: 'stale-file:1,fence:1,move:1',
    }),
    property: 'durability/in-sync',
    broken: ['durability/in-sync', 'durability/holder', 'unclean-excluded'],
    actions: 200,
    by: 'hand',
    cure: { 'recovery-believes': 'batches' },
    safe: [{ kafka: { 'flush.messages': 1 } }],
  },
];
