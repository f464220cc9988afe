/** What a configuration means whatever is run, and what its owner may not have meant. */
import { effectiveMinIsr, rulesOf, usesZooKeeper, type Settings } from '../../model/index.ts';

export function notesOn(settings: Settings, mentioned: readonly string[]): readonly string[] {
  const { kafka, release } = settings;
  const rules = rulesOf(release, settings.rules);
  if ('error' in rules) throw new RangeError(rules.error);
  const replicas = Number(kafka['default.replication.factor']);
  const least = Number(kafka['min.insync.replicas']);
  const notes: string[] = [];
  if (replicas === 1) {
    notes.push(
      'with default.replication.factor=1 nothing is replicated: while its broker is away nobody writes or reads, and what its disk loses is gone',
    );
  } else if (least > replicas) {
    const capped = effectiveMinIsr({ config: { minInsyncReplicas: least }, rules }, replicas) < least;
    notes.push(
      `min.insync.replicas=${least} is more than there are replicas: ${capped ? `it counts as ${replicas}` : 'with acks=all nothing is ever accepted'}`,
    );
  } else if (least === replicas && kafka.acks === 'all') {
    notes.push(
      `min.insync.replicas=${least} is as many as there are replicas: while one is away nothing is accepted with acks=all`,
    );
  }
  if (mentioned.includes('zookeeper.connect') && !usesZooKeeper({ rules })) {
    notes.push(`zookeeper.connect is set, but release ${release} is looked at with KRaft: see --release`);
  }
  if (mentioned.includes('process.roles') && usesZooKeeper({ rules })) {
    notes.push(`process.roles is set, but release ${release} is looked at with ZooKeeper: see --release`);
  }
  return notes;
}
