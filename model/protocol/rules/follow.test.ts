import { describe, expect, it } from 'vitest';
import { A, B, C, Play, setIn, withLog, withProcess, withReplica, type Wanted } from '../../testing.ts';
import { Draft } from '../draft.ts';
import { assignEpoch, EMPTY_LOG, entry, latestEpoch, recordOf } from '../state/log.ts';
import type { MessageOf } from '../state/message.ts';
import type { State } from '../state/state.ts';
import { handleFetchResponse } from './follow.ts';

type Response = MessageOf<'FetchResponse'>;

/** B follows A in epoch 3; its log has records of these epochs and its high watermark is 2. */
function follower(
  wanted: Wanted,
  epochs: readonly number[],
  change: (state: State) => State = (s) => s,
): Draft {
  const { machine } = new Play(wanted);
  let state = withLog(machine.initial, B, ...epochs);
  // prettier-ignore
  state = withReplica(state, B, { leaderEpoch: 3, highWatermark: Math.min(2, epochs.length), fetcher: { state: 'fetching', leader: A, leaderEpoch: 3 } });
  state = withReplica(state, A, { leaderEpoch: 3 });
  return new Draft(machine.model, change(state));
}

const response = (change: Partial<Response>): Response => ({
  kind: 'FetchResponse',
  from: A,
  to: B,
  error: 'NONE',
  requestOffset: 4,
  requestEpoch: 3,
  entries: [],
  highWatermark: 3,
  diverging: [],
  ...change,
});

const log = (draft: Draft): number[] => draft.log(B).entries.map(recordOf);
const FOUR = [1, 1, 2, 2];

describe('a follower whose log ends above its leader’s', () => {
  const ahead = (rules: Wanted['rules'], unclean = false): Draft => {
    const draft = follower({ rules: rules ?? {}, unclean }, FOUR);
    handleFetchResponse(draft, B, response({ error: 'OFFSET_OUT_OF_RANGE' }));
    return draft;
  };

  it('cuts to the leader’s end (2.0.1)', () => {
    expect(log(ahead({}))).toEqual([]);
  });

  it('stops its broker up to 2.0.0, with its log as it was; unless unclean election is enabled', () => {
    const draft = ahead({ 'follower-ahead-of-leader': 'exits' });
    expect(draft.process(B).status).toBe('down');
    expect(log(draft)).toEqual([0, 1, 2, 3]);
    expect(draft.events.at(-1)).toEqual({ type: 'broker-stopped', broker: B, how: 'exit' });
    expect(log(ahead({ 'follower-ahead-of-leader': 'exits' }, true))).toEqual([]);
  });
});

describe('a follower that leads by now', () => {
  const leads = (rules: Wanted['rules']): Draft => {
    const draft = follower({ rules: rules ?? {} }, FOUR, (s) =>
      withReplica(s, B, { fetcher: null, leader: B }),
    );
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 1, start: 1 }] }));
    return draft;
  };

  it('drops an answer that tells it to truncate (2.8.1); 2.8.0 cut its log', () => {
    expect(log(leads({}))).toEqual([0, 1, 2, 3]);
    expect(log(leads({ 'diverging-answer-counts': 'whenever-it-comes' }))).toEqual([0]);
  });
});

describe('a follower that is fenced', () => {
  it.each([
    ['in the epoch it is in waits for metadata', 3, 'in-the-epoch-it-was-asked-in', 'failed'],
    ['in an earlier one asks again (2.1.1)', 2, 'in-the-epoch-it-was-asked-in', 'fetching'],
    ['in an earlier one waited as well (2.1.0)', 2, 'in-any-epoch', 'failed'],
  ] as const)('%s', (_, requestEpoch, rule, state) => {
    const draft = follower({ release: '4.0', rules: { 'fenced-answer-counts': rule } }, FOUR);
    handleFetchResponse(draft, B, response({ error: 'FENCED_LEADER_EPOCH', requestEpoch }));
    expect(draft.replica(B).fetcher?.state).toBe(state);
  });
});

describe('a truncation that removes no record', () => {
  it.each([
    ['cleans-epochs', 2],
    ['does-nothing', 7],
  ] as const)('%s: the latest epoch is %i (KAFKA-10706)', (rule, epoch) => {
    const draft = follower({ rules: { 'truncation-to-log-end': rule } }, FOUR);
    draft.setLog(B, assignEpoch(draft.log(B), 7, 4));
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 2, start: 4 }] }));
    expect(latestEpoch(draft.log(B))).toBe(epoch);
  });

  it('which left alone comes back with every fetch', () => {
    const play = new Play({ rules: { 'truncation-to-log-end': 'does-nothing' } }).produce();
    for (const follower of [B, C, B, C]) play.replicate(follower);
    // B leads and writes nothing; C takes over, and B follows it.
    play
      .act('kill', A)
      .fence(A)
      .learn(B)
      .learn(C)
      .replicate(C)
      .fence(B)
      .learn(C)
      .act('heartbeat', B)
      .learn(B)
      .learn(C);
    for (let i = 0; i < 3; i++) {
      play.forget().replicate(B);
      expect(play.replica(B).fetcher?.state).toBe('fetching');
      expect(latestEpoch(play.state.logs[B] ?? EMPTY_LOG)).toBe(1);
      expect(play.leading(C).committedIsr).not.toBe(setIn('BC'));
    }
  });
});

