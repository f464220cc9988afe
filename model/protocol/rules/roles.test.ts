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
import { logEnd } from '../state/log.ts';
import { newestImage, type PartitionRegistration } from '../state/metadata.ts';
import type { Remote, Replica } from '../state/replica.ts';
import type { State } from '../state/state.ts';
import { applyPartitionMetadata } from './roles.ts';

const same = (state: State): State => state;

/** What `broker` is after it applied this partition; it knew leader epoch 2, partition epoch 5. */
function applied(
  wanted: Wanted,
  broker: number,
  partition: Partial<PartitionRegistration>,
  change: (state: State) => State = same,
): Draft {
  const { machine } = new Play(wanted);
  let state = machine.initial;
  for (const id of [A, B, C]) {
    // prettier-ignore
    state = withLog(withReplica(state, id, { leaderEpoch: 2, partitionEpoch: 5, highWatermark: 2 }), id, 1, 1, 2, 2);
  }
  state = withRemote(state, A, B, { logEndOffset: 4, lastFetchLeaderLogEndOffset: 4, brokerEpoch: 1 });
  state = withRemote(state, A, C, { logEndOffset: 3, caughtUpRecently: false, fetchedRecently: true });
  const told = { leader: A, leaderEpoch: 3, partitionEpoch: 6, isr: setIn('AB'), ...partition };
  const draft = new Draft(machine.model, change(withMetadata(state, { partition: told })));
  applyPartitionMetadata(draft, broker, newestImage(draft.metadata));
  return draft;
}

const remotes = (draft: Draft): readonly Remote[] => draft.replica(A).leading?.remotes ?? [];
const keepsLogEnds = { rules: { 're-elected-leader-keeps-log-ends': 'yes' } } as const;
const asFollower = (state: State): State => withReplica(state, A, { leading: null, leader: B });

describe('a broker that becomes leader', () => {
  const draft = applied({}, A, {}, asFollower);

  it('starts its epoch at its log end and enters it into the epoch cache', () => {
    expect(draft.replica(A)).toMatchObject({ leader: A, leaderEpoch: 3, partitionEpoch: 6 });
    expect(draft.replica(A).leading).toMatchObject({
      epochStart: 4,
      committedIsr: setIn('AB'),
      pending: null,
    });
    expect(draft.log(A).epochs.at(-1)).toEqual({ epoch: 3, start: 4 });
  });

  it('before 2.1 enters no epoch before it appends', () => {
    const before = applied({ rules: { 'leader-records-own-epoch': 'no' } }, A, {}, asFollower);
    expect(before.log(A).epochs.at(-1)).toEqual({ epoch: 2, start: 2 });
  });

  it('knows nothing of its followers, and gives ISR members the full grace', () => {
    expect(remotes(draft)[B]).toEqual({
      logEndOffset: -1,
      lastFetchLeaderLogEndOffset: -1,
      caughtUpRecently: true,
      fetchedRecently: false,
      brokerEpoch: -2,
    });
    expect(remotes(draft)[C]).toMatchObject({ logEndOffset: -1, caughtUpRecently: false });
  });

  it('keeps its high watermark, as stale as it is, until every ISR member has fetched', () => {
    expect(draft.replica(A).highWatermark).toBe(2);
    expect(
      applied({ minInsyncReplicas: 1 }, A, { isr: setIn('A') }, asFollower).replica(A).highWatermark,
    ).toBe(4);
  });

  it('stops fetching', () => {
    expect(draft.replica(A).fetcher).toBeNull();
  });
});

describe('a leader that is elected again', () => {
  it('keeps what it knew of log ends, though it may have missed an epoch, and starts a new epoch', () => {
    const draft = applied(keepsLogEnds, A, {});
    expect(remotes(draft)[B]).toEqual({
      logEndOffset: 4,
      lastFetchLeaderLogEndOffset: 4,
      caughtUpRecently: true,
      fetchedRecently: true,
      brokerEpoch: 1,
    });
    expect(remotes(draft)[C]).toMatchObject({
      logEndOffset: 3,
      caughtUpRecently: false,
      fetchedRecently: false,
    });
    expect(draft.replica(A).highWatermark).toBe(4);
    expect(draft.events).toContainEqual(
      expect.objectContaining({ type: 'became-leader', missedEpochs: true }),
    );
  });

  it('forgets it when repaired', () => {
    const draft = applied({ rules: { 're-elected-leader-keeps-log-ends': 'no' } }, A, {});
    expect(remotes(draft)[B]).toMatchObject({ logEndOffset: -1, brokerEpoch: -2 });
    expect(draft.replica(A).highWatermark).toBe(2);
  });

  it('goes on waiting for acks=all requests of its earlier epoch', () => {
    const waiting = [{ producer: 0, record: 3, requiredOffset: 5 }];
    const draft = applied(keepsLogEnds, A, {}, (s) => withLeading(s, A, { waiting }));
    expect(draft.replica(A).leading?.waiting).toEqual(waiting);
  });
});

