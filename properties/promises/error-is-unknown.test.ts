import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { nothingObserved, type Event, type Observed } from '../../model/index.ts';
import { watched } from '../testing.ts';
import { errorIsUnknown } from './error-is-unknown.ts';

const P = 6;

describe('each send ends once', () => {
  it('in success or in failure', () => {
    const play = new Play({ producers: [{ retries: 0 }] });
    const { broken } = watched(play);
    play.produce().catchUp(B).catchUp(C).act('handle-produce-response', A, P, 0);
    play.act('send-record', 0).act('lose-produce', P, A, 0).act('notice-disconnect', 0);
    // prettier-ignore
    expect(play.events.filter(({ type }) => type === 'acked' || type === 'failed').map(({ type }) => type)).toEqual(['acked', 'failed']);
    expect(broken()).toEqual([]);
  });

  it('though an answer comes for a batch that was given up long ago', () => {
    const play = new Play({});
    const { broken } = watched(play);
    play.produce().act('expire-batch', 0).catchUp(B).catchUp(C).act('handle-produce-response', A, P, 0);
    expect(play.happened('failed')).toHaveLength(1);
    expect(play.happened('acked')).toEqual([]);
    expect(broken()).toEqual([]);
  });
});

describe('from a failure nothing follows', () => {
  it('the record may be there and be read', () => {
    const play = new Play({ producers: [{ retries: 0 }] });
    const { broken } = watched(play);
    // prettier-ignore
    play.produce().catchUp(B).catchUp(C).act('lose-produce-response', A, P, 0).act('notice-disconnect', 0).act('poll', 0);
    expect(play.happened('failed')).toMatchObject([{ record: 0 }]);
    expect(play.happened('delivered')).toMatchObject([{ record: 0 }]);
    expect(broken()).toEqual([]);
  });

  it('or not', () => {
    const play = new Play({ producers: [{ retries: 0 }] });
    const { broken } = watched(play);
    play.act('send-record', 0).act('lose-produce', P, A, 0).act('notice-disconnect', 0);
    expect(play.log(A)).toEqual([]);
    expect(broken()).toEqual([]);
  });
});

describe('a send that ends twice is found', () => {
  const { machine } = new Play({});
  const acked: Event = { type: 'acked', producer: 0, record: 3, acks: -1, offset: 7 };
  const failed: Event = { type: 'failed', producer: 0, record: 3, error: 'NETWORK_EXCEPTION' };
  const nothing = nothingObserved(machine.config);
  const afterAck: Observed = { ...nothing, acks: [{ record: 3, offset: 7, acks: -1, holders: 1 }] };
  const afterFailure: Observed = { ...nothing, failed: [3] };

  it.each([
    ['success after failure', afterFailure, acked],
    ['failure after success', afterAck, failed],
    ['two failures', afterFailure, failed],
    ['two successes', afterAck, acked],
  ])('%s', (_, seenBefore, event) => {
    const { initial, model } = machine;
    const moment = { model, before: initial, after: initial, events: [event], seenBefore, seen: seenBefore };
    expect(errorIsUnknown.check(moment)?.says).toBe('producer 0 was told twice how sending record 3 ended');
  });
});

describe('a record that the application sends again', () => {
  const sentAgain = (play: Play): Play =>
    play.produce().act('expire-batch', 0).act('retry-record', 0).act('handle-produce', P, A, 0);
  const alone: Wanted = {
    brokers: 1,
    minInsyncReplicas: 1,
    producers: [{ afterFailure: 'send-again', maxInFlight: 2 }],
  };

  it('is another send, which ends by itself', () => {
    const play = new Play(alone);
    const { broken } = watched(play);
    sentAgain(play).act('handle-produce-response', A, P, 0);
    expect([play.happened('failed').length, play.happened('acked').length]).toEqual([1, 1]);
    expect(broken()).toEqual([]);
  });
});
