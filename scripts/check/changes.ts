/** Single settings that might repair what is broken. */
import { configOf, RELEASE_NAMES, type KafkaKey, type KafkaValue, type Settings } from '../../model/index.ts';

export interface Change {
  /** As it would be written. */
  readonly says: string;
  readonly settings: Settings;
}

/** Values worth trying, for the better of the guarantees; some cost availability or speed. */
const TRIES: readonly (readonly [KafkaKey, (kafka: Settings['kafka']) => readonly KafkaValue[]])[] = [
  ['acks', () => ['all']],
  ['min.insync.replicas', (kafka) => [Number(kafka['min.insync.replicas']) + 1]],
  ['unclean.leader.election.enable', () => [false]],
  ['default.replication.factor', () => [3]],
  ['max.in.flight.requests.per.connection', () => [1]],
  ['enable.idempotence', () => [true]],
  ['auto.offset.reset', () => ['earliest']],
  ['flush.messages', () => [1]],
];

/** The newest release that is one of Kafka's. */
const NEWEST = RELEASE_NAMES.filter((name) => !name.endsWith('-repaired')).at(-1);

/** Changes of one setting that make a difference and a configuration. Faults stay as they are. */
export function changesOf(settings: Settings): readonly Change[] {
  const { kafka } = settings;
  const changes: Change[] = TRIES.flatMap(([key, tries]) =>
    tries(kafka)
      .filter((value) => value !== kafka[key])
      .map((value) => ({
        says: `${key}=${value}`,
        settings: { ...settings, kafka: { ...kafka, [key]: value } },
      })),
  );
  if (NEWEST !== undefined && RELEASE_NAMES.indexOf(settings.release) < RELEASE_NAMES.indexOf(NEWEST)) {
    changes.push({ says: `release ${NEWEST}`, settings: { ...settings, release: NEWEST } });
  }
  return changes.filter(
    (change) =>
      Number(change.settings.kafka['min.insync.replicas']) <=
        Number(change.settings.kafka['default.replication.factor']) &&
      !('error' in configOf(change.settings)),
  );
}
