import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../../model/testing.ts';
import { watched } from '../testing.ts';

const ALL = ['durability/in-sync', 'durability/holder', 'durability/no-storage-fault'] as const;
const durability = (broken: readonly string[]): readonly string[] => ALL.filter((id) => broken.includes(id));

describe('a committed record is kept', () => {
  it('through kills, restarts and leader changes', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('kill', A).fence(A).learn(B).learn(C).catchUp(C);
    play.restart(A).everybodyLearns().catchUp(A).changeIsr(B).act('kill', B).fence(B).learn(A).learn(C);
    expect(play.partition().leader).toBe(A);
    expect(play.log(A)).toEqual([0]);
    expect(broken()).toEqual([]);
  });

  it('by a partition that has no leader: unavailable is not lost', () => {
    const play = new Play({ release: '4.0', brokers: 1, minInsyncReplicas: 1 });
    const { broken } = watched(play);
    play.produce().act('kill', A).fence(A);
    expect(play.partition().leader).toBe(-1);
    expect(broken()).toEqual([]);
  });
});

describe('nothing is proven', () => {
  it('by the loss of a record that was never committed', () => {
    const play = new Play({ producers: [{ acks: 0 }] });
    const { broken } = watched(play);
    play.produce().fence(A).everybodyLearns().catchUp(A);
    expect(play.log(A)).toEqual([]);
    expect(broken()).toEqual([]);
  });

  it('when every replica that had it lost its disk', () => {
    const play = new Play({ release: '4.0', brokers: 2 });
    const { broken } = watched(play);
    play.produce().catchUp(B).act('power-loss', B, 1).act('power-loss', A, 1).fence(B).fence(A).restart(A);
    expect(play.partition().leader).toBe(A);
    expect(play.log(A)).toEqual([]);
    expect(broken()).toEqual([]);
  });

  it('by a broker that was elected and has not taken the role yet', () => {
    // prettier-ignore
    const play = new Play({ release: '4.0', brokers: 2, unclean: true, minInsyncReplicas: 1, producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.fence(B).learn(A).produce().act('kill', A).act('session-expires', A).act('heartbeat', B);
    play.act('fence-broker', A);
    expect(play.partition().leader).toBe(B);
    expect(durability(broken())).toEqual([]);
    play.learn(B);
    expect(durability(broken())).toEqual(['durability/holder']);
  });
});

describe('the three readings of "lives" differ', () => {
  it('last replica standing: the disk of the only ISR member loses what others outside still have', () => {
    const play = new Play({ release: '4.0', brokers: 2 });
    const { broken, says } = watched(play);
    play.produce().catchUp(B).fence(B).learn(A).act('power-loss', A, 1).fence(A).restart(A);
    expect([play.log(A), play.log(B), play.partition().leader]).toEqual([[], [0], A]);
    expect(durability(broken())).toEqual(['durability/holder']);
    expect(says('durability/holder')).toBe(
      'record 0 was committed at offset 0 in leader epoch 0; broker 0 leads in epoch 2 without it, although broker 1 ' +
        'had it and lost nothing to a storage fault',
    );
  });

  it('the same with ELR: B is eligible, so nothing is lost', () => {
    const play = new Play({ release: '4.1', brokers: 2 });
    const { broken } = watched(play);
    play.produce().catchUp(B).fence(B).learn(A).act('power-loss', A, 1).fence(A);
    play.restart(A).act('heartbeat', B).everybodyLearns();
    expect([play.partition().leader, play.log(B)]).toEqual([B, [0]]);
    expect(broken()).toEqual([]);
  });

  it('unclean election with every disk whole: only the holder’s reading is broken', () => {
    // prettier-ignore
    const play = new Play({ release: '4.0', brokers: 2, unclean: true, minInsyncReplicas: 1, producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.fence(B).learn(A).produce().act('kill', A).act('session-expires', A).act('heartbeat', B);
    play.act('fence-broker', A).learn(B);
    expect(durability(broken())).toEqual(['durability/holder']);
  });

  it('a broker that came back empty before it was fenced keeps its ISR place up to 3.9: the documentation’s reading breaks', () => {
    const play = new Play({ release: '3.9', assignment: [B, A, C], producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.produce().catchUp(A).catchUp(C).act('power-loss', B, 1).act('session-expires', B);
    play.act('start-broker', B).act('register-broker', B).learn(B);
    expect([play.partition().leader, play.partition().isr]).toEqual([B, 0b111]);
    expect(durability(broken())).toEqual(['durability/in-sync', 'durability/holder']);
  });

  it('a re-elected leader that trusts stale log ends: all three break, and no disk is to blame', () => {
    const play = new Play({ assignment: [B, A, C], producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play
      .fence(B)
      .everybodyLearns()
      .act('heartbeat', B)
      .everybodyLearns()
      .catchUp(B)
      .changeIsr(A)
      .everybodyLearns();
    play.act('refresh-producer-metadata', 0, A).produce().catchUp(C);
    play.act('elect-preferred-leader').learn(B).learn(C).replicate(C);
    play.act('begin-controlled-shutdown', B).act('heartbeat', B).learn(A, 'as one delta');
    play.act('kill', A).fence(A).learn(C);
    expect(durability(broken())).toEqual(ALL);
  });
});
