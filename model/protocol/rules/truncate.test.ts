import { describe, expect, it } from 'vitest';
import { A, B, C, Play, withLog, withReplica, type Wanted } from '../../testing.ts';
import { Draft } from '../draft.ts';
import { assignEpoch, recordOf } from '../state/log.ts';
import type { MessageOf } from '../state/message.ts';
import type { Fetcher } from '../state/replica.ts';
import type { State } from '../state/state.ts';
import type { Rules } from './switches.ts';
import {
  askForEpochEnd,
  handleEpochEndRequest,
  handleEpochEndResponse,
  startedFetcher,
  truncateBeforeFetching,
} from './truncate.ts';

type Truncation = Rules['follower-truncation'];
const VALUES: readonly Truncation[] = ['high-watermark', 'epoch-end', 'epoch-and-end', 'on-fetch'];
const by = (truncation: Truncation, rules: Partial<Rules> = {}): Wanted => ({
  rules: { 'follower-truncation': truncation, ...rules },
});

/** B follows A in epoch 3 with records of these epochs; it asks where its latest epoch ends. */
function follower(
  wanted: Wanted,
  epochs: readonly number[],
  highWatermark: number,
  state: Fetcher['state'] = 'truncating',
): Draft {
  const { machine } = new Play(wanted);
  const fetcher = { state, leader: A, leaderEpoch: 3 };
  let start: State = withLog(machine.initial, B, ...epochs);
  start = withReplica(start, B, { leaderEpoch: 3, highWatermark, fetcher });
  return new Draft(machine.model, withReplica(start, A, { leaderEpoch: 3 }));
}

const answer = (
  change: Partial<MessageOf<'OffsetsForLeaderEpochResponse'>>,
): MessageOf<'OffsetsForLeaderEpochResponse'> => ({
  kind: 'OffsetsForLeaderEpochResponse',
  from: A,
  to: B,
  error: 'NONE',
  requestEpoch: 3,
  epochEnd: [],
  ...change,
});

/** What is left after an answer, and what the fetcher does next. */
function after(
  draft: Draft,
  epochEnd: readonly (readonly [number, number])[],
): [number[], string | undefined] {
  handleEpochEndResponse(
    draft,
    B,
    answer({ epochEnd: epochEnd.map(([epoch, start]) => ({ epoch, start })) }),
  );
  return [draft.log(B).entries.map(recordOf), draft.replica(B).fetcher?.state];
}

describe('before a follower fetches from a new leader', () => {
  it.each<[Truncation, number, Fetcher['state']]>([
    ['high-watermark', 1, 'fetching'],
    ['epoch-end', 3, 'truncating'],
    ['epoch-and-end', 3, 'truncating'],
    ['on-fetch', 3, 'fetching'],
  ])('%s: its log ends at %i, and it is %s', (truncation, end, state) => {
    const draft = follower(by(truncation), [0, 0, 1], 1);
    truncateBeforeFetching(draft, B);
    expect(draft.log(B).entries).toHaveLength(end);
    expect(startedFetcher(draft, A, 3)).toEqual({ state, leader: A, leaderEpoch: 3 });
  });

  it('with an empty log it has nothing to ask for, but still a turn of its thread to wait for', () => {
    const draft = follower(by('epoch-and-end'), [], 0);
    expect(startedFetcher(draft, A, 3).state).toBe('truncating');
    askForEpochEnd(draft, B);
    expect(draft.replica(B).fetcher?.state).toBe('fetching');
    expect(draft.finish().channels.flat()).toEqual([]);
  });

  it.each<[Rules['fetch-fences-leader-epoch'], number]>([
    ['no', -1],
    ['yes', 3],
  ])(
    'it asks for its latest epoch; leader epochs compared: %s, its own goes along as %i',
    (compared, epoch) => {
      const draft = follower(by('epoch-end', { 'fetch-fences-leader-epoch': compared }), [0, 0, 1], 1);
      askForEpochEnd(draft, B);
      const [request] = draft.finish().channels.flat();
      expect(request).toMatchObject({
        kind: 'OffsetsForLeaderEpoch',
        currentLeaderEpoch: epoch,
        leaderEpoch: 1,
      });
    },
  );

  it.each<[Truncation, number]>([
    ['on-fetch', 0],
    ['epoch-and-end', -1],
  ])('%s: a fetch says that the last record is of epoch %i', (truncation, epoch) => {
    const play = new Play(by(truncation)).produce().replicate(B).act('send-fetch', B);
    expect(play.inFlight('Fetch')[0]?.lastFetchedEpoch).toBe(epoch);
  });
});

