import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';
import type { AfterFailure, ProducerConfig } from '../config.ts';

const acks = (value: 0 | 1 | -1, more: Wanted = {}): Wanted => ({ ...more, producers: [{ acks: value }] });
const P = 6;

describe('a record sent with acks=0', () => {
  it('counts as sent at once, and gets no answer', () => {
    const play = new Play(acks(0)).act('send-record', 0);
    expect(play.happened('acked')).toMatchObject([{ record: 0, acks: 0, offset: -1 }]);
    play.act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0]);
    expect(play.inFlight('ProduceResponse')).toEqual([]);
  });

  it('is gone without a word where its broker does not lead', () => {
    const play = new Play(acks(0))
      .act('send-record', 0)
      .fence(A)
      .everybodyLearns()
      .act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([]);
    expect(play.inFlight('ProduceResponse')).toEqual([]);
    expect(play.happened('failed')).toEqual([]);
  });
});

describe('a record sent with acks=1', () => {
  it('is answered when the leader has it, committed or not', () => {
    const play = new Play(acks(1)).produce().act('handle-produce-response', A, P, 0);
    expect(play.happened('acked')).toMatchObject([{ record: 0, acks: 1, offset: 0 }]);
    expect(play.highWatermark(A)).toBe(0);
  });

  it('is taken by a leader with too small an ISR', () => {
    const play = new Play(acks(1, { brokers: 2 })).fence(B).learn(A).produce();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NONE' }]);
  });

  it('is taken by a deposed leader that has not heard of it, and lost', () => {
    const play = new Play(acks(1)).fence(A).learn(B).learn(C).produce();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NONE' }]);
    play.learn(A).act('send-fetch', A).act('handle-fetch', A, B, 0).act('handle-fetch-response', B, A, 0);
    expect(play.log(A)).toEqual([]);
  });
});

describe('a record sent with acks=all', () => {
  it('is answered once the high watermark has passed it', () => {
    const play = new Play({}).produce().replicate(B).replicate(B);
    expect(play.inFlight('ProduceResponse')).toEqual([]);
    play.replicate(C).replicate(C);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NONE', record: 0, offset: 0 }]);
  });

  it('is committed and answered in the step that appends it where the ISR is the leader', () => {
    const play = new Play({ brokers: 1, minInsyncReplicas: 1 }).produce();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NONE' }]);
  });

  it('is refused with NOT_ENOUGH_REPLICAS, and not appended, while the ISR is too small', () => {
    const play = new Play({ brokers: 2 }).fence(B).learn(A).produce();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_ENOUGH_REPLICAS' }]);
    expect(play.log(A)).toEqual([]);
  });

  it('up to 3.6 is appended, committed and refused with NOT_ENOUGH_REPLICAS_AFTER_APPEND when the ISR shrinks', () => {
    const play = new Play({ release: '3.6', brokers: 2 }).produce().fence(B).learn(A);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' }]);
    expect(play.log(A)).toEqual([0]);
    expect(play.act('poll', 0).happened('delivered')).toMatchObject([{ record: 0 }]);
  });

  it('from 3.7 waits instead: nothing is committed below min.insync.replicas', () => {
    const play = new Play({ release: '3.7', brokers: 2 }).produce().fence(B).learn(A);
    expect(play.inFlight('ProduceResponse')).toEqual([]);
    play.act('expire-produce', A);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'REQUEST_TIMED_OUT' }]);
    expect(play.log(A)).toEqual([0]);
  });

  it('fails with NOT_LEADER_OR_FOLLOWER when its leader is deposed, and may be committed later all the same', () => {
    const play = new Play({}).produce().replicate(B).fence(A).everybodyLearns();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_LEADER_OR_FOLLOWER' }]);
    play.replicate(C).replicate(C);
    expect(play.highWatermark(B)).toBe(1);
  });

  it('is refused by a broker that does not lead, before anything else', () => {
    const play = new Play({ brokers: 2, release: '4.0' }).act('send-record', 0).fence(A).learn(A);
    play.act('handle-produce', P, A, 0);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_LEADER_OR_FOLLOWER' }]);
  });
});

