/** Lemmas about epochs. They break earlier than the guarantees and give shorter traces. */
import {
  latestEpoch,
  logEnd,
  newestImage,
  newestOffset,
  NO_REPLICA,
  recordsOwnEpoch,
  replicaShape,
} from '../../model/index.ts';
import { at, type Property } from '../property.ts';

/** Shows a controller history that is not linear. */
export const oneLeaderPerEpoch: Property = {
  id: 'one-leader-per-epoch',
  kind: 'lemma',
  promise: 'No two brokers believe that they lead in the same leader epoch.',
  source: 'KIP-631, linear metadata log',
  vacuousWithout: ['leader-change'],
  onEvents: ['became-leader'],
  onChange: [],
  check: ({ after }) => {
    for (let a = 0; a < after.replicas.length; a++) {
      const first = at(after.replicas, a);
      if (first.leading === null) continue;
      for (let b = a + 1; b < after.replicas.length; b++) {
        const second = at(after.replicas, b);
        if (second.leading === null || second.leaderEpoch !== first.leaderEpoch) continue;
        return { says: `brokers ${a} and ${b} both lead in leader epoch ${first.leaderEpoch}` };
      }
    }
    return undefined;
  },
};

/** Shows metadata applied out of order. */
export const epochsOnlyGrow: Property = {
  id: 'epochs-only-grow',
  kind: 'lemma',
  promise: 'Leader epoch and partition epoch of a broker never fall while it runs, nor do the controller’s.',
  source: 'KAFKA-13790',
  vacuousWithout: ['leader-change'],
  onEvents: [],
  onChange: ['replicas', 'metadata'],
  check: ({ before, after }) => {
    for (let broker = 0; broker < after.replicas.length; broker++) {
      const old = at(before.replicas, broker);
      const now = at(after.replicas, broker);
      if (old === now || at(before.processes, broker).incarnation !== at(after.processes, broker).incarnation)
        continue;
      if (at(after.processes, broker).status === 'down' || replicaShape.equal(now, NO_REPLICA)) continue;
      if (now.leaderEpoch < old.leaderEpoch) {
        return { says: `broker ${broker} went from leader epoch ${old.leaderEpoch} to ${now.leaderEpoch}` };
      }
      if (now.partitionEpoch < old.partitionEpoch) {
        return {
          says: `broker ${broker} went from partition epoch ${old.partitionEpoch} to ${now.partitionEpoch}`,
        };
      }
    }
    const old = at(newestImage(before.metadata).partitions, 0);
    const now = at(newestImage(after.metadata).partitions, 0);
    return now.leaderEpoch < old.leaderEpoch || now.partitionEpoch < old.partitionEpoch
      ? { says: `the controller went back from epochs ${old.leaderEpoch}/${old.partitionEpoch}` }
      : undefined;
  },
};

/** Shows an epoch cache that a leader cannot answer from. A power loss may leave it ahead until the next load. */
export const epochCacheInOrder: Property = {
  id: 'epoch-cache-in-order',
  kind: 'lemma',
  promise:
    'Epochs and start offsets of a running broker’s cache rise and end at its log; a leader’s ends with its epoch.',
  source: 'KIP-101, KAFKA-7415, LeaderEpochFileCache',
  vacuousWithout: ['leader-change'],
  onEvents: [],
  onChange: ['logs', 'replicas'],
  check: ({ before, after, model }) => {
    for (let broker = 0; broker < after.logs.length; broker++) {
      const log = at(after.logs, broker);
      const replica = at(after.replicas, broker);
      if (log === before.logs[broker] && replica === before.replicas[broker]) continue;
      if (at(after.processes, broker).status === 'down') continue;
      for (let i = 1; i < log.epochs.length; i++) {
        const previous = at(log.epochs, i - 1);
        const next = at(log.epochs, i);
        if (next.epoch <= previous.epoch || next.start <= previous.start) {
          return { says: `the epoch cache of broker ${broker} does not rise at epoch ${next.epoch}` };
        }
      }
      const last = log.epochs.at(-1);
      if (last !== undefined && last.start > logEnd(log)) {
        return { says: `the epoch cache of broker ${broker} names epoch ${last.epoch} beyond its log end` };
      }
      const records = recordsOwnEpoch(model);
      if (records && replica.leading !== null && latestEpoch(log) !== replica.leaderEpoch) {
        return {
          says: `broker ${broker} leads in epoch ${replica.leaderEpoch}, which its epoch cache does not end with`,
        };
      }
    }
    return undefined;
  },
};

/** Shows a broker that knows what no controller decided. */
export const metadataPrefix: Property = {
  id: 'metadata-prefix',
  kind: 'lemma',
  only: 'kraft',
  promise: 'What a broker has applied of the metadata is a prefix of the controller’s log.',
  source: 'KIP-631',
  vacuousWithout: ['leader-change'],
  onEvents: [],
  onChange: ['processes', 'replicas'],
  check: ({ after }) => {
    const { leaderEpoch, partitionEpoch } = at(newestImage(after.metadata).partitions, 0);
    const newest = newestOffset(after.metadata);
    for (let broker = 0; broker < after.replicas.length; broker++) {
      const replica = at(after.replicas, broker);
      if (at(after.processes, broker).metadataOffset > newest) {
        return { says: `broker ${broker} has applied metadata offset beyond ${newest}` };
      }
      if (replica.leaderEpoch > leaderEpoch || replica.partitionEpoch > partitionEpoch) {
        return {
          says:
            `broker ${broker} knows epochs ${replica.leaderEpoch}/${replica.partitionEpoch}, the controller ` +
            `${leaderEpoch}/${partitionEpoch}`,
        };
      }
    }
    return undefined;
  },
};
