import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../../model/testing.ts';
import { watched } from '../testing.ts';

const P = 6;

describe('an acknowledged record is durable', () => {
  it('with acks=all, whoever is killed afterwards', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('handle-produce-response', A, P, 0);
    play.act('kill', A).fence(A).learn(B).learn(C).catchUp(C);
    expect(play.happened('acked')).toHaveLength(1);
    expect(broken()).toEqual([]);
  });

  it('with acks=1 as long as its leader stays', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.produce().act('handle-produce-response', A, P, 0).catchUp(B).catchUp(C);
    expect(broken()).toEqual([]);
  });
});

describe('nothing is proven', () => {
  it('by the loss of a record that was reported as failed', () => {
    const play = new Play({ producers: [{ retries: 0 }] });
    const { broken } = watched(play);
    play.produce().fence(A).everybodyLearns().act('handle-produce-response', A, P, 0).catchUp(A);
    expect(play.happened('failed')).toHaveLength(1);
    expect(play.log(A)).toEqual([]);
    expect(broken()).toEqual([]);
  });

  it('by the loss of a record sent with acks=0: its success says nothing', () => {
    const play = new Play({ producers: [{ acks: 0 }] });
    const { broken } = watched(play);
    play.produce().fence(A).everybodyLearns().catchUp(A);
    expect(play.happened('acked')).toHaveLength(1);
    expect(broken()).toEqual([]);
  });

  it('when the disks of all that had it lost it', () => {
    const play = new Play({ release: '4.0', brokers: 2 });
    const { broken } = watched(play);
    play.produce().catchUp(B).act('handle-produce-response', A, P, 0);
    play.act('power-loss', B, 1).act('power-loss', A, 1).fence(B).fence(A).restart(A);
    expect(play.log(A)).toEqual([]);
    expect(broken()).toEqual([]);
  });
});

describe('an acknowledged record is lost', () => {
  it('with acks=1 when its leader is deposed before anybody has fetched it', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken, says } = watched(play);
    play.produce().act('handle-produce-response', A, P, 0).fence(A).learn(B);
    expect(broken()).toEqual(['acked-durable']);
    expect(says('acked-durable')).toBe(
      'record 0 was acknowledged at offset 0 (acks=1); broker 1 leads without it, although broker 0 had it and lost ' +
        'nothing to a storage fault',
    );
  });

  it('with acks=all and the last replica standing, when that loses its disk', () => {
    const play = new Play({ release: '4.0', brokers: 2 });
    const { broken } = watched(play);
    play.produce().catchUp(B).act('handle-produce-response', A, P, 0);
    play.fence(B).learn(A).act('power-loss', A, 1).fence(A).restart(A);
    expect(broken()).toEqual(expect.arrayContaining(['durability/holder', 'acked-durable']));
  });

  it('or never was committed, when a broker answers too early', () => {
    const play = new Play({ mutant: ['acks=all is answered once the high watermark has passed the record'] });
    const { says } = watched(play);
    play.produce().act('handle-produce-response', A, P, 0);
    expect(says('acked-durable')).toBe(
      'producer 0 was told that record 0 is committed (acks=all), which it is not',
    );
  });
});
