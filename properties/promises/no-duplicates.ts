/**
 * What enable.idempotence is for. Expected to break where the application sends again what was reported as failed, and
 * where a producer numbers its batches anew although an earlier one may still be written. Producers without
 * idempotence are promised nothing: the witness written-twice counts theirs.
 */
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, model, seen }: Moment): Evidence | undefined {
  const { producers } = model.config;
  for (const event of events) {
    if (event.type !== 'delivered') continue;
    const producer = event.record % producers.length;
    if (!at(producers, producer).idempotence) continue;
    const first = at(at(seen.firstOffset, event.consumer), event.record);
    if (first === event.offset) continue;
    return {
      says: `consumer ${event.consumer} got record ${event.record} of producer ${producer} at offsets ${first} and ${event.offset}`,
      offset: event.offset,
      record: event.record,
    };
  }
  return undefined;
}

export const noDuplicates: Property = {
  id: 'no-duplicates',
  kind: 'promise',
  promise: 'A record of an idempotent producer is delivered to a consumer at one offset only.',
  source: 'KIP-98; Kafka producer configuration, enable.idempotence',
  vacuousWithout: ['delivered', 'idempotent-retry'],
  onEvents: ['delivered'],
  onChange: [],
  check,
};
