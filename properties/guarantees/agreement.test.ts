import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../../model/testing.ts';
import { watched } from '../testing.ts';

describe('agreement holds', () => {
  it('when the next leader commits the same record at the same offset once more', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).fence(A).everybodyLearns().catchUp(C);
    expect(play.happened('high-watermark-advanced').map(({ broker, entries }) => [broker, entries])).toEqual([
      [A, [0]],
      [B, [0]],
    ]);
    expect(broken()).toEqual([]);
  });

  it('when two records stood at one offset and only one of them was committed', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B);
    play.act('handle-produce-response', A, 6, 0);
    play.act('retry-record', 0).act('handle-produce', 6, B, 0).catchUp(C);
    expect([play.state.logs[A]?.entries, play.state.logs[B]?.entries]).toEqual([[0], [0x4000]]);
    expect(play.highWatermark(B)).toBe(1);
    expect(broken()).toEqual([]);
  });
});

describe('agreement is broken', () => {
  const unclean = {
    release: '4.0',
    brokers: 2,
    unclean: true,
    minInsyncReplicas: 1,
    producers: [{ acks: 1 }, { acks: 1 }],
  } as const;

  it('when an unclean leader commits another record where one was committed', () => {
    const play = new Play(unclean);
    const { broken, says } = watched(play);
    play.fence(B).learn(A).produce(0).act('kill', A).act('session-expires', A).act('heartbeat', B);
    play.act('fence-broker', A).learn(B).act('refresh-producer-metadata', 1, B).produce(1);
    expect(broken()).toContain('agreement');
    expect(says('agreement')).toBe(
      'broker 1 committed record 1 at offset 0 in leader epoch 1, where record 0 was committed in epoch 0',
    );
  });

  it('when a leader cut off from the controller goes on committing alone', () => {
    const play = new Play(unclean);
    const { broken } = watched(play);
    play.fence(B).learn(A).act('cut-both-ways', A, 5).act('session-expires', A).act('heartbeat', B);
    play.act('fence-broker', A).learn(B).act('refresh-producer-metadata', 1, B).produce(1);
    expect(broken()).toEqual([]);
    play.produce(0);
    expect(broken()).toContain('agreement');
  });
});
