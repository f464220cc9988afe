/**
 * What a failure means to a producer: nothing is known. The record may be absent, present, or come later; so a failed
 * record that is read is no break (the witness failed-yet-visible counts those). What is promised is that each send
 * ends once. Shows an answer that is taken for another record's.
 */
import { at, type Property } from '../property.ts';

export const errorIsUnknown: Property = {
  id: 'error-is-unknown',
  kind: 'promise',
  promise: 'Each send ends once, in success or failure, and nothing may be concluded from a failure.',
  source: 'Kafka producer, Callback.onCompletion',
  vacuousWithout: ['failed'],
  onEvents: ['acked', 'failed'],
  onChange: [],
  check: ({ events, model, seenBefore }) => {
    for (const event of events) {
      if (event.type !== 'acked' && event.type !== 'failed') continue;
      const acked = seenBefore.acks.some(({ record }) => record === event.record);
      // What an application sends again after a failure is another send.
      const mayEndAgain = at(model.config.producers, event.producer).afterFailure === 'send-again';
      if (!acked && (mayEndAgain || !seenBefore.failed.includes(event.record))) continue;
      return {
        says: `producer ${event.producer} was told twice how sending record ${event.record} ended`,
        record: event.record,
      };
    }
    return undefined;
  },
};
