/**
 * No two records are ever committed at one offset. Shows divergence that replication accepted. With unclean election
 * allowed it is expected to break.
 */
import { isDeleted, recordOf } from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, seen }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'high-watermark-advanced') continue;
    for (let i = 0; i < event.entries.length; i++) {
      const offset = event.from + i;
      const record = recordOf(at(event.entries, i));
      const first = at(seen.commits, offset);
      if (first.record === record || isDeleted(at(event.entries, i))) continue;
      return {
        says:
          `broker ${event.broker} committed record ${record} at offset ${offset} in leader epoch ` +
          `${event.leaderEpoch}, where record ${first.record} was committed in epoch ${first.leaderEpoch}`,
        offset,
        record,
      };
    }
  }
  return undefined;
}

export const agreement: Property = {
  id: 'agreement',
  kind: 'guarantee',
  promise: 'At most one record is ever committed at an offset.',
  source: 'KIP-101, KIP-279',
  vacuousWithout: ['commit', 'leader-change'],
  onEvents: ['high-watermark-advanced'],
  onChange: [],
  check,
};
