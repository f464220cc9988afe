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
  withRemote,
  withReplica,
  type Wanted,
} from '../../testing.ts';
import { Draft } from '../draft.ts';
import type { Proposal } from '../state/broker.ts';
import type { State } from '../state/state.ts';
import { completeProduces, maybeAdvanceHighWatermark } from './high-watermark.ts';

const proposal = (isr: string): Proposal => ({
  leaderEpoch: 0,
  partitionEpoch: 0,
  isr: setIn(isr),
  brokerEpochs: [-1, -1, -1],
});

/** A leads with log end 6 and high watermark 1; B is at 4, C at 2; nobody was caught up lately. */
function situation(wanted: Wanted, isr: string, change: (state: State) => State): Draft {
  const { machine } = new Play(wanted);
  let state = withLog(machine.initial, A, 0, 0, 0, 0, 0, 0);
  state = withReplica(state, A, { highWatermark: 1 });
  state = withLeading(state, A, { committedIsr: setIn(isr) });
  state = withRemote(state, A, B, { logEndOffset: 4, caughtUpRecently: false, brokerEpoch: 1 });
  state = withRemote(state, A, C, { logEndOffset: 2, caughtUpRecently: false, brokerEpoch: 2 });
  return new Draft(machine.model, change(state));
}

const m = (minInsyncReplicas: number): Wanted => ({ minInsyncReplicas });
const lately = { caughtUpRecently: true };

describe('the high watermark of a leader with log end 6, B at 4, C at 2', () => {
  // prettier-ignore
  it.each<readonly [string, string, Wanted, number, (state: State) => State]>([
    ['is the lowest log end in the ISR', 'ABC', {}, 2, (s) => s],
    ['does not wait for who is not in it', 'AB', {}, 4, (s) => s],
    ['is the leader’s log end when it is alone', 'A', m(1), 6, (s) => s],
    ['stays while a member has not fetched in this epoch', 'ABC', {}, 1, (s) => withRemote(s, A, C, { logEndOffset: -1 })],
    ['never goes back', 'ABC', {}, 3, (s) => withReplica(s, A, { highWatermark: 3 })],
    ['waits for who is about to join', 'AB', {}, 2, (s) => withLeading(s, A, { pending: proposal('ABC') })],
    ['waits for who is about to leave', 'ABC', {}, 2, (s) => withLeading(s, A, { pending: proposal('AB') })],
    ['without maximal ISR does not wait for who is about to join', 'AB', { rules: { 'high-watermark-waits-for': 'committed-isr' } }, 4, (s) => withLeading(s, A, { pending: proposal('ABC') })],
    ['stays below min.insync.replicas', 'A', m(2), 1, (s) => s],
    ['stays below min.insync.replicas though somebody is about to join', 'A', m(2), 1, (s) => withLeading(s, A, { pending: proposal('AB') })],
    ['moves below min.insync.replicas up to 3.6', 'A', { ...m(2), release: '3.6' }, 6, (s) => s],
    ['a minimum above the number of replicas is capped', 'ABC', m(5), 2, (s) => s],
    ['waits for a caught-up replica that may join', 'AB', {}, 2, (s) => withRemote(s, A, C, lately)],
    ['does not wait for a caught-up replica that is fenced', 'AB', {}, 4, (s) => withMetadata(withRemote(s, A, C, lately), { registrations: { [C]: { fenced: true } } })],
    ['up to 3.5 waits for a caught-up replica that is fenced', 'AB', { release: '3.3' }, 2, (s) => withMetadata(withRemote(s, A, C, lately), { registrations: { [C]: { fenced: true } } })],
    ['does not wait for a caught-up replica of an earlier life', 'AB', {}, 4, (s) => withRemote(s, A, C, { ...lately, brokerEpoch: 0 })],
    ['with that rule off waits for nobody outside the ISR', 'AB', { rules: { 'high-watermark-waits-for-caught-up': 'no' } }, 4, (s) => withRemote(s, A, C, lately)],
    ['does not wait for a caught-up stranger to the assignment', 'AB', { brokers: 3, assignment: [0, 1] }, 4, (s) => withRemote(s, A, C, lately)],
  ])('%s (ISR %s)', (_, isr, wanted, expected, change) => {
    const draft = situation(wanted, isr, change);
    maybeAdvanceHighWatermark(draft, A);
    expect(draft.replica(A).highWatermark).toBe(expected);
    const advanced = draft.events.filter(({ type }) => type === 'high-watermark-advanced');
    const before = draft.base.replicas[A]?.highWatermark;
    expect(advanced).toEqual(expected === before ? [] : [expect.objectContaining({ broker: A, from: before, to: expected })]);
  });

  it('commits the records that it passes', () => {
    const draft = situation({}, 'AB', (s) => s);
    maybeAdvanceHighWatermark(draft, A);
    expect(draft.events[0]).toMatchObject({ from: 1, to: 4, leaderEpoch: 0, entries: [1, 2, 3] });
  });

  it('is nobody’s but a leader’s to advance', () => {
    const draft = situation({}, 'AB', (s) => s);
    maybeAdvanceHighWatermark(draft, B);
    expect(draft.events).toEqual([]);
  });
});

describe('a waiting acks=all request for record 2', () => {
  const waiting = { producer: 0, record: 2, requiredOffset: 3 };
  const verdict = (wanted: Wanted, isr: string, highWatermark: number, pending: string): string => {
    const draft = situation(wanted, isr, (s) =>
      withLeading(withReplica(s, A, { highWatermark }), A, {
        waiting: [waiting],
        pending: pending === '-' ? null : proposal(pending),
      }),
    );
    completeProduces(draft, A);
    const [answer] = draft.finish().channels.flat();
    if (answer?.kind !== 'ProduceResponse') return 'waits';
    expect(draft.replica(A).leading?.waiting).toEqual([]);
    expect(answer.offset).toBe(answer.error === 'NONE' ? 2 : -1);
    return answer.error;
  };

  // prettier-ignore
  it.each<readonly [string, Wanted, string, number, string, string]>([
    ['below the high watermark', {}, 'AB', 2, '-', 'waits'],
    ['once the high watermark has passed', {}, 'AB', 3, '-', 'NONE'],
    ['passed, but the ISR is too small by now', {}, 'A', 3, '-', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'],
    ['passed, the ISR is too small, but somebody is about to join', {}, 'A', 3, 'AB', 'NONE'],
    ['passed, and somebody is about to leave', {}, 'AB', 3, 'A', 'NONE'],
    ['passed, with a minimum above the number of replicas', m(5), 'ABC', 3, '-', 'NONE'],
    ['passed, the same before 3.7', { ...m(5), release: '3.6' }, 'ABC', 3, '-', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'],
  ])('%s (%j, ISR %s, high watermark %i, pending %s): %s', (_, wanted, isr, highWatermark, pending, expected) => {
    expect(verdict(wanted, isr, highWatermark, pending)).toBe(expected);
  });

  it('is looked at when the high watermark moves, not when the ISR does', () => {
    const draft = situation({}, 'ABC', (s) => withLeading(s, A, { waiting: [waiting] }));
    maybeAdvanceHighWatermark(draft, A);
    expect(draft.finish().channels.flat()).toEqual([]);
    draft.setReplica(A, withRemote(draft.finish(), A, C, { logEndOffset: 3 }).replicas[A]!);
    maybeAdvanceHighWatermark(draft, A);
    expect(draft.finish().channels.flat()).toMatchObject([
      { kind: 'ProduceResponse', error: 'NONE', record: 2 },
    ]);
  });
});
