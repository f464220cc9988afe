import { describe, expect, it } from 'vitest';
import {
  A,
  B,
  C,
  Play,
  setIn,
  withLeading,
  withLog,
  withMetadata,
  withProcess,
  withRemote,
  withReplica,
  type Wanted,
} from '../../testing.ts';
import { Draft } from '../draft.ts';
import type { MessageOf } from '../state/message.ts';
import type { Remote } from '../state/replica.ts';
import type { State } from '../state/state.ts';
import { fencing, readForFollower, recordFollowerProgress } from './fetch.ts';

const same = (state: State): State => state;

/** A leads in epoch 3 with records of epochs 1, 1, 3, 3 and high watermark 3. */
function leader(wanted: Wanted, change: (state: State) => State = same): Draft {
  const { machine } = new Play(wanted);
  let state = withLog(machine.initial, A, 1, 1, 3, 3);
  state = withReplica(state, A, { leaderEpoch: 3, highWatermark: 3 });
  return new Draft(machine.model, change(state));
}

const fetch = (change: Partial<MessageOf<'Fetch'>>): MessageOf<'Fetch'> => ({
  kind: 'Fetch',
  from: B,
  to: A,
  incarnation: 0,
  currentLeaderEpoch: 3,
  fetchOffset: 4,
  lastFetchedEpoch: 3,
  brokerEpoch: 1,
  ...change,
});

describe('a fetch is refused', () => {
  const demoted = (state: State): State => withReplica(state, A, { leading: null });
  const unfenced = { rules: { 'fetch-fences-leader-epoch': 'no' } } as const;

  // prettier-ignore
  it.each<readonly [string, string, Wanted, number, number, (state: State) => State]>([
    ['not in the leader’s epoch', 'NONE', {}, 3, B, same],
    ['below it', 'FENCED_LEADER_EPOCH', {}, 2, B, same],
    ['above it', 'UNKNOWN_LEADER_EPOCH', {}, 4, B, same],
    ['without an epoch: not', 'NONE', {}, -1, B, same],
    ['by who leads no more', 'NOT_LEADER_OR_FOLLOWER', {}, 3, B, demoted],
    ['for its epoch before its leadership', 'UNKNOWN_LEADER_EPOCH', {}, 4, B, demoted],
    ['before 2.1 not for its epoch', 'NONE', unfenced, 2, B, same],
    ['from a stranger to the assignment', 'UNKNOWN_LEADER_EPOCH', { assignment: [A, B] }, 3, C, same],
    ['by a broker without metadata', 'UNKNOWN_TOPIC_OR_PARTITION', {}, 3, B, (s) => withProcess(withReplica(s, A, { leaderEpoch: -1 }), A, { metadataOffset: -1 })],
    ['by a broker that does not host it', 'NOT_LEADER_OR_FOLLOWER', {}, 3, B, (s) => withReplica(s, A, { leaderEpoch: -1 })],
  ])('%s: %s', (_, error, wanted, epoch, from, change) => {
    expect(fencing(leader(wanted, change), A, epoch, from)).toBe(error);
  });
});

describe('a fetch reads', () => {
  /** Offsets read, or where the logs diverge, or an error. */
  const read = (wanted: Wanted, fetchOffset: number, lastFetchedEpoch: number): string => {
    const result = readForFollower(leader(wanted), A, fetch({ fetchOffset, lastFetchedEpoch }));
    const [diverging] = result.diverging;
    if (result.error !== 'NONE') return result.error;
    if (diverging !== undefined) return `epoch ${diverging.epoch} ends at ${diverging.start}`;
    return `${result.entries.length} records`;
  };

  // prettier-ignore
  it.each<readonly [string, Wanted, number, number, string]>([
    ['from its offset to the leader’s log end', {}, 2, 1, '2 records'],
    ['nothing at the log end: no error', {}, 4, 3, '0 records'],
    ['from the start, with no epoch yet', {}, 0, -1, '4 records'],
    ['beyond the log end, without an epoch', {}, 5, -1, 'OFFSET_OUT_OF_RANGE'],
    ['beyond the log end of the same epoch', {}, 5, 3, 'epoch 3 ends at 4'],
    ['beyond the end of an epoch that the leader has', {}, 3, 1, 'epoch 1 ends at 2'],
    ['after an epoch that the leader does not have', {}, 4, 2, 'epoch 1 ends at 2'],
    ['after an epoch below all that the leader has: from where they start', {}, 0, 0, '4 records'],
    ['the same before 2.1', { rules: { 'leader-records-own-epoch': 'no' } }, 0, 0, 'OFFSET_OUT_OF_RANGE'],
    ['after an epoch above all that the leader has', {}, 4, 9, 'OFFSET_OUT_OF_RANGE'],
  ])('%s (%j, offset %i, last epoch %i): %s', (_, wanted, offset, epoch, expected) => {
    expect(read(wanted, offset, epoch)).toBe(expected);
  });

  it('the high watermark as it was before this fetch counted', () => {
    const play = new Play({ producers: [{}, {}] });
    play.produce(0).replicate(C).replicate(B).catchUp(C).produce(1);
    play.act('send-fetch', B).act('handle-fetch', B, A, 0);
    expect(play.highWatermark(A)).toBe(1);
    expect(play.inFlight('FetchResponse')).toMatchObject([{ to: B, entries: [1], highWatermark: 0 }]);
  });
});

