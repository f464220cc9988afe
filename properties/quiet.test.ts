/** Behaviour that looks wrong and is documented: every situation here is reached, and no property breaks. */
import { describe, expect, it } from 'vitest';
import { producerParty } from '../model/index.ts';
import { A, B, C, Play, type Wanted } from '../model/testing.ts';
import { watched } from './testing.ts';

const PRODUCER = 6;

/** A run written by hand, looked at by all properties at every step. */
function watchedRun(wanted: Wanted): { readonly play: Play; readonly broken: () => readonly string[] } {
  const play = new Play(wanted);
  return { play, broken: watched(play).broken };
}

const delivered = (play: Play): readonly (readonly number[])[] =>
  play.happened('delivered').map(({ consumer, offset, record }) => [consumer, offset, record]);

/** The record goes to the leader that the producer knows, is replicated everywhere, committed and acknowledged. */
const commit = (play: Play, leader: number, followers: readonly number[], producer = 0): void => {
  play.produce(producer);
  for (const follower of [...followers, ...followers]) play.catchUp(follower);
  play.act('handle-produce-response', leader, producerParty(producer), 0);
};

describe('stale but committed reads', () => {
  it('of a deposed leader that has not heard of it: what it serves is committed, not newest', () => {
    const { play, broken } = watchedRun({ consumers: [{}, {}] });
    commit(play, A, [B, C]);
    play
      .fence(A)
      .learn(B)
      .learn(C)
      .act('refresh-producer-metadata', 0, B)
      .act('refresh-consumer-metadata', 1, B);
    play.catchUp(C);
    commit(play, B, [C]);
    play.forget().act('poll', 0).act('poll', 1);

    expect(play.leading(A).committedIsr, 'A believes that it leads').toBe(0b111);
    // prettier-ignore
    expect(delivered(play)).toEqual([[0, 0, 0], [1, 0, 0], [1, 1, 1]]);
    expect(broken()).toEqual([]);
  });

  it('of a new leader whose high watermark lags behind what was served before', () => {
    const { play, broken } = watchedRun({ consumers: [{}, {}] });
    play.produce().replicate(B).replicate(C).replicate(B).replicate(C).act('poll', 0);
    play.act('handle-produce-response', A, PRODUCER, 0);
    play.act('kill', A).fence(A).learn(B).learn(C).act('refresh-consumer-metadata', 1, B);

    expect(delivered(play)).toEqual([[0, 0, 0]]);
    expect(play.highWatermark(B), 'B does not know that record 0 is committed').toBe(0);
    expect(play.refusal('poll', 1)).toBe('there is something to deliver, or the position is out of range');
    play.catchUp(C).act('poll', 1);
    // prettier-ignore
    expect(delivered(play)).toEqual([[0, 0, 0], [1, 0, 0]]);
    expect(broken()).toEqual([]);
  });
});

describe('a follower’s own high watermark', () => {
  it('goes down with a new leader whose high watermark lags: only the true one never does', () => {
    const { play, broken } = watchedRun({});
    // C hears of the commit and B does not.
    play.produce().catchUp(B).catchUp(C).replicate(C).act('handle-produce-response', A, PRODUCER, 0);
    expect([play.highWatermark(B), play.highWatermark(C)]).toEqual([0, 1]);
    play.act('kill', A).fence(A).learn(B).learn(C).act('refresh-producer-metadata', 0, B).produce();
    play.replicate(C);

    expect([play.highWatermark(B), play.highWatermark(C)]).toEqual([1, 0]);
    expect(broken()).toEqual([]);
  });
});

