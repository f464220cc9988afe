import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';

const reset = (autoOffsetReset: 'earliest' | 'latest' | 'none', more: Wanted = {}): Wanted => ({
  ...more,
  consumers: [{ autoOffsetReset }],
});

/** Committed on A: records 0 to 2. */
const committed = (wanted: Wanted): Play => {
  const play = new Play({ ...wanted, producers: [{ acks: 1 }] });
  for (let i = 0; i < 3; i++) play.produce().act('handle-produce-response', A, 6, 0);
  return play.catchUp(B).catchUp(C);
};

describe('a consumer', () => {
  it('gets what lies below the high watermark of its leader, in order, once', () => {
    const play = committed({}).produce().act('poll', 0);
    // prettier-ignore
    expect(play.happened('delivered').map(({ offset, record }) => [offset, record])).toEqual([[0, 0], [1, 1], [2, 2]]);
    expect(play.refusal('poll', 0)).toBe('there is something to deliver, or the position is out of range');
  });

  it('is not served by a leader in another epoch than it knows', () => {
    const play = committed({}).replicate(B).fence(A).learn(B);
    play.act('refresh-consumer-metadata', 0, B);
    expect(play.refusal('poll', 0)).toBeUndefined();
    expect(play.learn(C).refusal('refresh-consumer-metadata', 0, C)).toBe(
      'the broker knows a newer leader epoch',
    );
    const behind = committed({}).fence(A).everybodyLearns();
    expect(behind.refusal('poll', 0)).toBe('a consumer is served by a leader of the epoch that it knows');
  });

  it('is served by a leader in whatever epoch where it names none, as before 2.3', () => {
    const behind = (validates: 'no' | 'yes'): Play =>
      committed({
        rules: { 'consumer-validates-position': validates, 'isr-shrink-bumps-leader-epoch': 'yes' },
      })
        .fence(B)
        .learn(A);
    expect(behind('yes').refusal('poll', 0)).toBe(
      'a consumer is served by a leader of the epoch that it knows',
    );
    expect(behind('no').act('poll', 0).happened('delivered')).toHaveLength(3);
  });

  it('may be served by a deposed leader that has not heard of it', () => {
    const play = committed({}).fence(A).learn(B).learn(C).act('poll', 0);
    expect(play.happened('delivered')).toHaveLength(3);
  });

  it('is not served by a broker that is paused, cut off or not yet unfenced', () => {
    const serves = 'the broker serves requests and is reached';
    expect(committed({}).act('pause', A).refusal('poll', 0)).toBe(serves);
    expect(committed({}).act('cut-one-way', A, 8).refusal('poll', 0)).toBe(serves);
    expect(committed({}).act('kill', A).act('start-broker', A).refusal('poll', 0)).toBe(serves);
  });
});

describe('a consumer beyond the end of its leader’s log', () => {
  /** It has read three records; B, elected uncleanly, has none of them, and nobody validates a position (before 2.3). */
  const beyond = (wanted: Wanted): Play => {
    const rules = { 'consumer-validates-position': 'no' } as const;
    // prettier-ignore
    const play = new Play({ ...wanted, rules, brokers: 2, release: '4.0', unclean: true, minInsyncReplicas: 1, producers: [{ acks: 1 }] });
    play.fence(B).learn(A);
    for (let i = 0; i < 3; i++) play.produce().act('handle-produce-response', A, 6, 0);
    play
      .act('poll', 0)
      .act('kill', A)
      .act('session-expires', A)
      .act('heartbeat', B)
      .act('fence-broker', A)
      .learn(B);
    return play.act('refresh-consumer-metadata', 0, B).forget();
  };

  it('goes back to the start with earliest', () => {
    const play = beyond(reset('earliest')).act('poll', 0);
    expect(play.happened('offset-reset')).toEqual([
      { type: 'offset-reset', why: 'out-of-range', consumer: 0, from: 3, to: 0 },
    ]);
  });

  it('goes to the high watermark with latest', () => {
    const play = beyond(reset('latest')).act('poll', 0);
    expect(play.happened('offset-reset')).toEqual([
      { type: 'offset-reset', why: 'out-of-range', consumer: 0, from: 3, to: 0 },
    ]);
  });

  it('stops with none', () => {
    const play = beyond(reset('none')).act('poll', 0);
    expect(play.happened('consumer-stopped')).toEqual([
      { type: 'consumer-stopped', consumer: 0, position: 3 },
    ]);
    expect(play.refusal('poll', 0)).toBe('it knows a leader and has not stopped');
  });
});