describe('what a leader remembers of a follower', () => {
  const before: Remote = {
    logEndOffset: 2,
    lastFetchLeaderLogEndOffset: 3,
    caughtUpRecently: false,
    fetchedRecently: false,
    brokerEpoch: 1,
  };
  const after = (change: Partial<Remote>, fetchOffset: number): Remote | undefined => {
    const draft = leader({}, (s) => withRemote(s, A, B, { ...before, ...change }));
    recordFollowerProgress(draft, A, fetch({ fetchOffset }), 4);
    return draft.replica(A).leading?.remotes[B];
  };

  it.each<readonly [string, Partial<Remote>, number, boolean]>([
    ['it has what the leader has now', {}, 4, true],
    ['it has what the leader had at its last fetch, which was lately', { fetchedRecently: true }, 3, true],
    ['it has what the leader had at its last fetch, long ago', {}, 3, false],
    ['it lags behind even that', { fetchedRecently: true }, 2, false],
    ['it lags, and was caught up lately', { caughtUpRecently: true }, 2, true],
  ])('caught up: %s (%j, offset %i): %s', (_, change, offset, expected) => {
    expect(after(change, offset)?.caughtUpRecently).toBe(expected);
  });

  it('its offset, even where that goes back, and that it fetched', () => {
    expect(after({ logEndOffset: 4 }, 3)).toEqual({
      logEndOffset: 3,
      lastFetchLeaderLogEndOffset: 4,
      caughtUpRecently: false,
      fetchedRecently: true,
      brokerEpoch: 1,
    });
  });

  // prettier-ignore
  it.each<readonly [string, string, Wanted, number, (state: State) => State]>([
    ['the registered life', 'NONE', {}, 1, same],
    ['an earlier life', 'NOT_LEADER_OR_FOLLOWER', {}, 0, same],
    ['a later life than the leader knows', 'NONE', {}, 7, same],
    ['no life told', 'NONE', {}, -1, same],
    ['an earlier life, while the new one is fenced', 'NONE', {}, 0, (s) => withMetadata(s, { registrations: { [B]: { fenced: true } } })],
    ['an earlier life, up to 3.6', 'NONE', { release: '3.6' }, 0, same],
  ])('nothing of an earlier life: %s: %s', (_, error, wanted, brokerEpoch, change) => {
    const draft = leader(wanted, change);
    expect(recordFollowerProgress(draft, A, fetch({ brokerEpoch }), 4)).toBe(error);
    const counted = draft.replica(A).leading?.remotes.at(B)?.logEndOffset === 4;
    expect(counted).toBe(error === 'NONE');
  });

  it('then first proposes it for the ISR and only then looks at the high watermark', () => {
    const outside = (s: State): State =>
      withRemote(withLeading(s, A, { committedIsr: setIn('AC') }), A, C, { logEndOffset: 4, brokerEpoch: 2 });
    const draft = leader({}, (s) =>
      withRemote(outside(s), A, B, { logEndOffset: 2, caughtUpRecently: false }),
    );
    recordFollowerProgress(draft, A, fetch({ fetchOffset: 3 }), 4);
    // With the other order C and A alone would commit offset 3, which B does not have.
    expect(draft.replica(A).leading?.pending?.isr).toBe(setIn('ABC'));
    expect(draft.replica(A).highWatermark).toBe(3);
  });
});

