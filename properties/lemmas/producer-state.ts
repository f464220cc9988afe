/** Lemmas about what a leader knows of idempotent producers. */
import {
  nextSequence,
  producerEpochOf,
  producerIdOf,
  sequenceOf,
  stampOf,
  NO_STAMP,
} from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, after }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'appended') continue;
    const stamped = stampOf(event.entry);
    if (stamped === NO_STAMP) continue;
    const id = producerIdOf(stamped);
    const epoch = producerEpochOf(stamped);
    const sequence = sequenceOf(stamped);
    const { entries } = at(after.logs, event.broker);
    for (let offset = event.offset - 1; offset >= 0; offset--) {
      const earlier = stampOf(at(entries, offset));
      if (producerIdOf(earlier) !== id) continue;
      const follows =
        producerEpochOf(earlier) === epoch
          ? sequence === nextSequence(sequenceOf(earlier))
          : producerEpochOf(earlier) < epoch && sequence === 0;
      if (follows) break;
      return {
        says:
          `broker ${event.broker} appended sequence ${sequence} in epoch ${epoch} of producer id ${id} at offset ` +
          `${event.offset}, after sequence ${sequenceOf(earlier)} in epoch ${producerEpochOf(earlier)} at offset ${offset}`,
        offset: event.offset,
      };
    }
  }
  return undefined;
}

export const sequencesConsecutive: Property = {
  id: 'sequences-consecutive',
  kind: 'lemma',
  promise:
    'In a log the batches of a producer id have rising epochs, and consecutive sequences in each; a new epoch begins with 0.',
  source: 'KIP-98, ProducerAppendInfo.checkSequence',
  vacuousWithout: ['idempotent-retry'],
  onEvents: ['appended'],
  onChange: [],
  check,
};
