import { describe, expect, it } from 'vitest';
import { A, B, C, Play, withLog, withReplica } from '../../model/testing.ts';
import { nothingObserved, type Event, type Observed, type State } from '../../model/index.ts';
import type { Moment } from '../property.ts';
import { watched } from '../testing.ts';
import { ordering } from './ordering.ts';

const play = new Play({});
const { initial, model, config } = play.machine;
const seen = nothingObserved(config);
const moment = (after: State, events: readonly Event[] = [], seenBefore: Observed = seen): Moment => ({
  model,
  before: initial,
  after,
  events,
  seenBefore,
  seen,
});
const got = (offset: number, record: number): Event => ({ type: 'delivered', consumer: 0, offset, record });

describe('order within a partition holds', () => {
  it('while leaders change and followers truncate', () => {
    const run = new Play({ producers: [{ acks: 1, maxInFlight: 2 }] });
    const { broken } = watched(run);
    run.produce().fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B).produce();
    run.replicate(A).replicate(A).catchUp(C);
    expect(run.happened('truncated')).toHaveLength(1);
    expect(broken()).toEqual([]);
  });

  it('for offsets that a consumer gets once more after its position was reset', () => {
    const events: Event[] = [
      { type: 'offset-reset', why: 'out-of-range', consumer: 0, from: 3, to: 0 },
      got(0, 0),
      got(1, 1),
    ];
    expect(ordering.check(moment(initial, events, { ...seen, lastDelivered: [2] }))).toBeUndefined();
  });

  it('with a high watermark at the very end of the log', () => {
    const after = withReplica(withLog(initial, A, 0, 0), A, { highWatermark: 2 });
    expect(ordering.check(moment(after))).toBeUndefined();
  });

  it('for one record at two offsets: that is a duplicate, not a wrong order', () => {
    expect(ordering.check(moment(initial, [got(0, 0), got(1, 0)]))).toBeUndefined();
  });
});

describe('order within a partition is broken', () => {
  it('by a high watermark above the log end', () => {
    const after = withReplica(withLog(initial, C, 0), C, { highWatermark: 2 });
    expect(ordering.check(moment(after))?.says).toBe('broker 2 has high watermark 2 above its log end 1');
  });

  it('by leader epochs that fall in a log', () => {
    expect(ordering.check(moment(withLog(initial, B, 1, 2, 1)))).toMatchObject({ offset: 2 });
  });

  it.each([
    ['the same offset twice', [got(0, 0), got(0, 0)]],
    ['an offset below the one before', [got(4, 4), got(3, 3)]],
  ])('by %s without a reset', (_, events) => {
    expect(ordering.check(moment(initial, events))?.says).toMatch(
      /^consumer 0 got offset \d after offset \d$/,
    );
  });
});
