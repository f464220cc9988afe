/**
 * A record is committed only once everybody who may be elected cleanly has it. Shows a high watermark that counts too
 * few replicas or trusts stale progress. "Has it" speaks of the log, not of fsync.
 */
import { newestImage, recordOf, type Observed, type State } from '../../model/index.ts';
import { electable } from '../electable.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

/** Whether the broker has the record, or only a storage fault or retention took it: no truncation of the protocol did. */
export function hadRecord(
  state: State,
  seen: Observed,
  broker: number,
  offset: number,
  record: number,
): boolean {
  if (offset < (seen.deletedBelow ?? 0)) return true;
  const { entries } = at(state.logs, broker);
  const damagedFrom = at(seen.damagedFrom, broker);
  // What stands where a storage fault took something was truncated before, and the same fault brought it back.
  if (entries[offset] !== undefined && damagedFrom <= offset) return true;
  const packed = entries[offset] ?? at(seen.lostTails, broker)[offset - damagedFrom];
  return packed !== undefined && recordOf(packed) === record;
}

function check({ events, after, seen }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'high-watermark-advanced') continue;
    const partition = at(newestImage(after.metadata).partitions, 0);
    const candidates = electable(partition);
    for (let i = 0; i < event.entries.length; i++) {
      const offset = event.from + i;
      const record = recordOf(at(event.entries, i));
      for (let broker = 0; broker < after.logs.length; broker++) {
        if ((candidates & (1 << broker)) === 0 || hadRecord(after, seen, broker, offset, record)) continue;
        const where = (partition.isr & (1 << broker)) !== 0 ? 'ISR' : 'ELR';
        return {
          says:
            `broker ${event.broker} committed record ${record} at offset ${offset} in leader epoch ` +
            `${event.leaderEpoch}, but broker ${broker}, in the ${where}, does not have it`,
          offset,
          record,
        };
      }
    }
  }
  return undefined;
}

export const commitOnIsr: Property = {
  id: 'commit-on-isr',
  kind: 'guarantee',
  promise: 'A record is committed only when every member of ISR and ELR has it.',
  source: 'Kafka documentation, design, replication; KIP-966',
  vacuousWithout: ['commit', 'isr-shrunk', 'isr-expanded'],
  onEvents: ['high-watermark-advanced'],
  onChange: [],
  check,
};