describe('a fetch with nothing to tell', () => {
  it('waits at the leader, and is answered when there is data', () => {
    const play = new Play({}).replicate(B);
    expect(play.inFlight('DelayedFetch')).toHaveLength(1);
    expect(play.refusal('answer-delayed-fetch', B, A, 0)).toBe(
      'the answer or the next fetch changes something',
    );
    play.produce().act('answer-delayed-fetch', B, A, 0);
    expect(play.inFlight('FetchResponse')).toMatchObject([{ entries: [0] }]);
  });

  it('is not answered by a high watermark alone, but the wait may run out', () => {
    const play = new Play({}).produce().replicate(B).replicate(C).replicate(B).replicate(C);
    expect(play.highWatermark(A)).toBe(1);
    expect(play.inFlight('DelayedFetch').map(({ from }) => from)).toEqual([B, C]);
    play.replicate(B);
    expect(play.highWatermark(B)).toBe(1);
  });

  it('may run out where an earlier fetch was handled later, so that the next one tells again', () => {
    const play = new Play({}).act('send-fetch', B).act('abandon-fetch', B, A, 0).produce();
    play.act('send-fetch', B).act('handle-fetch', B, A, 1).act('handle-fetch-response', A, B, 0);
    play.act('send-fetch', B).act('handle-fetch', B, A, 1);
    expect(play.leading(A).remotes[B]?.logEndOffset).toBe(1);
    expect(play.refusal('answer-delayed-fetch', B, A, 0)).toBe(
      'the answer or the next fetch changes something',
    );
    play.act('handle-fetch', B, A, 0);
    expect(play.leading(A).remotes[B]?.logEndOffset).toBe(0);
    play.act('answer-delayed-fetch', B, A, 0).act('handle-fetch-response', A, B, 0).act('send-fetch', B);
    expect(play.act('handle-fetch', B, A, 0).leading(A).remotes[B]?.logEndOffset).toBe(1);
  });

  it('may run out where a fetch of an earlier life was handled later, so that the next one tells of this one', () => {
    const play = new Play({ release: '3.6' }).act('send-fetch', B).act('kill', B).fence(B).restart(B);
    play.everybodyLearns().act('send-fetch', B).act('handle-fetch', B, A, 1).changeIsr(A);
    const life = play.leading(A).remotes[B]?.brokerEpoch;
    expect(play.refusal('answer-delayed-fetch', B, A, 0)).toBe(
      'the answer or the next fetch changes something',
    );
    play.act('handle-fetch', B, A, 0);
    expect(play.leading(A).remotes[B]?.brokerEpoch).toBeLessThan(life ?? 0);
    play.act('answer-delayed-fetch', B, A, 0).act('handle-fetch-response', A, B, 0).act('send-fetch', B);
    expect(play.act('handle-fetch', B, A, 0).leading(A).remotes[B]?.brokerEpoch).toBe(life);
  });

  it('does not count as progress a second time when it is answered', () => {
    const play = new Play({}).produce().catchUp(B).act('lag-elapses', A, B).act('lag-elapses', A, B);
    play.act('answer-delayed-fetch', B, A, 0);
    expect(play.leading(A).remotes[B]).toMatchObject({ caughtUpRecently: false, fetchedRecently: false });
  });

  it('is answered with the error of the moment once the leader leads no more', () => {
    const play = new Play({}).replicate(B).fence(A).everybodyLearns();
    play.act('answer-delayed-fetch', B, A, 0);
    // prettier-ignore
    expect(play.happened('fetch-refused')).toEqual([{ type: 'fetch-refused', broker: A, follower: B, error: 'FENCED_LEADER_EPOCH' }]);
  });

  it('of an earlier life is handled, but nobody gets the answer', () => {
    const play = new Play({}).act('send-fetch', B).act('kill', B).act('start-broker', B).produce();
    play.act('handle-fetch', B, A, 0);
    expect(play.leading(A).remotes[B]).toMatchObject({ logEndOffset: 0, fetchedRecently: true });
    expect(play.inFlight('FetchResponse')).toEqual([]);
  });
});