describe('a producer', () => {
  it('sends again, to the leader known by then, what failed retriably', () => {
    const play = new Play({}).act('send-record', 0).fence(A).everybodyLearns().act('handle-produce', P, A, 0);
    play
      .act('handle-produce-response', A, P, 0)
      .act('refresh-producer-metadata', 0, B)
      .act('retry-record', 0);
    play.act('handle-produce', P, B, 0);
    expect(play.log(B)).toEqual([0]);
  });

  it('writes twice what was written and whose answer was lost: that is not idempotent', () => {
    const play = new Play(acks(1))
      .produce()
      .act('lose-produce-response', A, P, 0)
      .act('notice-disconnect', 0);
    play.act('retry-record', 0).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0, 0]);
  });

  it('gives up after so many retries', () => {
    const play = new Play({ producers: [{ retries: 1 }], faults: {} });
    for (let i = 0; i < 2; i++) {
      play
        .act(i === 0 ? 'send-record' : 'retry-record', 0)
        .act('lose-produce', P, A, 0)
        .act('notice-disconnect', 0);
    }
    expect(play.happened('failed')).toMatchObject([{ record: 0, error: 'NETWORK_EXCEPTION' }]);
    expect(play.refusal('retry-record', 0)).toBe('a batch waits to be sent again');
  });

  it('keeps order with one request in flight, and may lose it with two', () => {
    const one = new Play({}).act('send-record', 0);
    expect(one.refusal('send-record', 0)).toBe(
      'fewer than max.in.flight.requests.per.connection are in flight',
    );
    const moved = (play: Play): Play =>
      play.act('send-record', 0).fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B);
    // Also where the first went to another broker (KAFKA-3197).
    expect(moved(new Play({})).refusal('send-record', 0)).toBe(
      'a producer with one request in flight has no other batch under way',
    );
    const two = moved(new Play({ producers: [{ acks: 1, maxInFlight: 2 }] })).produce();
    two.act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0).act('retry-record', 0);
    two.act('handle-produce', P, B, 0);
    expect(two.log(B)).toEqual([1, 0]);
  });

  it('loses all that came after a lost request on its connection, and its answers', () => {
    const play = new Play({ brokers: 1, minInsyncReplicas: 1, producers: [{ maxInFlight: 3 }] });
    play.act('send-record', 0).act('send-record', 0).act('send-record', 0);
    const lost = play.act('lose-produce', P, A, 1);
    expect(lost.inFlight('Produce')).toMatchObject([{ record: 0, incarnation: -1 }]);
    lost.act('handle-produce', P, A, 0);
    expect(lost.log(A)).toEqual([0]);
    expect(lost.inFlight('ProduceResponse')).toEqual([]);
  });

  it('cannot have the second of two requests handled while the first waits for the ISR', () => {
    const play = new Play({ producers: [{ maxInFlight: 2 }] }).act('send-record', 0).act('send-record', 0);
    expect(play.refusal('handle-produce', P, A, 1)).toBe('no earlier request of its connection waits');
    play.act('handle-produce', P, A, 0);
    expect(play.refusal('handle-produce', P, A, 0)).toBe('no request of its connection is in the purgatory');
  });

  it('ignores metadata with an older leader epoch', () => {
    const play = new Play({}).fence(A).learn(B);
    expect(play.refusal('refresh-producer-metadata', 0, A)).toBe('the broker knows a newer leader epoch');
    play.act('refresh-producer-metadata', 0, B);
    expect(play.state.producers[0]).toMatchObject({ leader: B, leaderEpoch: 1 });
  });

  it('reports a batch as failed after delivery.timeout.ms, though it is in the log', () => {
    const play = new Play({}).produce().act('expire-batch', 0);
    expect(play.happened('failed')).toMatchObject([{ record: 0, error: 'REQUEST_TIMED_OUT' }]);
    play.replicate(B).replicate(C).replicate(B).replicate(C).act('handle-produce-response', A, P, 0);
    expect(play.happened('acked')).toEqual([]);
    expect(play.highWatermark(A)).toBe(1);
  });
});

describe('an application that hears that a record failed', () => {
  const failing = (afterFailure: AfterFailure, more: Partial<ProducerConfig> = {}): Play =>
    new Play({ brokers: 1, minInsyncReplicas: 1, producers: [{ afterFailure, ...more }] })
      .produce()
      .act('expire-batch', 0);

  it('drops it, and hands over the next', () => {
    const play = failing('drop');
    expect(play.happened('failed')).toMatchObject([{ record: 0 }]);
    play.produce();
    expect(play.log(A)).toEqual([0, 1]);
  });

  it('or stops', () => {
    expect(failing('stop').refusal('send-record', 0)).toBe('it has records left');
  });

  it('or sends it again before anything new: it may be there twice then', () => {
    const play = failing('send-again');
    expect(play.refusal('send-record', 0)).toBe('nothing waits to be sent again');
    play.act('retry-record', 0).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0, 0]);
  });

  it('which idempotence does not help against, for the record gets another sequence', () => {
    const play = failing('send-again', { idempotence: true, maxInFlight: 5 });
    play.act('retry-record', 0).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0, 0]);
  });

  it('sends it with a sequence of the next epoch where it is unknown whether others before were written', () => {
    const play = new Play({
      brokers: 1,
      minInsyncReplicas: 1,
      producers: [{ afterFailure: 'send-again', idempotence: true, maxInFlight: 5 }],
    });
    play
      .act('send-record', 0)
      .act('lose-produce', P, A, 0)
      .act('notice-disconnect', 0)
      .act('retry-record', 0);
    play.act('lose-produce', P, A, 0).act('expire-batch', 0).act('retry-record', 0);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ producerEpoch: 1, nextSequence: 1 });
  });
});

