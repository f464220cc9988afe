import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';
import { at } from '../draft.ts';
import { producerEpochOf, producerIdOf, sequenceOf } from '../state/stamp.ts';
import type { Batch, Idempotence } from '../state/clients.ts';
import type { Rules } from './switches.ts';

const P = 6;
const wanted = (rules: Partial<Rules> = {}, more: Wanted = {}): Wanted => ({
  brokers: 1,
  minInsyncReplicas: 1,
  producers: [{ idempotence: true, maxInFlight: 5 }],
  rules,
  ...more,
});
const idempotence = (play: Play): Idempotence | undefined => at(play.state.producers, 0).idempotence;
const numbers = (batches: readonly Batch[]): string[] =>
  batches.map(({ record, numbered }) => {
    const packed = numbered?.stamp ?? 0;
    return `${record}: ${producerEpochOf(packed)}/${sequenceOf(packed)}`;
  });
const queued = (play: Play): string[] => numbers(at(play.state.producers, 0).retries);
const underWay = (play: Play): string[] => numbers(at(play.state.producers, 0).inFlight);

describe('an idempotent producer', () => {
  it('numbers its batches, and a batch keeps its number', () => {
    const play = new Play(wanted()).act('send-record', 0).act('send-record', 0);
    expect(underWay(play)).toEqual(['0: 0/0', '1: 0/1']);
    play.act('lose-produce', P, A, 0).act('notice-disconnect', 0).act('notice-disconnect', 0);
    expect(queued(play)).toEqual(['0: 0/0', '1: 0/1']);
    play.act('retry-record', 0);
    expect(underWay(play)).toEqual(['0: 0/0']);
  });

  it('sends a batch again only once every earlier one is decided', () => {
    const play = new Play(wanted()).act('send-record', 0).act('send-record', 0);
    play.act('lose-produce', P, A, 0).act('notice-disconnect', 0).act('notice-disconnect', 0);
    play.act('retry-record', 0);
    expect(play.refusal('retry-record', 0)).toBe(
      'a numbered batch is sent again only once every earlier one is decided',
    );
    play.act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0).act('retry-record', 0);
    expect(underWay(play)).toEqual(['1: 0/1']);
  });

  it('puts batches back in the order of their numbers, whichever fails first', () => {
    const play = new Play({ producers: [{ idempotence: true, maxInFlight: 5 }] }).act('send-record', 0);
    play.fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B).act('send-record', 0);
    play.act('lose-produce', P, B, 0).act('notice-disconnect', 0).act('lose-produce', P, A, 0);
    play.act('notice-disconnect', 0);
    expect(queued(play)).toEqual(['0: 0/0', '1: 0/1']);
  });
});

describe('a batch that is refused as out of order', () => {
  /** The first batch is refused for want of replicas, the others come too early. */
  const early = (rules: Partial<Rules> = {}): Play => {
    const play = new Play({ producers: [{ idempotence: true, maxInFlight: 5 }], rules });
    play.produce().catchUp(B).catchUp(C).act('handle-produce-response', A, P, 0);
    play.act('send-record', 0).fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B);
    return play.produce();
  };

  it('is sent again under the same number while an earlier one is missing', () => {
    const play = early().act('handle-produce-response', B, P, 0);
    expect(queued(play)).toEqual(['2: 0/2']);
    expect(underWay(play)).toEqual(['1: 0/1']);
  });

  /** The leader has lost what was acknowledged: the log of an unclean leader is shorter. */
  const lossy = (rules: Partial<Rules> = {}): Play => {
    const play = new Play({
      release: '4.0',
      brokers: 2,
      minInsyncReplicas: 1,
      unclean: true,
      producers: [{ idempotence: true, maxInFlight: 5 }],
      rules,
    });
    play.produce().catchUp(B).act('handle-produce-response', A, P, 0).fence(B).learn(A);
    play.produce().act('handle-produce-response', A, P, 0).act('kill', A).act('session-expires', A);
    play.act('heartbeat', B).act('fence-broker', A).learn(B).act('refresh-producer-metadata', 0, B);
    return play.forget().produce().act('handle-produce-response', B, P, 0);
  };

  it('although nothing is missing makes the producer start over in a new epoch, and lose nothing more', () => {
    const play = lossy();
    expect(queued(play)).toEqual(['2: 1/0']);
    expect(idempotence(play)).toMatchObject({ producerEpoch: 1, nextSequence: 1, lastAcked: -1 });
    play.act('retry-record', 0).act('handle-produce', P, B, 0);
    expect(play.log(B)).toEqual([0, 2]);
  });

  it('before 2.5 fails, and the producer goes on with a new producer id', () => {
    const play = lossy({ 'idempotent-producer-starts-over-with': 'new-producer-id' });
    expect(play.happened('failed')).toMatchObject([{ record: 2, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }]);
    expect(idempotence(play)).toMatchObject({ producerId: 2, producerEpoch: 0, nextSequence: 0 });
    play.produce();
    expect(play.log(B)).toEqual([0, 3]);
  });
});

