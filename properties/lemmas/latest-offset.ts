/** What a leader tells clients of its end. */
import { NO_LEADER, recordOf } from '../../model/index.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

function check({ events, model, before, seen }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'offset-reset' || event.why === 'truncated' || event.why === 'restarted') continue;
    if (at(model.config.consumers, event.consumer).autoOffsetReset !== 'latest') continue;
    const { leader } = at(before.consumers, event.consumer);
    if (leader === NO_LEADER) continue;
    const { leaderEpoch } = at(before.replicas, leader);
    const { entries } = at(before.logs, leader);
    const passed = seen.commits.findLast(({ offset, record, leaderEpoch: epoch }) => {
      const entry = entries[offset];
      return epoch < leaderEpoch && entry !== undefined && recordOf(entry) === record;
    });
    if (passed === undefined || passed.offset < event.to) continue;
    return {
      says: `broker ${leader} calls offset ${event.to} the latest, though offset ${passed.offset} was committed in epoch ${passed.leaderEpoch}`,
      offset: passed.offset,
    };
  }
  return undefined;
}

export const latestCoversCommits: Property = {
  id: 'latest-covers-commits',
  kind: 'lemma',
  promise: 'The latest offset that a leader tells covers what earlier leaders committed and its log holds.',
  source: 'KIP-207, KAFKA-2334',
  vacuousWithout: ['commit', 'leader-change'],
  onEvents: ['offset-reset'],
  onChange: [],
  check,
};
