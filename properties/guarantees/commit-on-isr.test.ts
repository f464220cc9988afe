import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { watched } from '../testing.ts';

describe('commits wait for ISR and ELR', () => {
  it('in a run that commits with all, shrinks, commits with fewer and grows again', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).fence(C).everybodyLearns().act('handle-produce-response', A, 6, 0);
    play.produce().catchUp(B);
    play.act('heartbeat', C).everybodyLearns().catchUp(C).changeIsr(A);
    expect(play.happened('high-watermark-advanced').map(({ to }) => to)).toEqual([1, 2]);
    expect(play.partition().isr).toBe(0b111);
    expect(broken()).toEqual([]);
  });

  it('and not for a replica outside both, however far behind', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.fence(C).everybodyLearns().produce().catchUp(B);
    expect([play.highWatermark(A), play.log(C)]).toEqual([1, []]);
    expect(broken()).toEqual([]);
  });

  it('where a member had the record and only its disk lost it: what counts is the log, not fsync', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.produce().replicate(B).replicate(C).catchUp(B).act('power-loss', B, 1).catchUp(C);
    expect([play.highWatermark(A), play.partition().isr, play.log(B)]).toEqual([1, 0b111, []]);
    expect(broken()).not.toContain('commit-on-isr');
  });
});

describe('a commit without a member of the ISR is found', () => {
  it('when a re-elected leader trusts log ends of an epoch that ended', () => {
    const play = new Play({ assignment: [B, A, C], producers: [{ acks: 1 }] });
    const { broken, says } = watched(play);
    // A leads epoch 1 with everybody in the ISR; C has the record and says so, B has it not.
    play
      .fence(B)
      .everybodyLearns()
      .act('heartbeat', B)
      .everybodyLearns()
      .catchUp(B)
      .changeIsr(A)
      .everybodyLearns();
    play.act('refresh-producer-metadata', 0, A).produce().catchUp(C);
    // A misses that B leads epoch 2, in which C truncates the record away, and hears only of its own epoch 3.
    play.act('elect-preferred-leader').learn(B).learn(C).replicate(C);
    play.act('begin-controlled-shutdown', B).act('heartbeat', B);
    expect(broken()).toEqual([]);
    play.learn(A, 'as one delta');

    expect([play.log(A), play.log(C), play.partition().isr]).toEqual([[0], [], 0b101]);
    expect(says('commit-on-isr')).toBe(
      'broker 0 committed record 0 at offset 0 in leader epoch 3, but broker 2, in the ISR, does not have it',
    );
    play.act('kill', A).fence(A).learn(C);
    expect(broken()).toEqual(
      expect.arrayContaining(['durability/in-sync', 'durability/holder', 'durability/no-storage-fault']),
    );
  });

  // prettier-ignore
  it.each<readonly [string, Wanted]>([
    ['the high watermark waits for nobody', { mutant: ['the high watermark waits for every member of the maximal ISR'], rules: { 'high-watermark-waits-for-caught-up': 'no' } }],
  ])('when %s', (_, wanted) => {
    const play = new Play(wanted);
    const { broken } = watched(play);
    play.produce();
    expect(broken()).toContain('commit-on-isr');
  });

  it('when an ELR member is missing from it, as with ELR and no gate on the high watermark', () => {
    const play = new Play({
      brokers: 2,
      rules: { 'high-watermark-needs-min-isr': 'no' },
      producers: [{ acks: 1 }],
    });
    const { says } = watched(play);
    play.fence(B).learn(A).produce();
    expect(says('commit-on-isr')).toMatch(/but broker 1, in the ELR, does not have it$/);
  });
});