describe('a batch that expired after it was sent again', () => {
  const expired = (): Play =>
    new Play(wanted())
      .act('send-record', 0)
      .act('send-record', 0)
      .act('lose-produce', P, A, 0)
      .act('notice-disconnect', 0)
      .act('notice-disconnect', 0)
      .act('expire-batch', 0);

  it('leaves its sequence unresolved, and nothing new is sent', () => {
    const play = expired();
    expect(idempotence(play)?.unresolved).toBe(1);
    expect(play.refusal('send-record', 0)).toBe('nothing waits to be sent again');
    play.act('retry-record', 0);
    expect(play.refusal('send-record', 0)).toBe(
      'a producer sends nothing new while it does not know whether an expired batch was written',
    );
  });

  it('has left a gap if the next one is refused: the producer starts over', () => {
    const play = expired().act('retry-record', 0).act('handle-produce', P, A, 0);
    // A leader that knows nothing of the producer takes any sequence (2.5).
    expect(play.log(A)).toEqual([1]);
    const strict = new Play(wanted({ 'unknown-producer-with-sequence': 'refused' }));
    for (const code of play.taken) strict.state = strict.machine.step(strict.state, code).state;
    strict.act('handle-produce-response', A, P, 0);
    expect(queued(strict)).toEqual(['1: 1/0']);
    expect(idempotence(strict)?.unresolved).toBe(-1);
  });

  it('was written if the next one is acknowledged: all is well', () => {
    const play = new Play(wanted()).act('send-record', 0).act('send-record', 0);
    play.act('handle-produce', P, A, 0).act('lose-produce-response', A, P, 0).act('notice-disconnect', 0);
    play.act('expire-batch', 0).act('handle-produce', P, A, 0).act('notice-disconnect', 0);
    expect(play.log(A)).toEqual([0, 1]);
    play.act('retry-record', 0).act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0);
    expect(idempotence(play)).toMatchObject({ producerEpoch: 0, lastAcked: 1, unresolved: -1 });
  });

  it('and with it all others: the producer starts over once nothing is under way', () => {
    const play = expired().act('expire-batch', 0);
    expect(idempotence(play)).toMatchObject({ producerEpoch: 1, nextSequence: 0, unresolved: -1 });
    expect(producerIdOf(at(play.act('send-record', 0).inFlight('Produce'), 0).stamp ?? 0)).toBe(1);
  });
});

describe('a batch of a producer that the leader has forgotten with what was deleted', () => {
  const rules: Partial<Rules> = {
    'unknown-producer-with-sequence': 'unknown-producer-id',
    'idempotent-producer-starts-over-with': 'new-producer-id',
    'deleted-batches-leave-producer-state': 'no',
  };
  /** Record 0 is acknowledged, record 1 is written and its answer lost; then so many records are deleted. */
  const forgotten = (deleted: number): Play =>
    new Play(wanted(rules, { consumers: [] }))
      .produce()
      .act('handle-produce-response', A, P, 0)
      .act('send-record', 0)
      .act('handle-produce', P, A, 0)
      .act('lose-produce-response', A, P, 0)
      .act('notice-disconnect', 0)
      .act('delete-records', A, deleted)
      .act('retry-record', 0)
      .act('handle-produce', P, A, 0);

  it('counts from 0 up to 2.4 if all that was acknowledged is deleted, and is written twice', () => {
    const play = forgotten(2).act('handle-produce-response', A, P, 0);
    expect(queued(play)).toEqual(['1: 0/0']);
    play.act('retry-record', 0).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0, 1, 1]);
  });

  it('is known where its producer still stands in the log, and from 2.4 on in any case', () => {
    expect(forgotten(1).act('handle-produce-response', A, P, 0).log(A)).toEqual([0, 1]);
    const keeps = new Play(wanted({ ...rules, 'deleted-batches-leave-producer-state': 'yes' }));
    keeps.produce().act('lose-produce-response', A, P, 0).act('notice-disconnect', 0);
    keeps.act('delete-records', A, 1).act('retry-record', 0).act('handle-produce', P, A, 0);
    expect(keeps.log(A)).toEqual([0]);
  });
});