describe('a producer whose buffer.memory may run out', () => {
  const holding = (bufferRecords: number, more: Partial<ProducerConfig> = {}): Play =>
    new Play({ brokers: 1, minInsyncReplicas: 1, producers: [{ bufferRecords, ...more }] });
  const held = (play: Play) => {
    const { buffer = [], inFlight, retries } = play.state.producers[0] ?? { inFlight: [], retries: [] };
    return [buffer, inFlight.map(({ record }) => record), retries.map(({ record }) => record)];
  };

  it('takes records as long as there is room, and sends them in their order', () => {
    const play = holding(2).act('hand-over-record', 0).act('hand-over-record', 0);
    expect(held(play)).toEqual([[0, 1], [], []]);
    expect(play.refusal('hand-over-record', 0)).toBe(
      'a producer takes no more records than its buffer holds',
    );
    play.produce();
    expect(held(play)).toEqual([[1], [0], []]);
    expect(play.refusal('hand-over-record', 0)).toBe(
      'a producer takes no more records than its buffer holds',
    );
    play.act('handle-produce-response', A, P, 0).act('hand-over-record', 0);
    expect(held(play)).toEqual([[1, 2], [], []]);
  });

  it('sends nothing that it was not given', () => {
    expect(holding(2).refusal('send-record', 0)).toBe('it has records left');
  });

  it('has no room for the next record for max.block.ms: that fails, and was never sent', () => {
    const play = holding(1);
    expect(play.refusal('refuse-record', 0)).toBe('its buffer is full');
    play.act('hand-over-record', 0).act('refuse-record', 0);
    expect(play.happened('failed')).toMatchObject([{ record: 1 }]);
    play.produce().act('handle-produce-response', A, P, 0).act('hand-over-record', 0).produce();
    expect(play.log(A)).toEqual([0, 2]);
  });

  it.each([
    ['drop', [2]],
    ['stop', []],
    ['send-again', [1]],
  ] as const)('then the application may %s', (afterFailure, next) => {
    const play = holding(1, { afterFailure }).act('hand-over-record', 0).act('refuse-record', 0);
    play.produce().act('handle-produce-response', A, P, 0);
    if (play.refusal('hand-over-record', 0) === undefined) play.act('hand-over-record', 0);
    expect(held(play)).toEqual([next, [], []]);
  });

  it('gives up what it never sent, in doubt to nobody', () => {
    const play = holding(2, { idempotence: true }).act('hand-over-record', 0).act('hand-over-record', 0);
    play.act('expire-batch', 0);
    expect(play.happened('failed')).toMatchObject([{ record: 0 }]);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ nextSequence: 0, unresolved: -1 });
    play.produce();
    expect(play.log(A)).toEqual([1]);
  });

  it('is another one after a restart, and gets from its application what it held', () => {
    const play = holding(3).act('hand-over-record', 0).act('hand-over-record', 0).act('send-record', 0);
    play.act('restart-producer', 0);
    expect(held(play)).toEqual([[1], [], [0]]);
  });
});

describe('a record that fails before it is sent', () => {
  const failing = (producer: Partial<ProducerConfig> = {}, records = 3): Play =>
    new Play({
      brokers: 1,
      minInsyncReplicas: 1,
      records,
      producers: [{ idempotence: true, maxInFlight: 5, ...producer }],
      faults: { 'bad-record': 1 },
    });

  it('is in no log, takes no number and is promised nothing: the next one follows the one before', () => {
    const play = failing().produce().act('handle-produce-response', A, P, 0).act('fail-to-send', 0);
    expect(play.happened('failed')).toMatchObject([{ record: 1, error: 'MESSAGE_TOO_LARGE' }]);
    expect(play.happened('sent')).toMatchObject([{ record: 0 }]);
    play.produce().act('handle-produce-response', A, P, 0).act('poll', 0);
    expect(play.log(A)).toEqual([0, 2]);
    expect(play.happened('acked').map(({ record }) => record)).toEqual([0, 2]);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ lastAcked: 1, unresolved: -1 });
  });

  it.each([
    ['drop', undefined],
    ['stop', 'it has records left'],
    ['send-again', 'it has records left'],
  ] as const)(
    'then the application may %s; one that sends it again as it is gets no further',
    (choice, refusal) => {
      const play = failing({ afterFailure: choice }).act('fail-to-send', 0);
      expect(play.refusal('send-record', 0)).toBe(refusal);
    },
  );

  it('needs the fault, and a record', () => {
    expect(new Play({}).refusal('fail-to-send', 0)).toBe('the configuration knows such an action');
    expect(failing({}, 0).refusal('fail-to-send', 0)).toBe('the application has records left');
  });
});
