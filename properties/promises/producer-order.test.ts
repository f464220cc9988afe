import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../../model/testing.ts';
import { watched } from '../testing.ts';

const P = 6;
const alone = { brokers: 1, minInsyncReplicas: 1 } as const;

describe('the order of a producer is kept', () => {
  it('with one request in flight, across a retry', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.act('send-record', 0).act('lose-produce', P, A, 0).act('notice-disconnect', 0);
    play.act('retry-record', 0).act('handle-produce', P, A, 0).catchUp(B).catchUp(C);
    play.act('handle-produce-response', A, P, 0).produce().catchUp(B).catchUp(C).act('poll', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1]);
    expect(broken()).toEqual([]);
  });

  it('with several in flight and nothing lost', () => {
    const play = new Play({ ...alone, producers: [{ acks: 1, maxInFlight: 3 }] });
    const { broken } = watched(play);
    play.act('send-record', 0).act('send-record', 0).act('send-record', 0);
    for (let i = 0; i < 3; i++) play.act('handle-produce', P, A, 0);
    play.act('poll', 0);
    expect(broken()).toEqual([]);
  });
});

describe('nothing is proven', () => {
  it('by a record that comes a second time after a later one: the first delivery counts', () => {
    const play = new Play({ ...alone, producers: [{ acks: 1, maxInFlight: 2 }] });
    const { broken } = watched(play);
    play.produce().act('lose-produce-response', A, P, 0).produce().act('notice-disconnect', 0);
    play.act('retry-record', 0).act('handle-produce', P, A, 0).act('poll', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1, 0]);
    expect(broken()).toEqual([]);
  });

  it('by a record that never comes', () => {
    const play = new Play({ ...alone, producers: [{ retries: 0 }] });
    const { broken } = watched(play);
    play
      .act('send-record', 0)
      .act('lose-produce', P, A, 0)
      .act('notice-disconnect', 0)
      .produce()
      .act('poll', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([1]);
    expect(broken()).toEqual([]);
  });

  it('by the records of another producer', () => {
    const play = new Play({ ...alone, producers: [{}, {}] });
    const { broken } = watched(play);
    play.produce(1).produce(0).act('poll', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([1, 0]);
    expect(broken()).toEqual([]);
  });
});

/** The first request meets a deposed leader, the second the new one; then the first is sent again. */
const overtaken = (play: Play): Play =>
  play
    .act('send-record', 0)
    .fence(A)
    .everybodyLearns()
    .act('refresh-producer-metadata', 0, B)
    .act('refresh-consumer-metadata', 0, B)
    .produce()
    .act('handle-produce', P, A, 0)
    .act('handle-produce-response', A, P, 0)
    .act('retry-record', 0)
    .act('handle-produce', P, B, 0);

it('the order of a producer is broken by a retry behind a request that was in flight with it', () => {
  const play = new Play({ producers: [{ acks: 1, maxInFlight: 2 }] });
  const { broken, says } = watched(play);
  overtaken(play).catchUp(C).act('poll', 0);
  expect(broken()).toEqual(['producer-order']);
  expect(says('producer-order')).toBe(
    'producer 0 sent record 0 before record 1; consumer 0 got them at offsets 1 and 0',
  );
});

/** The same, but the second is written first and its answer lost before the first is sent again. */
const firstAnswerLost = (play: Play): Play =>
  play
    .act('send-record', 0)
    .fence(A)
    .everybodyLearns()
    .act('refresh-producer-metadata', 0, B)
    .produce()
    .catchUp(C)
    .act('lose-produce-response', B, P, 0)
    .act('notice-disconnect', 0)
    .act('handle-produce', P, A, 0)
    .act('handle-produce-response', A, P, 0)
    .act('retry-record', 0);

describe('with idempotence and several in flight', () => {
  const idempotent = { acks: -1, maxInFlight: 5, idempotence: true } as const;

  it('a retry behind a request that was in flight with it is kept in order by a leader that knows the producer', () => {
    const play = new Play({ producers: [idempotent] });
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('handle-produce-response', A, P, 0).catchUp(B).catchUp(C);
    overtaken(play);
    expect(play.inFlight('ProduceResponse').map(({ error }) => error)).toContain(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    );
    expect(broken()).toEqual([]);
  });

  it('a leader that knows nothing of the producer takes what comes first, and the order is lost (2.5)', () => {
    const play = new Play({ producers: [idempotent] });
    const { broken } = watched(play);
    firstAnswerLost(play);
    // Nothing was acknowledged, so the first batch seems to have nothing before it: the producer starts over.
    play.act('handle-produce', P, B, 0).act('handle-produce-response', B, P, 0).act('retry-record', 0);
    play.act('handle-produce', P, B, 0).catchUp(C).act('handle-produce-response', B, P, 0);
    play.act('refresh-consumer-metadata', 0, B).act('poll', 0);
    expect(play.log(B)).toEqual([1, 0]);
    expect(broken()).toEqual(['producer-order']);
    // Sent again under its new number, the other one is written a second time.
    play.act('retry-record', 0).act('handle-produce', P, B, 0).catchUp(C).act('poll', 0);
    expect(play.log(B)).toEqual([1, 0, 1]);
    expect(broken()).toEqual(['producer-order', 'no-duplicates']);
  });

  it('neither where such a leader wants the first sequence first', () => {
    const play = new Play({
      producers: [idempotent],
      rules: { 'unknown-producer-with-sequence': 'refused' },
    });
    const { broken } = watched(play);
    play.act('send-record', 0).fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B).produce();
    expect(play.log(B)).toEqual([]);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }]);
    expect(broken()).toEqual([]);
  });
});
