import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { nothingObserved, type Event, type Observed } from '../../model/index.ts';
import type { Moment } from '../property.ts';
import { watched } from '../testing.ts';
import { committedReads, consistentReads } from './committed-reads.ts';

const twoReaders: Wanted = { consumers: [{}, {}] };
const { initial, model, config } = new Play(twoReaders).machine;
const nothing = nothingObserved(config);
// prettier-ignore
const got = (consumer: number, offset: number, record: number): Event => ({ type: 'delivered', consumer, offset, record });
// prettier-ignore
const moment = (event: Event, seen: Observed): Moment => ({ model, before: initial, after: initial, events: [event], seenBefore: seen, seen });
// prettier-ignore
const commit = (record: number, offset: number): Observed['commits'][number] => ({ record, offset, leaderEpoch: 0, holders: 1, inSyncLived: true, delivered: true });

const unclean: Wanted = {
  release: '4.0',
  brokers: 2,
  unclean: true,
  minInsyncReplicas: 1,
  producers: [{ acks: 1 }, { acks: 1 }],
  consumers: [{}, {}],
};

/** A, alone in the ISR, commits and serves record 0; B is elected uncleanly and commits record 1 in its place. */
const overtaken = (play: Play): Play => {
  play
    .fence(B)
    .learn(A)
    .produce(0)
    .act('poll', 0)
    .act('kill', A)
    .act('session-expires', A)
    .act('heartbeat', B);
  return play.act('fence-broker', A).learn(B).act('refresh-producer-metadata', 1, B).produce(1);
};

describe('consumers see only committed records', () => {
  it('however the high watermark moves', () => {
    const play = new Play(twoReaders);
    const { broken } = watched(play);
    play.produce().replicate(B).catchUp(C);
    expect(play.refusal('poll', 0)).toBe('there is something to deliver, or the position is out of range');
    play.catchUp(B).act('poll', 0).act('kill', A).fence(A).learn(B).learn(C).catchUp(C);
    play.act('refresh-consumer-metadata', 1, B).act('poll', 1);
    expect(play.happened('delivered')).toHaveLength(2);
    expect(broken()).toEqual([]);
  });

  it('also where the record was committed at an offset together with another', () => {
    const seen = { ...nothing, commits: [commit(0, 0)], conflicts: [commit(1, 0)] };
    expect(committedReads.check(moment(got(0, 0, 1), seen))).toBeUndefined();
  });

  it('and a leader that serves above its high watermark is found', () => {
    const play = new Play({ mutant: ['a consumer reads only below the high watermark'] });
    const { says } = watched(play);
    play.produce().act('poll', 0);
    expect(says('committed-reads')).toBe('consumer 0 got record 0 at offset 0, which was not committed');
  });

  it.each([
    ['nothing was committed there', []],
    ['another record was committed there', [commit(7, 0)]],
    ['it was committed at another offset', [commit(7, 0), commit(0, 1)]],
  ])('a delivery is found where %s', (_, commits) => {
    expect(committedReads.check(moment(got(0, 0, 0), { ...nothing, commits }))).toBeDefined();
  });
});

describe('what consumers see is consistent', () => {
  it('when one reads earlier and the other later', () => {
    const play = new Play(twoReaders);
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('poll', 0).act('poll', 1);
    expect(broken()).toEqual([]);
  });

  it('when one reads the same record again after its position was reset', () => {
    const seen = { ...nothing, deliveries: [[5, 6], []] };
    expect(consistentReads.check(moment(got(0, 0, 5), seen))).toBeUndefined();
  });

  it('when one has jumped over an offset that the other has read', () => {
    const seen = { ...nothing, deliveries: [[-1, 6], []] };
    expect(consistentReads.check(moment(got(1, 0, 5), seen))).toBeUndefined();
  });

  it('not when two read different records at one offset, as after an unclean election', () => {
    const play = new Play(unclean);
    const { broken, says } = watched(play);
    overtaken(play);
    expect(broken()).not.toContain('consistent-reads');
    play.act('refresh-consumer-metadata', 1, B).act('poll', 1);
    expect(says('consistent-reads')).toBe(
      'consumer 1 got record 1 at offset 0, where consumer 0 got record 0',
    );
  });

  it('not when one gets something else than it got before', () => {
    const seen = { ...nothing, deliveries: [[5], []] };
    expect(consistentReads.check(moment(got(0, 0, 6), seen))?.says).toContain(
      'where consumer 0 got record 5',
    );
  });
});

describe('what was seen stays', () => {
  it('through a leader change', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('poll', 0).act('kill', A).fence(A).learn(B).learn(C);
    expect(broken()).toEqual([]);
  });

  it('and a committed record that nobody has seen is not its matter', () => {
    const play = new Play({ ...unclean, consumers: [] });
    const { broken } = watched(play);
    play.fence(B).learn(A).produce(0).act('kill', A).act('session-expires', A).act('heartbeat', B);
    play.act('fence-broker', A).learn(B);
    expect(broken()).toContain('durability/holder');
    expect(broken()).not.toContain('visible-stays');
  });

  it.each([
    ['3.6', true],
    ['3.7', false],
  ] as const)('below min.insync.replicas and after a power loss, in %s: broken %s', (release, isBroken) => {
    const play = new Play({ release, brokers: 2, producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    play.fence(B).learn(A).produce();
    // From 3.7 on there is nothing to see.
    if (isBroken) play.act('poll', 0);
    else
      expect(play.refusal('poll', 0)).toBe('there is something to deliver, or the position is out of range');
    play.act('power-loss', A, 1).fence(A).restart(A);
    expect(play.partition().leader).toBe(A);
    expect(broken().includes('visible-stays')).toBe(isBroken);
  });

  it('not after an unclean election', () => {
    const play = new Play(unclean);
    const { broken } = watched(play);
    overtaken(play);
    expect(broken()).toContain('visible-stays');
  });
});
