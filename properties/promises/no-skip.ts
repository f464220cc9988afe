/**
 * A consumer that delivers an offset has delivered every committed record before it, as it now stands. Shows
 * auto.offset.reset=latest after a loss, records that were deleted before they were read, and a history that changed under a consumer. Where it started is where its
 * position began: offset 0.
 */
import { recordOf } from '../../model/index.ts';
import { currentLeader, wasCommitted } from '../lost.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, after, seen }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'delivered') continue;
    const leader = currentLeader(after);
    const { entries } = at(after.logs, leader < 0 ? 0 : leader);
    if (leader < 0) continue;
    const got = at(seen.deliveries, event.consumer);
    const { commits, deletedBelow = 0 } = seen;
    for (let offset = 0; offset < event.offset && offset < entries.length; offset++) {
      const record = offset < deletedBelow ? commits[offset]?.record : recordOf(at(entries, offset));
      if (record === undefined || got[offset] === record || !wasCommitted(seen, offset, record)) continue;
      return {
        says:
          `consumer ${event.consumer} got offset ${event.offset} without ever getting record ${record}, committed ` +
          `at offset ${offset}`,
        offset,
        record,
      };
    }
  }
  return undefined;
}

export const noSkip: Property = {
  id: 'no-skip',
  kind: 'promise',
  promise: 'A consumer that delivers an offset has delivered every committed record before it.',
  source: 'Kafka consumer configuration, auto.offset.reset; KIP-320',
  vacuousWithout: ['delivered'],
  onEvents: ['delivered'],
  onChange: [],
  check,
};
