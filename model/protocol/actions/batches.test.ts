import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';
import type { ProducerConfig } from '../config.ts';
import { Draft } from '../draft.ts';
import { truncateTo } from '../rules/follow.ts';
import type { Batch } from '../state/clients.ts';
import { recordOf } from '../state/log.ts';
import { sequenceOf } from '../state/stamp.ts';

const P = 6;
const batching = (producer: Partial<ProducerConfig> = {}, more: Wanted = {}): Play =>
  new Play({ ...more, producers: [{ batchRecords: 3, ...producer }] });
const idempotent = { idempotence: true, maxInFlight: 5 };
const settled = (play: Play): string[] =>
  play.events.flatMap((event) =>
    event.type === 'acked'
      ? [`${event.record} at ${event.offset}`]
      : event.type === 'failed'
        ? [`${event.record} ${event.error}`]
        : [],
  );
const send = (play: Play, records: number): Play =>
  records === 1 ? play.act('send-record', 0) : play.act('send-batch', 0, records);

const lostAnswer = (play: Play): Play =>
  play.act('lose-produce-response', A, P, 0).act('notice-disconnect', 0).act('retry-record', 0);

describe('a batch of several records', () => {
  it('is sent, written, replicated and answered as a whole, each record at its own offset', () => {
    const play = send(batching(), 1).act('handle-produce', P, A, 0).catchUp(B).catchUp(C);
    play.act('handle-produce-response', A, P, 0);
    send(play, 3).act('handle-produce', P, A, 0).catchUp(B).catchUp(C);
    expect(play.log(C)).toEqual([0, 1, 2, 3]);
    expect(play.inFlight('ProduceResponse')).toHaveLength(1);
    play.act('handle-produce-response', A, P, 0);
    expect(settled(play)).toEqual(['0 at 0', '1 at 1', '2 at 2', '3 at 3']);
  });

  it('holds no more than batch.size says, nor than there is', () => {
    const play = batching({}, { records: 2 });
    expect(play.refusal('send-batch', 0, 4)).toBe('a batch holds so many');
    expect(play.refusal('send-batch', 0, 3)).toBe('it has so many records left');
    expect(play.refusal('send-batch', 0, 2)).toBeUndefined();
    expect(new Play({}).refusal('send-batch', 0, 2)).toBe('the configuration knows such an action');
  });

  it('takes what waits in the buffer, the oldest first', () => {
    const play = batching({ bufferRecords: 3 });
    for (let i = 0; i < 3; i++) play.act('hand-over-record', 0);
    send(play, 2);
    expect(play.state.producers[0]?.buffer).toEqual([2]);
    expect(play.refusal('hand-over-record', 0)).toBe(
      'a producer takes no more records than its buffer holds',
    );
  });

  it.each([0, 1, -1] as const)('is answered with acks=%d record by record', (acks) => {
    const play = send(batching({ acks }, { brokers: 1, minInsyncReplicas: 1 }), 2);
    play.act('handle-produce', P, A, 0);
    if (acks !== 0) play.act('handle-produce-response', A, P, 0);
    expect(settled(play)).toEqual(acks === 0 ? ['0 at -1', '1 at -1'] : ['0 at 0', '1 at 1']);
  });

  it('is refused as a whole, and fails record by record', () => {
    const play = send(batching({ retries: 0 }, { brokers: 2 }), 3)
      .fence(B)
      .learn(A);
    play.act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0);
    expect(play.log(A)).toEqual([]);
    expect(settled(play)).toEqual([0, 1, 2].map((record) => `${record} NOT_ENOUGH_REPLICAS`));
  });

  it('is sent again as it was; a plain producer writes all of it twice', () => {
    const play = send(batching({ acks: 1 }), 2).act('handle-produce', P, A, 0);
    lostAnswer(play).act('handle-produce', P, A, 0);
    expect(play.log(A)).toEqual([0, 1, 0, 1]);
  });
});