describe('the leader is asked where an epoch ends', () => {
  function asked(wanted: Wanted, leaderEpoch: number, currentLeaderEpoch = 3): unknown {
    const draft = follower(wanted, [0], 0);
    draft.setLog(A, assignEpoch(withLog(draft.base, A, 1, 1, 2).logs[A] ?? draft.log(A), 3, 3));
    handleEpochEndRequest(draft, A, {
      ...{ kind: 'OffsetsForLeaderEpoch', from: B, to: A, incarnation: 0 },
      ...{ currentLeaderEpoch, leaderEpoch },
    });
    return draft.finish().channels.flat()[0];
  }

  it.each<[string, number, object]>([
    ['of an epoch that it knows', 1, { error: 'NONE', epochEnd: [{ epoch: 1, start: 2 }] }],
    ['of its own, in which it has written nothing', 3, { error: 'NONE', epochEnd: [{ epoch: 3, start: 3 }] }],
    ['of one that lies before its first', 0, { error: 'NONE', epochEnd: [{ epoch: 0, start: 0 }] }],
    ['of one that it never heard of', 4, { error: 'NONE', epochEnd: [] }],
  ])('%s', (_, epoch, expected) => {
    expect(asked(by('epoch-and-end'), epoch)).toMatchObject({ requestEpoch: 3, ...expected });
  });

  it('of one before its first: it cannot tell where leaders do not record their own epoch', () => {
    expect(asked(by('epoch-and-end', { 'leader-records-own-epoch': 'no' }), 0)).toMatchObject({
      epochEnd: [],
    });
  });

  it.each([
    [2, 'FENCED_LEADER_EPOCH'],
    [4, 'UNKNOWN_LEADER_EPOCH'],
  ])('and answers who asks in epoch %i with %s', (epoch, error) => {
    expect(asked(by('epoch-and-end'), 1, epoch)).toMatchObject({ error, epochEnd: [] });
  });
});

describe('an answer', () => {
  const LOG = [0, 0, 2, 2];

  it.each<[string, Truncation, readonly (readonly [number, number])[], [number[], string]]>([
    ['that its latest epoch goes on', 'epoch-end', [[2, 9]], [[0, 1, 2, 3], 'fetching']],
    ['that it ends early', 'epoch-end', [[2, 3]], [[0, 1, 2], 'fetching']],
    ['the same, with the epoch', 'epoch-and-end', [[2, 3]], [[0, 1, 2], 'fetching']],
    ['about another epoch: the end alone counts', 'epoch-end', [[1, 3]], [[0, 1, 2], 'fetching']],
    ['about one that is not known here', 'epoch-and-end', [[1, 3]], [[0, 1], 'truncating-further']],
    ['about one that is', 'epoch-and-end', [[0, 1]], [[0], 'fetching']],
    ['that the leader cannot tell: the high watermark', 'epoch-end', [], [[0], 'fetching']],
    ['the same later', 'epoch-and-end', [], [[0], 'fetching']],
  ])('%s (%s)', (_, truncation, epochEnd, expected) => {
    expect(after(follower(by(truncation), LOG, 1), epochEnd)).toEqual(expected);
  });

  it('to a second question, that the leader cannot tell: what the first has left stays', () => {
    expect(after(follower(by('epoch-and-end'), LOG, 1, 'truncating-further'), [])).toEqual([
      [0, 1, 2, 3],
      'fetching',
    ]);
  });

  it.each<[string, Partial<MessageOf<'OffsetsForLeaderEpochResponse'>>, Partial<Rules>, string]>([
    ['of another epoch is dropped', { requestEpoch: 2 }, {}, 'truncating'],
    [
      'of another epoch counts up to 2.0',
      { requestEpoch: -1 },
      { 'fetch-fences-leader-epoch': 'no' },
      'fetching',
    ],
    ['with an error is asked for again', { error: 'UNKNOWN_LEADER_EPOCH' }, {}, 'truncating'],
    [
      'that fences the follower in its epoch ends its fetching',
      { error: 'FENCED_LEADER_EPOCH' },
      {},
      'failed',
    ],
  ])('%s', (_, change, rules, state) => {
    const draft = follower(by('epoch-and-end', rules), LOG, 1);
    handleEpochEndResponse(draft, B, answer({ epochEnd: [{ epoch: 2, start: 4 }], ...change }));
    expect(draft.replica(B).fetcher?.state).toBe(state);
  });

  it('to a follower that fetches already is dropped', () => {
    const draft = follower(by('epoch-and-end'), LOG, 1, 'fetching');
    handleEpochEndResponse(draft, B, answer({ epochEnd: [{ epoch: 2, start: 3 }] }));
    expect(draft.log(B).entries).toHaveLength(4);
    expect(draft.events).toEqual([{ type: 'stale-response-dropped', broker: B }]);
  });
});

it('question, answer and fetch are steps of their own, and one request is outstanding at a time', () => {
  const play = new Play(by('epoch-and-end')).produce().replicate(B).replicate(C).fence(A).learn(B).learn(C);
  expect(play.refusal('send-fetch', C)).toBe('its fetcher has the partition');
  play.act('send-offsets-for-leader-epoch', C);
  expect(play.refusal('send-offsets-for-leader-epoch', C)).toBe('no fetch to that leader is outstanding');
  play
    .act('handle-offsets-for-leader-epoch', C, B, 0)
    .act('handle-offsets-for-leader-epoch-response', B, C, 0);
  expect(play.replicate(C).log(C)).toEqual([0]);
});

it('a configuration without such questions has none of these actions', () => {
  const known = (truncation: Truncation): string[] => {
    const { machine } = new Play(by(truncation));
    const families = Array.from({ length: machine.families }, (_, family) => machine.kindOf(family));
    return [...new Set(families)].filter((kind) => kind.includes('leader-epoch'));
  };
  expect(VALUES.map((truncation) => known(truncation).length)).toEqual([0, 6, 6, 0]);
});
