/** Lemmas about ISR, ELR and who may be in them. */
import {
  controllerMinIsr,
  effectiveMinIsr,
  has,
  imageLedBy,
  isActive,
  isOffline,
  keepsDroppedEligible,
  isSubset,
  maximalIsr,
  newestImage,
  setOf,
  size,
} from '../../model/index.ts';
import { electable } from '../electable.ts';
import { at, type Property } from '../property.ts';

/** Shows an election quorum that is not contained in the replication quorum: the heart of KIP-497 and KIP-966. */
export const replicationQuorum: Property = {
  id: 'replication-quorum',
  kind: 'lemma',
  promise: 'Whoever may be elected is among those that the current leader waits for.',
  source: 'KIP-497, KIP-966',
  vacuousWithout: ['isr-shrunk', 'isr-expanded'],
  onEvents: [],
  onChange: ['replicas', 'metadata'],
  check: ({ after, model }) => {
    const partition = at(newestImage(after.metadata).partitions, 0);
    for (let broker = 0; broker < after.replicas.length; broker++) {
      const { leading, leaderEpoch } = at(after.replicas, broker);
      if (leading === null || leaderEpoch !== partition.leaderEpoch) continue;
      // Below min.insync.replicas the high watermark stands still, so nobody needs to be waited for.
      const { metadataOffset } = at(after.processes, broker);
      const { replicas } = at(imageLedBy(after.metadata, metadataOffset).partitions, 0);
      if (model.elr && size(leading.committedIsr) < effectiveMinIsr(model, replicas.length)) continue;
      if (isSubset(electable(partition), maximalIsr(model, leading) | (1 << broker))) continue;
      return {
        says: `broker ${broker} leads in epoch ${leaderEpoch} and does not wait for everybody who may be elected`,
      };
    }
    return undefined;
  },
};

export const leaderInIsr: Property = {
  id: 'leader-in-isr',
  kind: 'lemma',
  promise: 'The controller’s leader is a member of its ISR.',
  source: 'ReplicationControlManager.validateAlterPartitionData, PartitionChangeBuilder',
  vacuousWithout: ['leader-change'],
  onEvents: [],
  onChange: ['metadata'],
  check: ({ after }) => {
    const { leader, isr } = at(newestImage(after.metadata).partitions, 0);
    return leader >= 0 && !has(isr, leader)
      ? { says: `broker ${leader} leads but is not in the ISR` }
      : undefined;
  },
};

export const validIsrAndElr: Property = {
  id: 'valid-isr-and-elr',
  kind: 'lemma',
  promise:
    'ISR and ELR are disjoint parts of the assignment; without ELR the ISR is not empty; a full ISR empties the ELR.',
  source: 'KIP-966, PartitionChangeBuilder',
  vacuousWithout: ['isr-shrunk'],
  onEvents: [],
  onChange: ['metadata'],
  check: ({ after, model }) => {
    const { isr, elr, replicas } = at(newestImage(after.metadata).partitions, 0);
    if ((isr & elr) !== 0) return { says: 'a broker is in ISR and ELR at once' };
    const dropped = model.reassigns && keepsDroppedEligible(model) ? elr : 0;
    if (!isSubset((isr | elr) & ~dropped, setOf(replicas)))
      return { says: 'ISR or ELR names a broker outside the assignment' };
    if (!model.elr && isr === 0) return { says: 'the ISR is empty although there is no ELR' };
    // A change that drops replicas still goes by the number of replicas before it.
    const fullIsr = model.reassigns
      ? model.config.minInsyncReplicas
      : controllerMinIsr(model, replicas.length);
    if (elr !== 0 && size(isr) >= fullIsr) {
      return { says: 'the ELR is not empty although the ISR has min.insync.replicas members' };
    }
    return undefined;
  },
};

