/** What lies below the log start of a replica was committed once. */
import { logStart } from '../../model/index.ts';
import { at, type Property } from '../property.ts';

/** Shows retention that deletes what is not committed yet, and a log that starts over without its high watermark. */
export const logStartBound: Property = {
  id: 'log-start-bound',
  kind: 'lemma',
  promise: 'No running replica’s log starts above its high watermark.',
  source: 'KIP-107, UnifiedLog.maybeIncrementLogStartOffset',
  vacuousWithout: ['records-deleted'],
  onEvents: [],
  onChange: ['logs', 'replicas'],
  check: ({ after }) => {
    for (let broker = 0; broker < after.logs.length; broker++) {
      const start = logStart(at(after.logs, broker));
      const { highWatermark, leaderEpoch } = at(after.replicas, broker);
      if (leaderEpoch < 0 || start <= highWatermark) continue;
      return {
        says: `the log of broker ${broker} starts at ${start}, above its high watermark ${highWatermark}`,
      };
    }
    return undefined;
  },
};
