/** What consumers are promised where they read from followers (KIP-392). */
import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { watched } from '../testing.ts';

const P = 6;

/** A leads; the consumer stands beside C. */
const nearC: Wanted = {
  rackAwareSelector: true,
  racks: [0, 1, 2],
  minInsyncReplicas: 1,
  producers: [{ acks: 1 }],
  consumers: [{ rack: 2 }],
};

const produced = (play: Play, leader = A): Play =>
  play.produce().act('handle-produce-response', leader, P, 0);

/** C serves a record that B never had, leaves the ISR as well, and B is elected uncleanly. */
const otherHistory = (play: Play): Play => {
  produced(play.fence(B).learn(A)).catchUp(C).replicate(C).act('poll-leader', 0).act('poll-follower', 0);
  play.fence(C).learn(A).act('kill', A).act('session-expires', A).act('heartbeat', B);
  play.act('fence-broker', A).learn(B).learn(C).act('refresh-producer-metadata', 0, B);
  return produced(produced(play, B), B).catchUp(C).replicate(C);
};

describe('a consumer whose follower has gone over to another history', () => {
  it('is refused by it, asks the new leader, and goes back to where the histories part', () => {
    const play = new Play({ ...nearC, release: '4.0', unclean: true });
    const { broken } = watched(play);
    otherHistory(play).act('poll-follower', 0).act('refresh-consumer-metadata', 0, B);
    play.act('poll-leader', 0).act('poll-leader', 0);
    expect(play.happened('offset-reset')).toMatchObject([{ from: 1, to: 0, why: 'truncated' }]);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1, 2]);
    expect(broken()).not.toContain('position-valid');
    expect(broken()).not.toContain('no-skip');
  });

  it('would read on in it, were it served in another epoch than it knows', () => {
    const mutant = ['a follower serves a consumer only in the leader epoch that it knows'];
    const play = new Play({ ...nearC, release: '4.0', unclean: true, mutant });
    const { says } = watched(play);
    otherHistory(play).act('poll-follower', 0);
    expect(says('position-valid')).toBe(
      'consumer 0 got record 0 at offset 0 and goes on behind it, where broker 2 has record 1',
    );
    expect(says('no-skip')).toBe(
      'consumer 0 got offset 1 without ever getting record 1, committed at offset 0',
    );
  });
});

describe('what a follower serves', () => {
  it('was committed, also what it has heard of a high watermark only later', () => {
    const play = new Play(nearC);
    const { broken } = watched(play);
    produced(play).catchUp(B).catchUp(C).act('poll-leader', 0);
    expect(play.happened('delivered')).toEqual([]);
    play.replicate(C).act('poll-follower', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0]);
    expect(broken()).toEqual([]);
  });

  it('would not all be committed, did it not stop at its own high watermark', () => {
    const play = new Play({ ...nearC, mutant: ['a consumer reads only below the high watermark'] });
    const { says } = watched(play);
    produced(play).catchUp(B).catchUp(C).act('poll-leader', 0);
    produced(play).replicate(C).act('poll-follower', 0);
    expect(play.highWatermark(A)).toBe(1);
    expect(says('committed-reads')).toBe('consumer 0 got record 1 at offset 1, which was not committed');
  });
});

describe('a position that a follower calls out of range', () => {
  const afterPowerLoss = (wanted: Wanted): Play => {
    const play = new Play({ ...nearC, consumers: [{ rack: 2, autoOffsetReset: 'latest' }], ...wanted });
    return play;
  };
  const happen = (play: Play): Play => {
    produced(play).catchUp(B).catchUp(C).replicate(C).act('poll-leader', 0).act('poll-follower', 0);
    play.act('power-loss', C, 1).fence(C).learn(A);
    produced(play).catchUp(B).act('start-broker', C).act('register-broker', C).learn(C);
    play.act('heartbeat', C).act('poll-follower', 0).act('poll-leader', 0);
    produced(play).catchUp(B);
    while (play.refusal('poll-leader', 0) === undefined) play.act('poll-leader', 0);
    return play;
  };

  it('is asked of the leader, which knows it', () => {
    const play = afterPowerLoss({});
    const { broken } = watched(play);
    happen(play);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1, 2]);
    expect(broken()).not.toContain('no-skip');
  });

  it('would be lost to auto.offset.reset=latest, were the follower taken at its word', () => {
    const play = afterPowerLoss({ rules: { 'out-of-range-at-a-follower': 'resets' } });
    const { says } = watched(play);
    happen(play);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 2]);
    expect(says('no-skip')).toBe(
      'consumer 0 got offset 2 without ever getting record 1, committed at offset 1',
    );
  });
});
