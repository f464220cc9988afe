/** What lies below a high watermark, on whichever replica. */
import { recordOf } from '../../model/index.ts';
import { wasCommitted } from '../lost.ts';
import { at, type Property } from '../property.ts';

/**
 * The ground on which reading from a follower stands (KIP-392), and on which a new leader serves before it has
 * committed anything. Shows a high watermark that was raised before the log below it was cut to the leader's.
 */
export const highWatermarkCovers: Property = {
  id: 'high-watermark-covers-commits',
  kind: 'lemma',
  promise: 'Every record below a running replica’s high watermark was committed at its offset.',
  source: 'KAFKA-14704, KIP-392',
  vacuousWithout: ['commit', 'truncated'],
  onEvents: [],
  onChange: ['replicas', 'logs'],
  check: ({ before, after, seen }) => {
    if (seen.uncleanElection) return undefined;
    for (let broker = 0; broker < after.replicas.length; broker++) {
      const { highWatermark } = at(after.replicas, broker);
      const log = at(after.logs, broker);
      const raisedFrom = Math.max(at(before.replicas, broker).highWatermark, seen.deletedBelow ?? 0);
      // What is below a high watermark that stays is only ever cut.
      for (let offset = raisedFrom; offset < highWatermark && offset < log.entries.length; offset++) {
        const record = recordOf(at(log.entries, offset));
        if (wasCommitted(seen, offset, record)) continue;
        return {
          says: `broker ${broker} has high watermark ${highWatermark}, though record ${record} at offset ${offset} is not committed`,
          offset,
          record,
        };
      }
    }
    return undefined;
  },
};
