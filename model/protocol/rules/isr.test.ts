import { describe, expect, it } from 'vitest';
import {
  A,
  B,
  C,
  namesOf,
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
import type { Proposal } from '../state/broker.ts';
import type { State } from '../state/state.ts';
import { isCaughtUp, maximalIsr, mayExpand, outOfSync, propose } from './isr.ts';

/** A leads in epoch 2 from offset 3 on, has 5 records and high watermark 4; B is in sync, C is not. */
function situation(wanted: Wanted): { readonly draft: (change?: (state: State) => State) => Draft } {
  const { machine } = new Play(wanted);
  let state = withLog(machine.initial, A, 1, 1, 1, 2, 2);
  state = withReplica(state, A, { leaderEpoch: 2, highWatermark: 4 });
  state = withLeading(state, A, { committedIsr: setIn('AB'), epochStart: 3 });
  state = withRemote(state, A, C, { logEndOffset: 4, brokerEpoch: 2 });
  return { draft: (change = (same) => same) => new Draft(machine.model, change(state)) };
}

const proposal = (isr: string, change: Partial<Proposal> = {}): Proposal => ({
  leaderEpoch: 2,
  partitionEpoch: 0,
  isr: setIn(isr),
  brokerEpochs: [-1, -1, -1],
  ...change,
});

describe('a follower outside the ISR is proposed for it', () => {
  const release33 = { release: '3.3' } as const;
  const release36 = { release: '3.6' } as const;
  const no = (rule: string, value: string): Wanted => ({ rules: { [rule]: value } });

  // prettier-ignore
  it.each<readonly [string, boolean, Wanted, (state: State) => State]>([
    ['when it has all that is asked', true, {}, (s) => s],
    ['not below the high watermark', false, {}, (s) => withRemote(s, A, C, { logEndOffset: 3 })],
    ['though it lacks the leader’s newest records', true, {}, (s) => withLog(s, A, 1, 1, 1, 2, 2, 2, 2)],
    ['not below the start of the leader epoch', false, {}, (s) => withRemote(withReplica(s, A, { highWatermark: 1 }), A, C, { logEndOffset: 2 })],
    ['before 2.1 from below that start too', true, no('expansion-needs-epoch-start', 'no'), (s) => withRemote(withReplica(s, A, { highWatermark: 1 }), A, C, { logEndOffset: 2 })],
    ['not while it is fenced', false, {}, (s) => withMetadata(s, { registrations: { [C]: { fenced: true } } })],
    ['not while it shuts down', false, {}, (s) => withMetadata(s, { registrations: { [C]: { inControlledShutdown: true } } })],
    ['before 3.3 also while it shuts down', true, { rules: { 'fenced-replicas-kept-out': 'no', 'broker-epoch-checked-in': 'nothing' } }, (s) => withMetadata(s, { registrations: { [C]: { inControlledShutdown: true } } })],
    ['before 3.3 also while it is fenced', true, { rules: { 'fenced-replicas-kept-out': 'no', 'broker-epoch-checked-in': 'nothing' } }, (s) => withMetadata(s, { registrations: { [C]: { fenced: true } } })],
    ['not if it fetched with the epoch of an earlier life', false, release36, (s) => withRemote(s, A, C, { brokerEpoch: 1 })],
    ['not if the leader’s metadata does not know its new life yet', false, release36, (s) => withRemote(s, A, C, { brokerEpoch: 7 })],
    ['before 3.5 whatever life it fetched in', true, release33, (s) => withRemote(s, A, C, { brokerEpoch: 1 })],
    ['if it fetched without a broker epoch', true, release36, (s) => withRemote(s, A, C, { brokerEpoch: -1 })],
    ['not if no fetch told a broker epoch', false, release36, (s) => withRemote(s, A, C, { brokerEpoch: -2 })],
    ['not while a change is pending', false, {}, (s) => withLeading(s, A, { pending: proposal('A') })],
    ['not while an earlier change waits for its answer', false, {}, (s) => withProcess(s, A, { alterPartition: proposal('A') })],
    ['not if it is in the ISR', false, {}, (s) => withLeading(s, A, { committedIsr: setIn('ABC') })],
  ])('%s: %s', (_, expected, wanted, change) => {
    expect(mayExpand(situation(wanted).draft(change), A, C)).toBe(expected);
  });

  // prettier-ignore
  it('together with the broker epochs that the leader saw, from 3.5 on', () => {
    for (const [release, epochs] of [['3.3', [-1, -1, -1]], ['3.6', [0, -1, 2]]] as const) {
      const draft = situation({ release }).draft();
      propose(draft, A, setIn('ABC'));
      // B has not fetched in this epoch: -1 tells the controller not to compare.
      expect(draft.process(A).alterPartition).toEqual(proposal('ABC', { brokerEpochs: [...epochs] }));
      expect(draft.replica(A).leading?.pending).toBe(draft.process(A).alterPartition);
    }
  });
});

describe('the maximal ISR', () => {
  // prettier-ignore
  it.each<readonly [string, string, Wanted['rules'] & object, string, string]>([
    ['nothing pending', '-', {}, 'AB', 'AB'],
    ['somebody is to join: counts already', 'ABC', {}, 'AB', 'ABC'],
    ['somebody is to leave: counts still', 'A', {}, 'AB', 'AB'],
    ['before 2.7 only what is committed counts', 'ABC', { 'high-watermark-waits-for': 'committed-isr' }, 'AB', 'AB'],
  ])('%s (%s)', (_, pending, rules, committed, expected) => {
    const draft = situation({ rules }).draft((s) =>
      withLeading(s, A, { committedIsr: setIn(committed), pending: pending === '-' ? null : proposal(pending) }),
    );
    const { leading } = draft.replica(A);
    if (leading === null) throw new Error('A leads');
    expect(namesOf(maximalIsr(draft.model, leading))).toBe(expected);
  });
});

describe('an ISR member is out of sync', () => {
  const equalEnd = { logEndOffset: 5, caughtUpRecently: false };
  const lagging = { logEndOffset: 4, caughtUpRecently: false };

  // prettier-ignore
  it.each<readonly [string, string, Wanted, (state: State) => State]>([
    ['when it is behind and was not caught up lately', 'B', {}, (s) => withRemote(s, A, B, lagging)],
    ['not when it was caught up lately', '-', {}, (s) => withRemote(s, A, B, { ...lagging, caughtUpRecently: true })],
    ['not when it has everything, however long ago it fetched', '-', {}, (s) => withRemote(s, A, B, equalEnd)],
    ['before 2.1 also when it has everything', 'B', { rules: { 'shrink-spares-equal-log-end': 'no' } }, (s) => withRemote(s, A, B, equalEnd)],
    ['together with all others that are', 'BC', {}, (s) => withRemote(withRemote(withLeading(s, A, { committedIsr: setIn('ABC') }), A, B, lagging), A, C, lagging)],
    ['not while a change is pending', '-', {}, (s) => withLeading(withRemote(s, A, B, lagging), A, { pending: proposal('ABC') })],
    ['only if it is a member at all', '-', {}, (s) => withRemote(s, A, C, { logEndOffset: 0, caughtUpRecently: false })],
  ])('%s: %s', (_, expected, wanted, change) => {
    const draft = situation(wanted).draft(change);
    expect(namesOf(outOfSync(draft.model, draft.replica(A), 5, A))).toBe(expected);
  });

  it('never the leader itself', () => {
    const draft = situation({}).draft((s) => withLeading(s, A, { committedIsr: setIn('A') }));
    expect(outOfSync(draft.model, draft.replica(A), 5, A)).toBe(0);
  });
});

describe('a follower is caught up', () => {
  // prettier-ignore
  it.each([
    [5, true, true],
    [4, true, true],
    [5, false, true],
    [4, false, false],
    [-1, false, false],
  ])('with log end %i of 5, lately %s: %s', (logEndOffset, caughtUpRecently, expected) => {
    const { model } = situation({}).draft();
    const remote = { logEndOffset, caughtUpRecently, lastFetchLeaderLogEndOffset: 0, fetchedRecently: false, brokerEpoch: -1 };
    expect(isCaughtUp(model, remote, 5)).toBe(expected);
  });
});
