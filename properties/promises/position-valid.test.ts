import { describe, expect, it } from 'vitest';
import { A, B, Play } from '../../model/testing.ts';
import type { Rules } from '../../model/index.ts';
import { watched } from '../testing.ts';

const P = 6;

/** A consumer has read a record that only A had; B is elected uncleanly and writes two others. */
const otherHistory = (rules: Partial<Rules>): Play => {
  const play = new Play({
    release: '4.0',
    rules,
    brokers: 2,
    unclean: true,
    minInsyncReplicas: 1,
    producers: [{ acks: 1 }],
  });
  return play;
};
const happen = (play: Play): Play => {
  play.fence(B).learn(A).produce().act('handle-produce-response', A, P, 0).act('poll', 0);
  play.act('kill', A).act('session-expires', A).act('heartbeat', B).act('fence-broker', A).learn(B);
  play.act('refresh-producer-metadata', 0, B).act('refresh-consumer-metadata', 0, B);
  for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', B, P, 0);
  return play.act('poll', 0);
};

describe('a consumer goes on only in the history that it has read', () => {
  it('because it asks where the epoch of its last record ends (2.3)', () => {
    const play = otherHistory({});
    const { broken } = watched(play);
    happen(play).act('poll', 0);
    expect(play.happened('offset-reset')).toMatchObject([{ from: 1, to: 0, why: 'truncated' }]);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1, 2]);
    expect(broken()).not.toContain('position-valid');
  });

  it('or notices nothing, before 2.3', () => {
    const play = otherHistory({ 'consumer-validates-position': 'no' });
    const { says } = watched(play);
    happen(play);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 2]);
    expect(says('position-valid')).toBe(
      'consumer 0 got record 0 at offset 0 and goes on behind it, where broker 1 has record 1',
    );
  });
});

describe('the latest offset that a leader tells', () => {
  /** B leads and has not heard that A committed a record, which it has. */
  const newLeader = (rules: Partial<Rules>): Play => {
    const play = new Play({ rules, consumers: [{ autoOffsetReset: 'latest' }] });
    return play;
  };
  const elect = (play: Play): Play => {
    play.produce().replicate(1).replicate(1).catchUp(2).act('restart-consumer', 0);
    play.fence(A).learn(B).act('refresh-consumer-metadata', 0, B);
    return play;
  };

  it('is kept back until its high watermark reaches the start of its epoch (2.2)', () => {
    const play = newLeader({});
    const { broken } = watched(play);
    elect(play);
    expect(play.highWatermark(B)).toBe(0);
    expect(play.refusal('poll', 0)).toBe('there is something to deliver, or the position is out of range');
    play.learn(2).catchUp(2).act('poll', 0);
    expect(play.happened('offset-reset')).toMatchObject([
      { why: 'restarted' },
      { to: 1, why: 'no-position' },
    ]);
    expect(broken()).toEqual([]);
  });

  it('falls behind what was committed, before 2.2', () => {
    const play = newLeader({ 'latest-offset-waits-for-epoch-start': 'no' });
    const { broken, says } = watched(play);
    elect(play).act('poll', 0);
    expect(broken()).toEqual(['latest-covers-commits']);
    expect(says('latest-covers-commits')).toBe(
      'broker 1 calls offset 0 the latest, though offset 0 was committed in epoch 0',
    );
  });
});

describe('a client that is killed', () => {
  it('sends again what it was not told about, with another producer id', () => {
    const play = new Play({
      brokers: 1,
      minInsyncReplicas: 1,
      producers: [{ idempotence: true, maxInFlight: 5 }],
    });
    const { broken } = watched(play);
    play.produce().act('restart-producer', 0).act('retry-record', 0).act('handle-produce', P, A, 0);
    play.act('handle-produce-response', A, P, 0).act('poll', 0);
    expect(play.log(A)).toEqual([0, 0]);
    expect(broken()).toEqual(['no-duplicates']);
  });
});