describe('a leader that hears of a change in its own epoch', () => {
  const sameEpoch = { leaderEpoch: 2 } as const;

  it('takes the ISR, ends a pending proposal, and leaves what it knows of its followers', () => {
    const pending = { leaderEpoch: 2, partitionEpoch: 5, isr: setIn('ABC'), brokerEpochs: [-1, -1, -1] };
    const draft = applied({}, A, sameEpoch, (s) => withLeading(s, A, { pending, epochStart: 1 }));
    expect(draft.replica(A).leading).toMatchObject({
      committedIsr: setIn('AB'),
      pending: null,
      epochStart: 1,
    });
    expect(remotes(draft)).toEqual(draft.base.replicas[A]?.leading?.remotes);
  });

  it('up to 3.2 starts over: grace for ISR members, everybody fetched just now, epoch start at the log end', () => {
    const rules = { 'leader-state-resets': 'every-partition-change' } as const;
    const draft = applied({ rules }, A, sameEpoch, (s) => withLeading(s, A, { epochStart: 1 }));
    expect(draft.replica(A).leading?.epochStart).toBe(4);
    expect(remotes(draft)[B]).toMatchObject({
      logEndOffset: 4,
      caughtUpRecently: true,
      fetchedRecently: true,
    });
    expect(remotes(draft)[C]).toMatchObject({
      logEndOffset: 3,
      caughtUpRecently: false,
      fetchedRecently: true,
    });
    expect(draft.events.filter(({ type }) => type === 'became-leader')).toEqual([]);
  });
});

describe('metadata is refused by its partition epoch', () => {
  it.each([
    ['never', 4, true],
    ['never', 5, true],
    ['never', 6, true],
    ['older', 4, false],
    ['older', 5, true],
    ['older', 6, true],
    ['older-or-equal', 4, false],
    ['older-or-equal', 5, false],
    ['older-or-equal', 6, true],
  ] as const)('%s: partition epoch %i after 5 is taken: %s', (rule, partitionEpoch, taken) => {
    const wanted = { rules: { 'metadata-refused-by-partition-epoch': rule } };
    const draft = applied(wanted, A, { leaderEpoch: 2, partitionEpoch, isr: setIn('AC') });
    expect(draft.replica(A).leading?.committedIsr === setIn('AC')).toBe(taken);
    expect(draft.replica(A).partitionEpoch).toBe(taken ? partitionEpoch : 5);
  });
});

describe('a leader that is deposed', () => {
  const waiting = [{ producer: 0, record: 3, requiredOffset: 5 }];
  const draft = applied({}, A, { leader: B }, (s) => withLeading(s, A, { waiting }));

  it('fails the acks=all requests that wait, and keeps their records', () => {
    // prettier-ignore
    expect(draft.finish().channels.flat()).toMatchObject([{ kind: 'ProduceResponse', error: 'NOT_LEADER_OR_FOLLOWER', record: 3 }]);
    expect(draft.log(A)).toBe(draft.base.logs[A]);
  });

  it('up to 0.9 let them wait on, and completes them once it leads again (KAFKA-2960)', () => {
    const rules = { 'waiting-produce-ends-with-leadership': 'no' } as const;
    const outlives = applied({ rules }, A, { leader: B }, (s) => withLeading(s, A, { waiting }));
    expect(outlives.finish().channels.flat()).toEqual([]);
    expect(outlives.replica(A)).toMatchObject({ leading: null, outlived: waiting });
    const again = applied({ rules }, A, {}, (s) => withReplica(s, A, { ...outlives.replica(A) }));
    expect(again.replica(A).leading?.waiting).toEqual(waiting);
    expect(again.replica(A)).not.toHaveProperty('outlived');
  });

  it('follows in the new epoch with its high watermark as it was', () => {
    expect(draft.replica(A)).toEqual({
      leader: B,
      leaderEpoch: 3,
      partitionEpoch: 6,
      highWatermark: 2,
      leading: null,
      fetcher: { state: 'fetching', leader: B, leaderEpoch: 3 },
    });
  });

  it('stops where nobody leads', () => {
    const none = applied({}, A, { leader: -1 });
    expect(none.replica(A)).toMatchObject({ leader: -1, leading: null, fetcher: null });
  });
});

