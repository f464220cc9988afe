/** Errors that a producer without transactions gets: which it sends again after, which end a batch, which end it. */
import { describe, expect, it } from 'vitest';
import { A, Play, type Wanted } from '../../testing.ts';
import type { ProducerConfig } from '../config.ts';
import { errorClassOf, type ErrorClass } from '../rules/produce-errors.ts';
import { ERRORS } from '../state/message.ts';
import { sequenceOf } from '../state/stamp.ts';

const P = 6;
const idempotent = { idempotence: true, maxInFlight: 5 };
const refusing = (producer: Partial<ProducerConfig> = {}, more: Wanted = {}): Play =>
  new Play({
    ...{ brokers: 1, minInsyncReplicas: 1, records: 4, faults: { refused: 9 } },
    ...more,
    producers: [{ ...idempotent, ...producer }],
  });
const answered = (play: Play): Play => play.act('handle-produce-response', A, P, 0);
const producerOf = (play: Play) => play.state.producers[0];
const failures = (play: Play): string[] =>
  play.happened('failed').map(({ record, error }) => `${record} ${error}`);

describe('the class of an error', () => {
  it('is Kafka’s', () => {
    const ofClass = (wanted: ErrorClass) => ERRORS.filter((error) => errorClassOf(error) === wanted);
    expect(ofClass('retriable')).toEqual([
      'NOT_LEADER_OR_FOLLOWER',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'NOT_ENOUGH_REPLICAS',
      'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
      'REQUEST_TIMED_OUT',
      'NETWORK_EXCEPTION',
      'KAFKA_STORAGE_ERROR',
    ]);
    expect(ofClass('fatal')).toEqual(['UNSUPPORTED_VERSION']);
    expect(ofClass('abortable')).toEqual(
      expect.arrayContaining(['TOPIC_AUTHORIZATION_FAILED', 'INVALID_PRODUCER_EPOCH', 'MESSAGE_TOO_LARGE']),
    );
  });
});

describe('a request that is refused for good', () => {
  it('fails its batch alone: an idempotent producer closes the gap with a new epoch', () => {
    const play = refusing().act('send-record', 0).act('send-record', 0);
    answered(play.act('refuse-write', P, A, 0));
    expect(failures(play)).toEqual(['0 TOPIC_AUTHORIZATION_FAILED']);
    expect(play.log(A)).toEqual([]);
    // The second batch is in flight under its old sequence, and has a new one already.
    const { idempotence, inFlight = [] } = producerOf(play) ?? {};
    expect(idempotence).toMatchObject({ producerEpoch: 1, nextSequence: 1 });
    expect(inFlight.map(({ numbered }) => sequenceOf(numbered?.stamp ?? 0))).toEqual([0]);
  });

  it('costs no epoch where the batch had no retries left: nobody knows whether it left a gap', () => {
    const play = refusing({ retries: 0, maxInFlight: 1 }).act('send-record', 0);
    answered(play.act('refuse-write', P, A, 0));
    expect(failures(play)).toEqual(['0 TOPIC_AUTHORIZATION_FAILED']);
    expect(producerOf(play)?.idempotence?.producerEpoch).toBe(0);
  });

  it.each(['refuse-write', 'refuse-version'])('leaves a plain producer as it was (%s)', (kind) => {
    const play = refusing({ idempotence: false }).act('send-record', 0).act(kind, P, A, 0);
    expect(failures(answered(play))).toHaveLength(1);
    answered(play.produce());
    expect(play.log(A)).toEqual([1]);
  });

  it('gets no answer with acks=0', () => {
    const play = refusing({ acks: 0, idempotence: false }).act('send-record', 0).act('refuse-write', P, A, 0);
    expect(play.inFlight('ProduceResponse')).toEqual([]);
  });
});

describe('a fatal error', () => {
  const ended = (producer: Partial<ProducerConfig> = {}): Play => {
    const play = refusing(producer).act('send-record', 0).act('send-record', 0);
    return answered(play.act('refuse-version', P, A, 0));
  };

  it('fails all that the producer holds, and it sends nothing more', () => {
    const play = ended();
    expect(failures(play)).toEqual(['0 UNSUPPORTED_VERSION', '1 UNSUPPORTED_VERSION']);
    expect(producerOf(play)).toMatchObject({ fatal: true, inFlight: [], retries: [] });
    expect(play.refusal('send-record', 0)).toBe('it has records left');
    expect(play.refusal('open-another-producer', 0)).toBeUndefined();
  });

  it('and what was under way may be written all the same: nobody hears of it', () => {
    const play = ended().act('handle-produce', P, A, 0);
    answered(play);
    expect([play.log(A), play.happened('acked')]).toEqual([[1], []]);
  });

  it('ends with another producer, of which no leader knows a batch', () => {
    const play = ended().act('open-another-producer', 0);
    expect(producerOf(play)?.fatal).toBeUndefined();
    expect(producerOf(play)?.idempotence).toMatchObject({ producerId: 2, producerEpoch: 0, nextSequence: 0 });
    // First the broker gets what the former one had sent.
    answered(play.produce().act('handle-produce', P, A, 0));
    expect(play.happened('acked').map(({ record }) => record)).toEqual([2]);
    expect(play.log(A)).toEqual([1, 2]);
  });

  it.each([
    ['drop', [], undefined],
    ['stop', [], 'the application goes on after a failure'],
    ['send-again', [0, 1], undefined],
  ] as const)('then the application may %s', (afterFailure, again, refusal) => {
    const play = ended({ afterFailure });
    expect(producerOf(play)?.retries.map(({ record }) => record)).toEqual(again);
    expect(play.refusal('open-another-producer', 0)).toBe(refusal);
    if (again.length > 0) expect(play.refusal('retry-record', 0)).toBe('the producer got no fatal error');
  });

  it('takes the records in the buffer too, and those of every partition', () => {
    const play = refusing({ bufferRecords: 3 }, { brokers: 2, assignment: [0], otherAssignments: [[1]] }).act(
      'hand-over-record',
      0,
    );
    const { machine } = play;
    const onSecond = (kind: string): void => {
      const code = machine.encode({ kind, producer: 0, partition: 1 });
      if (code === undefined) throw new Error('no such action');
      const step = machine.step(play.state, code);
      play.events.push(...step.events);
      play.state = step.state;
    };
    onSecond('hand-over-record');
    play.act('hand-over-record', 0).act('send-record', 0);
    answered(play.act('refuse-version', P, A, 0));
    expect(play.happened('failed').map(({ record, partition = 0 }) => [record, partition])).toEqual([
      [0, 0],
      [2, 0],
      [1, 1],
    ]);
    expect(play.state.others?.[0]?.producers[0]).toMatchObject({ fatal: true, buffer: [] });
  });
});
