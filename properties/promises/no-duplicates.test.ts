import { describe, expect, it } from 'vitest';
import { A, Play, type Wanted } from '../../model/testing.ts';
import { watched } from '../testing.ts';

const P = 6;
const alone: Wanted = {
  brokers: 1,
  minInsyncReplicas: 1,
  producers: [{ idempotence: true, maxInFlight: 5 }],
};

/** Written, but the answer is lost: sent again. */
const sentAgain = (play: Play): Play =>
  play
    .produce()
    .act('lose-produce-response', A, P, 0)
    .act('notice-disconnect', 0)
    .act('retry-record', 0)
    .act('handle-produce', P, A, 0);

describe('a record of an idempotent producer is delivered once', () => {
  it('although it was sent twice', () => {
    const play = new Play(alone);
    const { broken } = watched(play);
    sentAgain(play).act('handle-produce-response', A, P, 0).act('poll', 0);
    expect(play.happened('acked')).toMatchObject([{ record: 0, offset: 0 }]);
    expect(play.log(A)).toEqual([0]);
    expect(broken()).toEqual([]);
  });

  it('and if the leader does not know the batch again, twice', () => {
    const play = new Play({
      ...alone,
      mutant: ['a batch that was appended before is answered and not appended again'],
    });
    const { broken, says } = watched(play);
    sentAgain(play).act('handle-produce-response', A, P, 0).act('retry-record', 0);
    play.act('handle-produce', P, A, 0).act('poll', 0);
    expect(broken()).toEqual(['no-duplicates']);
    expect(says('no-duplicates')).toBe('consumer 0 got record 0 of producer 0 at offsets 0 and 1');
  });
});

it('a plain producer is promised nothing', () => {
  const play = new Play({ ...alone, producers: [{}] });
  const { broken } = watched(play);
  sentAgain(play).act('poll', 0);
  expect(play.log(A)).toEqual([0, 0]);
  expect(broken()).toEqual([]);
});

describe('sequences in a log are consecutive', () => {
  it('which breaks where the leader does not compare them', () => {
    const play = new Play({
      ...alone,
      mutant: ['a batch that does not follow the last one of its producer is refused'],
    });
    const { broken, says } = watched(play);
    play.produce().act('send-record', 0).act('lose-produce', P, A, 0).produce();
    expect(broken()).toEqual(['sequences-consecutive']);
    expect(says('sequences-consecutive')).toBe(
      'broker 0 appended sequence 2 in epoch 0 of producer id 1 at offset 1, after sequence 0 in epoch 0 at offset 0',
    );
  });

  it('and where a batch of an earlier epoch is taken', () => {
    const play = new Play({ ...alone, mutant: ['a batch of an earlier producer epoch is refused'] });
    const { broken } = watched(play);
    play.act('send-record', 0).act('abandon-produce', P, A, 0).act('notice-disconnect', 0);
    play.act('expire-batch', 0).act('send-record', 0);
    play.act('handle-produce', P, A, 1).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([1, 0]);
    expect(broken()).toEqual(['sequences-consecutive']);
  });
});
