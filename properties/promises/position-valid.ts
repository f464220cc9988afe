/**
 * A consumer goes on only in the history that it has read. Expected to break after an unclean election where consumers do
 * not validate their position (before 2.3): the other history is read from the old position on, and nobody notices.
 */
import { NONE, readsFrom, recordOf } from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, before, seenBefore }: Moment): Evidence | undefined {
  const got = events.find((event) => event.type === 'delivered');
  if (got?.type !== 'delivered') return undefined;
  const { consumer, offset } = got;
  const last = at(seenBefore.lastDelivered, consumer);
  if (last === NONE || last !== offset - 1 || last < (seenBefore.deletedBelow ?? 0)) return undefined;
  const broker = readsFrom(at(before.consumers, consumer));
  const entry = at(before.logs, broker).entries[last];
  const record = at(at(seenBefore.deliveries, consumer), last);
  if (entry !== undefined && recordOf(entry) === record) return undefined;
  return {
    says:
      `consumer ${consumer} got record ${record} at offset ${last} and goes on behind it, where broker ${broker} has ` +
      (entry === undefined ? 'nothing' : `record ${recordOf(entry)}`),
    offset: last,
  };
}

export const positionValid: Property = {
  id: 'position-valid',
  kind: 'promise',
  promise:
    'A consumer reads on only where the log holds at the offset before its position what it got there.',
  source: 'KIP-320, KAFKA-7440 (2.3), SubscriptionState.maybeCompleteValidation',
  vacuousWithout: ['delivered', 'leader-change'],
  onEvents: ['delivered'],
  onChange: [],
  check,
};
