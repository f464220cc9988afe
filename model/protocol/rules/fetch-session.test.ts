import { describe, expect, it } from 'vitest';
import { A, B, Play, withLog, withReplica, type Wanted } from '../../testing.ts';
import { Draft } from '../draft.ts';
import type { MessageOf } from '../state/message.ts';
import { readForFollower } from './fetch.ts';

const forgets = { rules: { 'fetch-session-keeps-epoch': 'no' } } as const;

describe('a fetch in an epoch below the leader’s', () => {
  const fetch = (session: number | undefined): MessageOf<'Fetch'> => ({
    ...{ kind: 'Fetch', from: B, to: A, incarnation: 0, currentLeaderEpoch: 2 },
    ...{ fetchOffset: 0, lastFetchedEpoch: -1, brokerEpoch: 1 },
    ...(session === undefined ? {} : { session }),
  });
  const answerTo = (session: number | undefined): string => {
    const { machine } = new Play(forgets);
    const state = withReplica(withLog(machine.initial, A, 3), A, { leaderEpoch: 3 });
    return readForFollower(new Draft(machine.model, state), A, fetch(session)).error;
  };

  it.each([
    ['that begins a session', undefined, 'FENCED_LEADER_EPOCH'],
    ['within a session of the leader’s life', 0, 'NONE'],
    ['within a session of another life', 1, 'FENCED_LEADER_EPOCH'],
  ])('%s', (_, session, error) => {
    expect(answerTo(session)).toBe(error);
  });
});

describe('a session', () => {
  /** A record and its answer have gone through. */
  const fetched = (wanted: Wanted): Play =>
    new Play({ faults: { lost: 1 }, ...wanted })
      .act('send-record', 0)
      .act('handle-produce', 6, A, 0)
      .act('send-fetch', B)
      .act('handle-fetch', B, A, 0)
      .act('handle-fetch-response', A, B, 0);

  it('begins with an answer, and ends with the connection', () => {
    const play = fetched(forgets);
    expect(play.replica(B).fetcher?.session).toBe(0);
    play.act('send-fetch', B).act('lose-fetch', B, A, 0);
    expect(play.replica(B).fetcher).not.toHaveProperty('session');
  });

  it('leaves no trace where it keeps the epoch (2.5)', () => {
    expect(fetched({}).replica(B).fetcher).not.toHaveProperty('session');
  });
});