describe('a follower takes a response', () => {
  it('with records: they go in as they are, then the high watermark follows', () => {
    const draft = follower({}, FOUR);
    handleFetchResponse(draft, B, response({ entries: [entry(8, 2), entry(9, 3)], highWatermark: 5 }));
    expect(log(draft)).toEqual([0, 1, 2, 3, 8, 9]);
    // prettier-ignore
    expect(draft.log(B).epochs).toEqual([{ epoch: 1, start: 0 }, { epoch: 2, start: 2 }, { epoch: 3, start: 5 }]);
    expect(draft.replica(B).highWatermark).toBe(5);
  });

  it.each([
    ['below its log end', 3, 3],
    ['above its log end: cut to it', 9, 4],
    ['below its own: it goes down, legally', 1, 1],
  ])('with a high watermark %s', (_, highWatermark, expected) => {
    const draft = follower({}, FOUR);
    handleFetchResponse(draft, B, response({ highWatermark }));
    expect(draft.replica(B).highWatermark).toBe(expected);
  });

  it('with records of a higher epoch than it asked in, up to 3.9', () => {
    const entries = [entry(8, 3), entry(9, 4)];
    const draft = follower({ release: '3.9' }, FOUR);
    handleFetchResponse(draft, B, response({ entries }));
    expect(log(draft)).toEqual([0, 1, 2, 3, 8, 9]);
  });

  it('without those from 4.0 on', () => {
    const entries = [entry(8, 3), entry(9, 4)];
    const draft = follower({ release: '4.0' }, FOUR);
    handleFetchResponse(draft, B, response({ entries }));
    expect(log(draft)).toEqual([0, 1, 2, 3, 8]);
  });

  it('and flushes after so many records as flush.messages says', () => {
    const draft = follower({ flushMessages: 5 }, FOUR);
    handleFetchResponse(draft, B, response({ entries: [entry(8, 3)] }));
    expect(draft.log(B).recoveryPoint).toBe(5);
  });
});

describe('a follower drops a response', () => {
  const fetcher =
    (change: object) =>
    (state: State): State =>
      // prettier-ignore
      withReplica(state, B, { fetcher: { state: 'fetching', leader: A, leaderEpoch: 3, ...change } });

  it.each<readonly [string, boolean, (state: State) => State, Partial<Response>]>([
    ['not if nothing has changed', false, (s) => s, {}],
    ['if its log has another end by now', true, (s) => withLog(s, B, 1, 1), {}],
    ['if it fetches from another leader by now', true, fetcher({ leader: 2 }), {}],
    ['if it has no fetcher any more', true, (s) => withReplica(s, B, { fetcher: null }), {}],
    ['if the partition has failed', true, fetcher({ state: 'failed' }), {}],
    ['if its leader epoch is another by now (4.1)', true, fetcher({ leaderEpoch: 5 }), {}],
  ])('%s', (_, dropped, change, answer) => {
    const draft = follower({}, FOUR, change);
    handleFetchResponse(draft, B, response({ entries: [entry(8, 3)], ...answer }));
    expect(draft.events.map(({ type }) => type)).toEqual([dropped ? 'stale-response-dropped' : 'replicated']);
    if (dropped) expect(draft.log(B)).toBe(draft.base.logs[B]);
  });

  it('up to 4.0 not if only the leader epoch is another by now', () => {
    const draft = follower({ release: '4.0' }, FOUR, fetcher({ leaderEpoch: 5 }));
    handleFetchResponse(draft, B, response({ entries: [entry(8, 3)] }));
    expect(log(draft)).toEqual([0, 1, 2, 3, 8]);
  });
});