/** The last member of the ISR may be fenced: it is retained (not with ELR). */
export const fencedNotInIsr: Property = {
  id: 'fenced-not-in-isr',
  kind: 'lemma',
  only: 'kraft',
  promise: 'A fenced or shutting-down broker is in no ISR, except as its retained last member.',
  source: 'KIP-841',
  vacuousWithout: ['fenced', 'isr-shrunk'],
  onEvents: [],
  onChange: ['metadata'],
  check: ({ after }) => {
    const image = newestImage(after.metadata);
    const { isr } = at(image.partitions, 0);
    if (size(isr) <= 1 && at(image.partitions, 0).leader < 0) return undefined;
    for (let broker = 0; broker < image.registrations.length; broker++) {
      if (has(isr, broker) && !isActive(at(image.registrations, broker))) {
        return { says: `broker ${broker} is fenced or shutting down and yet in the ISR` };
      }
    }
    return undefined;
  },
};

/** Shows an election of somebody who cannot serve. */
export const offlineLeadsNothing: Property = {
  id: 'offline-leads-nothing',
  kind: 'lemma',
  only: 'kraft',
  promise: 'Nobody is elected whose log directory the controller knows to be offline.',
  source: 'KIP-858, ReplicationControlManager.LeaderAcceptor',
  vacuousWithout: ['directory-failed', 'leader-change'],
  onEvents: [],
  onChange: ['metadata'],
  check: ({ model, after }) => {
    const { partitions, registrations } = newestImage(after.metadata);
    const { leader } = at(partitions, 0);
    if (leader < 0) return undefined;
    const { offline } = at(registrations, leader);
    if (!isOffline(model, offline, after.view?.partition ?? 0, leader)) return undefined;
    return { says: `broker ${leader} leads, though its log directory is offline` };
  },
};

/** The retained last member is exempt: it may come back without what its disk lost. */
export const uncleanExcluded: Property = {
  id: 'unclean-excluded',
  kind: 'lemma',
  only: 'kraft',
  promise: 'A broker that came back without committed records is not in ISR or ELR before it has them again.',
  source: 'KIP-966, KAFKA-18106, KIP-903',
  vacuousWithout: ['data-destroyed'],
  onEvents: ['broker-registered', 'partition-changed'],
  onChange: [],
  restsOn: 'incomplete',
  check: ({ after, seen }) => {
    const image = newestImage(after.metadata);
    const { isr, elr } = at(image.partitions, 0);
    if (seen.incomplete === 0 || size(isr) <= 1) return undefined;
    for (let broker = 0; broker < after.processes.length; broker++) {
      if (!has(seen.incomplete, broker) || !has(isr | elr, broker)) continue;
      // Until the new life has registered, the controller cannot know.
      if (at(image.registrations, broker).incarnation !== at(after.processes, broker).incarnation) continue;
      if (at(after.processes, broker).brokerEpoch < 0) continue;
      return { says: `broker ${broker} came back without committed records and is in ISR or ELR` };
    }
    return undefined;
  },
};

/** Shows an ISR expansion that tests against a stale high watermark. */
export const expansionReachesCommits: Property = {
  id: 'expansion-reaches-commits',
  kind: 'lemma',
  promise:
    'A replica proposed for the ISR by the current leader has reached all that earlier epochs committed.',
  source: 'KAFKA-7128',
  vacuousWithout: ['isr-expanded', 'commit'],
  onEvents: ['isr-change-proposed'],
  onChange: [],
  restsOn: 'commit-epochs',
  check: ({ events, after, seen }) => {
    if (seen.uncleanElection) return undefined;
    const current = at(newestImage(after.metadata).partitions, 0).leaderEpoch;
    for (const event of events) {
      if (event.type !== 'isr-change-proposed') continue;
      const { leading, leaderEpoch } = at(after.replicas, event.broker);
      if (leading === null || leaderEpoch !== current) continue;
      for (let broker = 0; broker < after.logs.length; broker++) {
        if (!has(event.isr & ~event.isrBefore, broker)) continue;
        const reached = at(leading.remotes, broker).logEndOffset;
        const missed = seen.commits.find(
          (commit) => commit.leaderEpoch < leaderEpoch && commit.offset >= reached,
        );
        if (missed === undefined) continue;
        return {
          says:
            `leader ${event.broker} proposes broker ${broker} for the ISR at log end ${reached}, though offset ` +
            `${missed.offset} was committed in epoch ${missed.leaderEpoch}`,
          offset: missed.offset,
        };
      }
    }
    return undefined;
  },
};
