/**
 * Consumers see only committed records, and all of them the same. Staleness is no break: everything served is
 * committed, not newest.
 */
import { NONE } from '../../model/index.ts';
import { firstLost, mayBeLost, wasCommitted } from '../lost.ts';
import { at, type Evidence, type Property } from '../property.ts';

/** Shows reads above the high watermark, and zombies that serve what nobody committed. */
export const committedReads: Property = {
  id: 'committed-reads',
  kind: 'guarantee',
  promise: 'A consumer gets a record only after it was committed at that offset.',
  source: 'Kafka documentation, design, replication',
  vacuousWithout: ['commit', 'delivered'],
  onEvents: ['delivered'],
  onChange: [],
  check: ({ events, seen }) => {
    for (const event of events) {
      if (event.type !== 'delivered') continue;
      if (wasCommitted(seen, event.offset, event.record)) continue;
      return {
        says: `consumer ${event.consumer} got record ${event.record} at offset ${event.offset}, which was not committed`,
        offset: event.offset,
        record: event.record,
      };
    }
    return undefined;
  },
};

/** Shows divergence from the client's side, where no server state can be seen. */
export const consistentReads: Property = {
  id: 'consistent-reads',
  kind: 'guarantee',
  promise: 'What is delivered at an offset is the same record for every consumer, for ever.',
  source: 'follows from committed-reads and agreement',
  vacuousWithout: ['delivered', 'leader-change'],
  onEvents: ['delivered'],
  onChange: [],
  check: ({ events, seenBefore, seen }) => {
    for (const event of events) {
      if (event.type !== 'delivered') continue;
      for (let consumer = 0; consumer < seen.deliveries.length; consumer++) {
        const rows = consumer === event.consumer ? seenBefore.deliveries : seen.deliveries;
        const other = at(rows, consumer)[event.offset];
        if (other === undefined || other === NONE || other === event.record) continue;
        return {
          says:
            `consumer ${event.consumer} got record ${event.record} at offset ${event.offset}, ` +
            `where consumer ${consumer} got record ${other}`,
          offset: event.offset,
          record: event.record,
        };
      }
    }
    return undefined;
  },
};

/** Shows what users fear: something was read and is gone. Breaks by design below min.insync.replicas up to 3.6. */
export const visibleStays: Property = {
  id: 'visible-stays',
  kind: 'promise',
  promise: 'A record that some consumer got is never lost.',
  source: 'KAFKA-15583, motivation',
  vacuousWithout: ['delivered', 'leader-change'],
  onEvents: [],
  onChange: ['logs', 'replicas', 'metadata'],
  check: (moment): Evidence | undefined => {
    if (!mayBeLost(moment)) return undefined;
    const { after, seen } = moment;
    const lost = firstLost(after, seen, (commit) => commit.delivered);
    if (lost === undefined) return undefined;
    const { leader, commit } = lost;
    return {
      says: `record ${commit.record} was delivered at offset ${commit.offset}; broker ${leader} leads without it`,
      offset: commit.offset,
      record: commit.record,
    };
  },
};