describe('metadata without a leader', () => {
  const nobody = (rule: 'skipped' | 'applied', broker: number): Draft =>
    applied({ rules: { 'metadata-without-leader': rule } }, broker, { leader: -1 });

  it('ends leading and fetching (3.3)', () => {
    expect(nobody('applied', A).replica(A)).toMatchObject({ leader: -1, leaderEpoch: 3, leading: null });
    expect(nobody('applied', B).replica(B).fetcher).toBeNull();
  });

  it('left everybody as they were up to 3.2: a leader led on', () => {
    for (const broker of [A, B]) {
      const draft = nobody('skipped', broker);
      expect(draft.replica(broker)).toBe(draft.base.replicas[broker]);
    }
  });
});

describe('a follower starts to fetch anew', () => {
  const rule = (value: 'leader-changed' | 'leader-changed-or-epoch-skipped' | 'epoch-grew'): Wanted => ({
    rules: { 'follower-restarts-fetching': value, 'follower-truncation': 'high-watermark' },
  });
  const fetcher: Replica['fetcher'] = { state: 'failed', leader: A, leaderEpoch: 2 };

  it.each([
    ['the same leader, the next epoch', A, 3, false, false, true],
    ['the same leader, an epoch skipped', A, 4, false, true, true],
    ['another leader, the next epoch', C, 3, true, true, true],
    ['the same leader, the same epoch', A, 2, false, false, false],
  ])('%s (leader %i, epoch %i): 2.0.0 %s, 2.0.1 %s, 2.1 %s', (_, leader, leaderEpoch, ...expected) => {
    const restarted = (['leader-changed', 'leader-changed-or-epoch-skipped', 'epoch-grew'] as const).map(
      (value) => {
        const draft = applied(rule(value), B, { leader, leaderEpoch }, (s) => withReplica(s, B, { fetcher }));
        // Starting over is what cuts the log.
        return logEnd(draft.log(B)) === 2;
      },
    );
    expect(restarted).toEqual(expected);
  });

  it('and else goes on in the new epoch, also where it had failed in the old one', () => {
    const draft = applied(rule('leader-changed'), B, { leaderEpoch: 3 }, (s) =>
      withReplica(s, B, { fetcher }),
    );
    expect(draft.replica(B).fetcher).toEqual({ state: 'fetching', leader: A, leaderEpoch: 3 });
  });

  it('which also ends a failure in the old epoch', () => {
    const draft = applied({}, B, {}, (s) => withReplica(s, B, { fetcher }));
    expect(draft.replica(B).fetcher).toEqual({ state: 'fetching', leader: A, leaderEpoch: 3 });
  });

  it('not from a leader that nobody has registered', () => {
    const stranger = (s: State): State => withMetadata(s, { registrations: { [C]: { epoch: -1 } } });
    expect(applied({}, B, { leader: C }, stranger).replica(B).fetcher).toBeNull();
  });

  it.each([
    ['outside the ISR', { isr: setIn('A') }, null],
    ['without a leader', { leader: -1, isr: setIn('AB') }, null],
    ['in the ISR', { isr: setIn('AB') }, { state: 'fetching', leader: A, leaderEpoch: 3 }],
  ])('while it shuts down, %s', (_, partition, expected) => {
    const stopping = (s: State): State => withProcess(s, B, { status: 'pending-controlled-shutdown' });
    expect(applied({}, B, partition, stopping).replica(B).fetcher).toEqual(expected);
  });
});

it('a broker outside the assignment takes no part', () => {
  const play = new Play({ assignment: [A, B] });
  const draft = new Draft(play.machine.model, play.state);
  applyPartitionMetadata(draft, C, newestImage(draft.metadata));
  expect(draft.finish().replicas).toBe(play.state.replicas);
});
