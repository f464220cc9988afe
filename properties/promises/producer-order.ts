/**
 * Order across retries. A promise of the producer, not of the broker: it needs one request in flight or idempotence.
 * Expected to break with several in flight and retries. A record reported as failed is exempt: nothing is known of it,
 * and its last request may still arrive after everything that was sent later.
 */
import { NONE } from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, model, seenBefore, seen, seenOfAll }: Moment): Evidence | undefined {
  // What failed in another partition may have been sent to this one instead.
  const hasFailed = (record: number): boolean =>
    seen.failed.includes(record) || seenOfAll?.some(({ failed }) => failed.includes(record)) === true;
  const producers = model.config.producers.length;
  for (const event of events) {
    if (event.type !== 'delivered') continue;
    if (at(at(seenBefore.firstOffset, event.consumer), event.record) !== NONE) continue;
    const first = at(seen.firstOffset, event.consumer);
    if (at(first, event.record) !== event.offset) continue;
    for (let other = event.record % producers; other < first.length; other += producers) {
      const offset = at(first, other);
      if (offset === NONE || other === event.record) continue;
      if (hasFailed(other) || hasFailed(event.record)) continue;
      if (other > event.record === offset > event.offset) continue;
      const [early, late] = other < event.record ? [other, event.record] : [event.record, other];
      return {
        says:
          `producer ${event.record % producers} sent record ${early} before record ${late}; consumer ` +
          `${event.consumer} got them at offsets ${at(first, early)} and ${at(first, late)}`,
        offset: event.offset,
        record: event.record,
      };
    }
  }
  return undefined;
}

export const producerOrder: Property = {
  id: 'producer-order',
  kind: 'promise',
  promise: 'Records of one producer are first delivered in the order in which they were sent.',
  source: 'Kafka producer configuration, max.in.flight.requests.per.connection',
  vacuousWithout: ['delivered', 'retried'],
  onEvents: ['delivered'],
  onChange: [],
  check,
};