describe('acknowledged and visible are two things', () => {
  it('a record is read before its producer hears of it, and the producer may never hear', () => {
    const { play, broken } = watchedRun({ producers: [{ retries: 0 }] });
    play.produce().catchUp(B).catchUp(C).act('poll', 0);
    expect(delivered(play)).toEqual([[0, 0, 0]]);
    expect(play.happened('acked')).toEqual([]);
    play.act('lose-produce-response', A, PRODUCER, 0).act('notice-disconnect', 0);

    expect(play.happened('failed')).toMatchObject([{ record: 0, error: 'NETWORK_EXCEPTION' }]);
    expect(broken()).toEqual([]);
  });

  it('a record acknowledged with acks=1 stays invisible while the ISR is below min.insync.replicas, from 3.7 on', () => {
    const { play, broken } = watchedRun({ release: '3.7', brokers: 2, producers: [{ acks: 1 }] });
    play.fence(B).learn(A).produce().act('handle-produce-response', A, PRODUCER, 0);

    expect(play.happened('acked')).toMatchObject([{ record: 0, acks: 1 }]);
    expect(play.leading(A).committedIsr, 'the ISR is A alone').toBe(0b01);
    expect(play.refusal('poll', 0)).toBe('there is something to deliver, or the position is out of range');
    play.act('heartbeat', B).learn(B).learn(A).catchUp(B).changeIsr(A).act('poll', 0);
    expect(delivered(play)).toEqual([[0, 0, 0]]);
    expect(broken()).toEqual([]);
  });

  it('the same record is visible at once up to 3.6', () => {
    const { play, broken } = watchedRun({ release: '3.6', brokers: 2, producers: [{ acks: 1 }] });
    play.fence(B).learn(A).produce().act('poll', 0);
    expect(delivered(play)).toEqual([[0, 0, 0]]);
    expect(broken()).toEqual([]);
  });
});

describe('three producers', () => {
  it('write in turns, each over a connection of its own', () => {
    const { play, broken } = watchedRun({ producers: [{}, {}, {}], consumers: [{}, {}] });
    for (const producer of [2, 0, 1, 2]) commit(play, A, [B, C], producer);
    play.act('poll', 0).act('poll', 1);
    expect(play.log(A)).toEqual([2, 0, 1, 5]);
    expect(delivered(play).filter(([consumer]) => consumer === 1)).toHaveLength(4);

    const third = producerParty(2);
    play.act('cut-one-way', third, A).act('send-record', 2).act('send-record', 1);
    expect(play.refusal('handle-produce', third, A, 0)).toBe('the link is not cut');
    play
      .act('handle-produce', producerParty(1), A, 0)
      .act('heal', A, third)
      .act('handle-produce', third, A, 0);
    expect(play.log(A)).toEqual([2, 0, 1, 5, 4, 8]);
    expect(broken()).toEqual([]);
  });
});

describe('two producers', () => {
  it('write in turns, and every consumer sees the same mixture', () => {
    const { play, broken } = watchedRun({ producers: [{}, {}], consumers: [{}, {}] });
    // Record n of producer p is number 2n + p.
    for (const producer of [0, 1, 1, 0]) commit(play, A, [B, C], producer);
    play.act('poll', 0).act('poll', 1);

    expect(play.log(A)).toEqual([0, 1, 3, 2]);
    // prettier-ignore
    expect(delivered(play)).toEqual([0, 1].flatMap((c) => [[c, 0, 0], [c, 1, 1], [c, 2, 3], [c, 3, 2]]));
    expect(broken()).toEqual([]);
  });

  it('may have one acknowledged and the other refused for neighbouring offsets', () => {
    const { play, broken } = watchedRun({
      producers: [{ acks: 1 }, { acks: -1, retries: 0 }],
      consumers: [{}],
    });
    play.produce(0).produce(1).act('handle-produce-response', A, PRODUCER, 0).replicate(B).replicate(C);
    play
      .fence(A)
      .everybodyLearns()
      .act('handle-produce-response', A, PRODUCER + 1, 0);

    expect(play.happened('acked')).toMatchObject([{ record: 0 }]);
    expect(play.happened('failed')).toMatchObject([{ record: 1, error: 'NOT_LEADER_OR_FOLLOWER' }]);
    expect(play.log(A)).toEqual([0, 1]);
    expect(broken()).toEqual([]);
  });
});