describe('an idempotent producer', () => {
  it('counts records, and a leader answers a batch that it has with where its records stand', () => {
    const play = send(batching(idempotent, { brokers: 1, minInsyncReplicas: 1 }), 1);
    send(play, 3);
    play
      .act('handle-produce', P, A, 0)
      .act('handle-produce', P, A, 0)
      .act('handle-produce-response', A, P, 0);
    lostAnswer(play).act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0);
    expect(play.log(A)).toEqual([0, 1, 2, 3]);
    expect(settled(play)).toEqual(['0 at 0', '1 at 1', '2 at 2', '3 at 3']);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ nextSequence: 4, lastAcked: 3 });
  });

  it('leaves all numbers of an expired batch in doubt, and renumbers by records', () => {
    const rules: Wanted['rules'] = { 'unknown-producer-with-sequence': 'refused' };
    const play = send(batching(idempotent, { brokers: 1, minInsyncReplicas: 1, rules }), 3);
    play.act('lose-produce', P, A, 0).act('notice-disconnect', 0).act('retry-record', 0);
    send(play, 2);
    const sequences = (batches: readonly Batch[] = []): number[] =>
      batches.map(({ numbered }) => sequenceOf(numbered?.stamp ?? 0));
    expect(sequences(play.state.producers[0]?.inFlight)).toEqual([0, 3]);
    play.act('expire-batch', 0);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ unresolved: 3, nextSequence: 5 });
    expect(settled(play)).toEqual([0, 1, 2].map((record) => `${record} REQUEST_TIMED_OUT`));
    // Nothing of the expired batch was written: what follows begins anew, in another epoch.
    play.act('lose-produce', P, A, 0).act('notice-disconnect', 0).act('retry-record', 0);
    play.act('handle-produce', P, A, 0).act('handle-produce-response', A, P, 0);
    expect(play.state.producers[0]?.idempotence).toMatchObject({ producerEpoch: 1, nextSequence: 2 });
    expect(sequences(play.state.producers[0]?.retries)).toEqual([0]);
  });

  it('after a restart sends each record of it alone', () => {
    const play = send(batching(idempotent), 3).act('restart-producer', 0);
    expect(play.state.producers[0]?.retries).toMatchObject([{ record: 0 }, { record: 1 }, { record: 2 }]);
    expect(play.state.producers[0]?.retries.every(({ more }) => more === undefined)).toBe(true);
  });
});

describe('a log is cut between batches', () => {
  it('by a power loss, which leaves no part of one', () => {
    const play = send(batching({ acks: 1 }), 1).act('handle-produce', P, A, 0);
    play.act('handle-produce-response', A, P, 0);
    send(play, 3).act('handle-produce', P, A, 0).act('power-loss', A, 1);
    expect(play.log(A)).toEqual([0]);
    expect(play.happened('destroyed')).toMatchObject([{ from: 4, to: 1 }]);
  });

  it('by retention and administrators', () => {
    const play = send(batching({}, { brokers: 1, minInsyncReplicas: 1 }), 2).act('handle-produce', P, A, 0);
    for (const kind of ['delete-old-segments', 'delete-records']) {
      expect(play.refusal(kind, A, 1)).toBe('no batch is deleted in part');
      expect(play.refusal(kind, A, 2)).toBeUndefined();
    }
  });

  it('by a follower that is to cut within one: all of it goes', () => {
    const play = send(batching(), 1).act('handle-produce', P, A, 0).catchUp(B).catchUp(C);
    play.act('handle-produce-response', A, P, 0);
    send(play, 3).act('handle-produce', P, A, 0).replicate(B);
    const draft = new Draft(play.machine.model, play.state);
    truncateTo(draft, B, 3);
    expect(draft.log(B).entries.map(recordOf)).toEqual([0]);
    expect(draft.events).toMatchObject([{ type: 'truncated', broker: B, from: 4, to: 1 }]);
  });
});
