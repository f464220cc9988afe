/** Defaults that Kafka has changed: `KAFKA_KEYS` has those of today, here is what releases before that had. */
import type { ReleaseName } from './protocol/rules/releases.ts';
import type { KafkaSettings } from './settings.ts';

interface Earlier {
  /** The first release with today's default, as in 2.5. */
  readonly before: readonly [number, number];
  readonly values: Partial<KafkaSettings>;
}

const EARLIER: readonly Earlier[] = [
  // KIP-679; in 3.0.0 and 3.1.0 idempotence was on in the documentation only (KAFKA-13598).
  { before: [3, 0], values: { acks: '1', 'enable.idempotence': false } },
  // KIP-537
  { before: [2, 5], values: { 'replica.lag.time.max.ms': 10_000, 'zookeeper.session.timeout.ms': 6_000 } },
  // KIP-91
  { before: [2, 1], values: { retries: 0 } },
  // KIP-106
  { before: [0, 11], values: { 'unclean.leader.election.enable': true } },
];

/** What a release had otherwise by default. */
export function earlierDefaults(release: ReleaseName): Partial<KafkaSettings> {
  const [major = 0, minor = 0] = release.split(/[.+-]/).map(Number);
  const older = EARLIER.filter(
    ({ before }) => major < before[0] || (major === before[0] && minor < before[1]),
  );
  return Object.assign({}, ...older.map(({ values }) => values)) as Partial<KafkaSettings>;
}
