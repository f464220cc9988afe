/**
 * Order within a partition. Shows truncation that leaves a high watermark behind, broken epochs, deliveries out of
 * order. Order across retries is the producer's matter (producer-order).
 */
import { epochOf, logEnd } from '../../model/index.ts';
import { NONE } from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check(moment: Moment): Evidence | undefined {
  return logsInOrder(moment) ?? deliveriesInOrder(moment);
}

function logsInOrder({ after, before }: Moment): Evidence | undefined {
  for (let broker = 0; broker < after.logs.length; broker++) {
    const log = at(after.logs, broker);
    const old = at(before.logs, broker);
    const replica = at(after.replicas, broker);
    if (log === old && replica === at(before.replicas, broker)) continue;
    const { highWatermark } = replica;
    if (highWatermark > logEnd(log)) {
      return {
        says: `broker ${broker} has high watermark ${highWatermark} above its log end ${logEnd(log)}`,
      };
    }
    // Only what was appended in this step can be out of order.
    for (let offset = Math.max(logEnd(old), 1); log !== old && offset < log.entries.length; offset++) {
      if (epochOf(at(log.entries, offset)) < epochOf(at(log.entries, offset - 1))) {
        return { says: `leader epochs fall in the log of broker ${broker} at offset ${offset}`, offset };
      }
    }
  }
  return undefined;
}

/** Between two resets a consumer's offsets strictly increase. */
function deliveriesInOrder({ events, seenBefore }: Moment): Evidence | undefined {
  const last = seenBefore.lastDelivered.slice();
  for (const event of events) {
    if (event.type === 'offset-reset') last[event.consumer] = NONE;
    if (event.type !== 'delivered') continue;
    const previous = at(last, event.consumer);
    if (event.offset <= previous) {
      return {
        says: `consumer ${event.consumer} got offset ${event.offset} after offset ${previous}`,
        offset: event.offset,
        record: event.record,
      };
    }
    last[event.consumer] = event.offset;
  }
  return undefined;
}

export const ordering: Property = {
  id: 'ordering',
  kind: 'guarantee',
  promise: 'Offsets and leader epochs only rise in a log and in what a consumer gets between two resets.',
  source: 'Kafka documentation, design, message delivery semantics',
  vacuousWithout: ['commit', 'delivered'],
  onEvents: ['delivered'],
  onChange: ['logs', 'replicas'],
  check,
};