describe('a follower truncates to the end of the last common epoch', () => {
  // Its log: epoch 1 at 0 and 1, epoch 2 at 2 and 3. The leader says where an epoch not above its last one ends.
  it.each<readonly [string, readonly number[], readonly [number, number], number]>([
    ['it knows the epoch and goes on longer', FOUR, [1, 1], 1],
    ['it knows the epoch and the leader goes on longer', FOUR, [1, 3], 2],
    ['it knows the newest epoch', FOUR, [2, 3], 3],
    ['it does not know the epoch: to the end of the largest smaller one', [1, 1, 3, 3], [2, 4], 2],
    ['its epochs all are above: to where they start', [2, 2, 2, 2], [1, 1], 0],
    ['its log is shorter than the leader’s end', FOUR, [0, 9], 0],
    ['it has no epochs at all', [], [1, 0], 0],
  ])('%s (%j, told %j): %i', (_, epochs, [epoch, start], expected) => {
    const draft = follower({}, epochs);
    handleFetchResponse(draft, B, response({ requestOffset: epochs.length, diverging: [{ epoch, start }] }));
    expect(log(draft)).toHaveLength(expected);
  });

  it('before 2.1 to the leader’s end where it lies below the own first epoch', () => {
    const draft = follower({ rules: { 'leader-records-own-epoch': 'no' } }, [2, 2, 2, 2]);
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 1, start: 3 }] }));
    expect(log(draft)).toHaveLength(3);
  });

  it('up to 3.4 takes its high watermark first, and truncates before its next fetch (KAFKA-14704)', () => {
    const play = new Play({ rules: { 'diverging-answer-moves-high-watermark': 'yes' } });
    const told = follower({ rules: { 'diverging-answer-moves-high-watermark': 'yes' } }, FOUR);
    handleFetchResponse(told, B, response({ diverging: [{ epoch: 1, start: 1 }], highWatermark: 4 }));
    expect(told.replica(B)).toMatchObject({ highWatermark: 4, fetcher: { state: 'diverging' } });
    expect(log(told)).toEqual([0, 1, 2, 3]);
    play.state = told.finish();
    play.act('send-fetch', B);
    expect(play.log(B)).toEqual([0]);
    expect(play.replica(B)).toMatchObject({ highWatermark: 1, fetcher: { state: 'fetching' } });
    expect(play.replica(B).fetcher).not.toHaveProperty('divergence');
  });

  it('and takes nothing else from that response', () => {
    const draft = follower({}, FOUR);
    // prettier-ignore
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 2, start: 3 }], highWatermark: 1, entries: [entry(9, 3)] }));
    expect(log(draft)).toEqual([0, 1, 2]);
    expect(draft.replica(B).highWatermark).toBe(2);
  });

  it('with its high watermark, where that lay above', () => {
    const draft = follower({}, FOUR);
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 1, start: 1 }] }));
    expect(draft.replica(B).highWatermark).toBe(1);
    expect(draft.events).toEqual([{ type: 'truncated', broker: B, from: 4, to: 1 }]);
  });

  it('and forgets an epoch that it entered as leader without appending', () => {
    const draft = follower({}, FOUR);
    draft.setLog(B, assignEpoch(draft.log(B), 3, 4));
    handleFetchResponse(draft, B, response({ diverging: [{ epoch: 2, start: 4 }] }));
    expect(log(draft)).toHaveLength(4);
    expect(latestEpoch(draft.log(B))).toBe(2);
  });
});

describe('a follower told that it is out of range', () => {
  const outOfRange = (leaderEnd: number, change: (state: State) => State = (s) => s): Draft => {
    const draft = follower({}, FOUR, (s) => change(withLog(s, A, ...FOUR.slice(0, leaderEnd))));
    handleFetchResponse(draft, B, response({ error: 'OFFSET_OUT_OF_RANGE' }));
    return draft;
  };

  it('cuts to the leader’s end where it is ahead', () => {
    expect(log(outOfRange(2))).toHaveLength(2);
  });

  it('just asks again where it is not', () => {
    expect(outOfRange(4).finish()).toEqual(outOfRange(4).base);
  });

  it.each<readonly [string, (state: State) => State]>([
    ['is paused', (s) => withProcess(s, A, { paused: true })],
    ['is down', (s) => withProcess(s, A, { status: 'down' })],
    // prettier-ignore
    ['cannot be reached', (s) => ({ ...s, links: { cut: s.links.cut.map((row, i) => (i === B ? row | 1 : row)) } })],
    ['leads no more', (s) => withReplica(s, A, { leading: null })],
    ['is in an older epoch', (s) => withReplica(s, A, { leaderEpoch: 2 })],
  ])('leaves its log alone while the leader %s', (_, change) => {
    expect(log(outOfRange(2, change))).toHaveLength(4);
  });

  it('waits for metadata where the leader is in a newer epoch', () => {
    const draft = outOfRange(2, (s) => withReplica(s, A, { leaderEpoch: 4 }));
    expect(draft.replica(B).fetcher?.state).toBe('failed');
  });
});

describe('a follower that is fenced', () => {
  it.each([
    ['in the epoch it is in: waits for metadata', 3, 'failed'],
    ['in an epoch that it has left: asks again', 2, 'fetching'],
  ])('%s', (_, requestEpoch, state) => {
    const draft = follower({}, FOUR);
    handleFetchResponse(draft, B, response({ error: 'FENCED_LEADER_EPOCH', requestEpoch }));
    expect(draft.replica(B).fetcher?.state).toBe(state);
  });

  it.each(['UNKNOWN_LEADER_EPOCH', 'NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_TOPIC_OR_PARTITION'] as const)(
    'with %s asks again: leadership comes only from the controller',
    (error) => {
      const draft = follower({}, FOUR);
      handleFetchResponse(draft, B, response({ error }));
      expect(draft.finish()).toEqual(draft.base);
    },
  );
});
