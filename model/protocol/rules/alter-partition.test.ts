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
import { CONTROLLER } from '../base/party.ts';
import { at, Draft } from '../draft.ts';
import type { ActionCode } from '../machine.ts';
import type { Proposal } from '../state/broker.ts';
import { ABANDONED, type MessageOf } from '../state/message.ts';
import { newestImage } from '../state/metadata.ts';
import type { State } from '../state/state.ts';
import { handleAlterPartition, handleAlterPartitionResponse } from './alter-partition.ts';

const EPOCH = 4;
const VERSION = 9;

/** The controller: A leads in epoch 4, partition epoch 9, ISR {A, B}. */
function controller(wanted: Wanted, change: (state: State) => State): Draft {
  const { machine } = new Play(wanted);
  const partition = { isr: setIn('AB'), leaderEpoch: EPOCH, partitionEpoch: VERSION };
  return new Draft(machine.model, change(withMetadata(machine.initial, { partition })));
}

type Request = MessageOf<'AlterPartition'>;
interface Asked {
  readonly from?: number;
  readonly brokerEpoch?: number;
  readonly isr?: string;
  readonly proposal?: Partial<Proposal>;
}

// prettier-ignore
const request = ({ from = A, brokerEpoch = from, isr = 'ABC', proposal }: Asked): Request => ({
  kind: 'AlterPartition',
  from,
  to: CONTROLLER,
  incarnation: 0,
  brokerEpoch,
  proposal: { leaderEpoch: EPOCH, partitionEpoch: VERSION, isr: setIn(isr), brokerEpochs: [0, -1, 2], ...proposal },
});

// prettier-ignore
function answerTo(wanted: Wanted, change: (state: State) => State, asked: Asked): MessageOf<'AlterPartitionResponse'> {
  const draft = controller(wanted, change);
  const asking = request(asked);
  handleAlterPartition(draft, asking);
  const answer = at(draft.finish().channels.flat(), 0);
  if (answer.kind !== 'AlterPartitionResponse') throw new Error('no answer');
  const refused = answer.error !== 'NONE' && answer.error !== 'NEW_LEADER_ELECTED';
  expect(draft.metadata === draft.base.metadata, 'a refused change is not made').toBe(refused);
  return answer;
}

const same = (state: State): State => state;
// prettier-ignore
const fenced = (broker: number) => (state: State) => withMetadata(state, { registrations: { [broker]: { fenced: true } } });
// prettier-ignore
const shuttingDown = (broker: number) => (state: State) => withMetadata(state, { registrations: { [broker]: { inControlledShutdown: true } } });

describe('the controller answers a proposed ISR', () => {
  // prettier-ignore
  it.each<readonly [string, string, Wanted, (state: State) => State, Asked]>([
    ['that is in order', 'NONE', {}, same, {}],
    ['of an earlier life of its sender', 'STALE_BROKER_EPOCH', {}, same, { brokerEpoch: 7 }],
    ['with a higher leader epoch', 'NOT_CONTROLLER', {}, same, { proposal: { leaderEpoch: EPOCH + 1 } }],
    ['with a higher partition epoch', 'NOT_CONTROLLER', {}, same, { proposal: { partitionEpoch: VERSION + 1 } }],
    ['with a lower leader epoch', 'FENCED_LEADER_EPOCH', {}, same, { proposal: { leaderEpoch: EPOCH - 1 } }],
    ['of a broker that does not lead', 'INVALID_REQUEST', {}, same, { from: B }],
    ['with a lower partition epoch', 'INVALID_UPDATE_VERSION', {}, same, { proposal: { partitionEpoch: VERSION - 1 } }],
    ['without its leader', 'INVALID_REQUEST', {}, same, { isr: 'BC' }],
    ['with a stranger to the assignment', 'INVALID_REQUEST', { assignment: [A, B] }, same, { isr: 'ABC' }],
    ['with a fenced member', 'INELIGIBLE_REPLICA', {}, fenced(C), {}],
    ['with a member that shuts down', 'INELIGIBLE_REPLICA', {}, shuttingDown(C), {}],
    ['with an earlier life of a member', 'INELIGIBLE_REPLICA', {}, same, { proposal: { brokerEpochs: [0, -1, 1] } }],
    ['with a later life of a member than it knows', 'INELIGIBLE_REPLICA', {}, same, { proposal: { brokerEpochs: [0, -1, 7] } }],
    ['that shrinks below min.insync.replicas: nobody checks that', 'NONE', {}, same, { isr: 'A' }],
    ['that shrinks and keeps a fenced member', 'INELIGIBLE_REPLICA', {}, fenced(B), { isr: 'AB' }],
    ['before 3.3: with a higher leader epoch', 'FENCED_LEADER_EPOCH', { rules: { 'newer-alter-partition-answer': 'fenced' } }, same, { proposal: { leaderEpoch: EPOCH + 1 } }],
    ['before 3.3: with a higher partition epoch', 'INVALID_UPDATE_VERSION', { rules: { 'newer-alter-partition-answer': 'fenced' } }, same, { proposal: { partitionEpoch: VERSION + 1 } }],
    ['before 3.3: with a fenced member', 'NONE', { rules: { 'fenced-replicas-kept-out': 'no' } }, fenced(C), {}],
    ['before 3.5: which names no broker epochs', 'NONE', { release: '3.3' }, same, { proposal: { brokerEpochs: [-1, -1, -1] } }],
  ])('%s: %s', (_, error, wanted, change, asked) => {
    expect(answerTo(wanted, change, asked).error).toBe(error);
  });

  // prettier-ignore
  it.each<readonly [string, readonly string[]]>([
    ['broker epoch before everything', ['STALE_BROKER_EPOCH', 'brokerEpoch', 'leaderEpoch+']],
    ['leader epoch above before leader epoch below', ['NOT_CONTROLLER', 'leaderEpoch-', 'partitionEpoch+']],
    ['leader epoch before who leads', ['FENCED_LEADER_EPOCH', 'leaderEpoch-', 'from']],
    ['who leads before the partition epoch', ['INVALID_REQUEST', 'from', 'partitionEpoch-']],
    ['partition epoch before the ISR', ['INVALID_UPDATE_VERSION', 'partitionEpoch-', 'isr']],
    ['the ISR before its members', ['INVALID_REQUEST', 'isr', 'fenced']],
  ])('looking at %s', (_, [error, ...wrong]) => {
    const asked: Asked = {
      ...(wrong.includes('from') ? { from: B } : {}),
      ...(wrong.includes('brokerEpoch') ? { brokerEpoch: 7 } : {}),
      ...(wrong.includes('isr') ? { isr: 'BC' } : {}),
      proposal: {
        leaderEpoch: EPOCH + (wrong.includes('leaderEpoch+') ? 1 : wrong.includes('leaderEpoch-') ? -1 : 0),
        partitionEpoch: VERSION + (wrong.includes('partitionEpoch+') ? 1 : wrong.includes('partitionEpoch-') ? -1 : 0),
      },
    };
    expect(answerTo({}, wrong.includes('fenced') ? fenced(C) : same, asked).error).toBe(error);
  });

  it('with the new ISR and partition epoch, and the old leader epoch', () => {
    const answer = answerTo({}, same, {});
    expect(answer).toMatchObject({ isr: setIn('ABC'), leaderEpoch: EPOCH, partitionEpoch: VERSION + 1 });
  });

  it('with a new leader epoch where it shrinks, up to 3.5', () => {
    const proposal = { brokerEpochs: [-1, -1, -1] };
    const answer = answerTo({ release: '3.3' }, same, { isr: 'A', proposal });
    expect(answer).toMatchObject({ isr: setIn('A'), leaderEpoch: EPOCH + 1 });
  });

  it('with the state as it is where nothing changes', () => {
    const draft = controller({}, same);
    handleAlterPartition(draft, request({ isr: 'AB' }));
    expect(draft.metadata).toBe(draft.base.metadata);
    expect(draft.finish().channels.flat()).toMatchObject([{ error: 'NONE', partitionEpoch: VERSION }]);
  });

  it('a second time with INVALID_UPDATE_VERSION: it is not idempotent', () => {
    const draft = controller({}, same);
    handleAlterPartition(draft, request({}));
    handleAlterPartition(draft, request({}));
    expect(draft.finish().channels.flat()).toMatchObject([
      { error: 'NONE' },
      { error: 'INVALID_UPDATE_VERSION' },
    ]);
  });

  it('a second time with what it is already, where ZooKeeper mode did', () => {
    const draft = controller({ rules: { 'repeated-alter-partition': 'accepted-if-equal' } }, same);
    handleAlterPartition(draft, request({}));
    const { metadata } = draft;
    handleAlterPartition(draft, request({}));
    expect(draft.metadata).toBe(metadata);
    expect(draft.finish().channels.flat()).toMatchObject([
      { error: 'NONE', partitionEpoch: VERSION + 1 },
      { error: 'NONE', partitionEpoch: VERSION + 1 },
    ]);
  });

  it.each<readonly ['handled' | 'refused', string, number]>([
    ['handled', 'and then the late copy, which moves the partition epoch', VERSION + 1],
    ['refused', 'and drops the late copy', VERSION],
  ])('a repeat with INELIGIBLE_REPLICA, late copies being %s, %s', (copies, _, partitionEpoch) => {
    const { machine } = new Play({ rules: { 'late-alter-partition-copy': copies } });
    const asked = new Draft(machine.model, fenced(C)(controller({}, same).finish()));
    asked.send({ ...request({}), incarnation: ABANDONED });
    asked.send(request({}));
    const copy = (nth: number): ActionCode => {
      const code = machine.encode({ kind: 'handle-alter-partition', from: A, to: CONTROLLER, nth });
      if (code === undefined) throw new Error('no such action');
      return code;
    };
    const refused = machine.step(asked.finish(), copy(1)).state;
    const unfenced = withMetadata(refused, { registrations: { [C]: { fenced: false } } });

    const comes = machine.refusal(unfenced, copy(0)) === undefined;
    const after = comes ? machine.step(unfenced, copy(0)).state : unfenced;
    expect(at(newestImage(after.metadata).partitions, 0).partitionEpoch).toBe(partitionEpoch);
    expect(after.channels.flat()).toMatchObject([{ error: 'INELIGIBLE_REPLICA' }]);
  });

  it('with NEW_LEADER_ELECTED where the change moves the leadership away from its sender', () => {
    const old = { rules: { 'fenced-replicas-kept-out': 'no' } } as const;
    const answer = answerTo(old, fenced(A), { isr: 'AB' });
    expect(answer).toMatchObject({ error: 'NEW_LEADER_ELECTED', isr: 0 });
  });

  it('not at all where its sender listens no more', () => {
    const draft = controller({}, (s) => withProcess(s, A, { incarnation: 1 }));
    handleAlterPartition(draft, request({}));
    expect(draft.metadata).not.toBe(draft.base.metadata);
    expect(draft.finish().channels.flat()).toEqual([]);
  });
});

describe('the leader takes an answer', () => {
  const pending = request({}).proposal;

  /** A leads with ISR {A, B}, has proposed {A, B, C} and waits. */
  function leader(change: (state: State) => State, wanted: Wanted = {}): Draft {
    const { machine } = new Play(wanted);
    let state = withLog(machine.initial, A, EPOCH, EPOCH);
    state = withReplica(state, A, { leaderEpoch: EPOCH, partitionEpoch: VERSION, highWatermark: 0 });
    state = withLeading(state, A, { committedIsr: setIn('AB'), pending });
    state = withRemote(withRemote(state, A, B, { logEndOffset: 2 }), A, C, { logEndOffset: 1 });
    return new Draft(machine.model, change(withProcess(state, A, { alterPartition: pending })));
  }

  const response = (
    change: Partial<MessageOf<'AlterPartitionResponse'>>,
  ): MessageOf<'AlterPartitionResponse'> => ({
    kind: 'AlterPartitionResponse',
    from: CONTROLLER,
    to: A,
    error: 'NONE',
    isr: setIn('ABC'),
    leaderEpoch: EPOCH,
    partitionEpoch: VERSION + 1,
    ...change,
  });

  /** `ISR / pending or not / sent again or not / partition epoch`. */
  // prettier-ignore
  const outcome = (change: (state: State) => State, answer: Partial<MessageOf<'AlterPartitionResponse'>>): string => {
    const draft = leader(change);
    handleAlterPartitionResponse(draft, A, response(answer));
    const { leading, partitionEpoch } = draft.replica(A);
    return [
      namesOf(leading?.committedIsr ?? 0),
      leading?.pending === null ? 'settled' : 'pending',
      draft.process(A).alterPartition === null ? 'done' : 'again',
      String(partitionEpoch - VERSION),
    ].join(' / ');
  };

  // prettier-ignore
  it.each<readonly [string, string, (state: State) => State, Partial<MessageOf<'AlterPartitionResponse'>>]>([
    ['success', 'ABC / settled / done / 1', same, {}],
    ['success without any change', 'AB / settled / done / 0', same, { isr: setIn('AB'), partitionEpoch: VERSION }],
    ['success in another leader epoch: waits for metadata', 'AB / pending / done / 0', same, { leaderEpoch: EPOCH + 1 }],
    ['success older than what it knows: waits for metadata', 'AB / pending / done / 0', same, { partitionEpoch: VERSION - 1 }],
    ['success for a change that metadata has overtaken', 'AB / settled / done / 0', (s) => withLeading(s, A, { pending: null }), {}],
    ['success for another change than the pending one', 'AB / pending / done / 0', (s) => withLeading(s, A, { pending: { ...pending, isr: setIn('A') } }), {}],
    ['ineligible replica: back to the committed ISR', 'AB / settled / done / 0', same, { error: 'INELIGIBLE_REPLICA' }],
    ['not attempted: back to the committed ISR', 'AB / settled / done / 0', same, { error: 'OPERATION_NOT_ATTEMPTED' }],
    ['fenced: waits for metadata', 'AB / pending / done / 0', same, { error: 'FENCED_LEADER_EPOCH' }],
    ['another version: waits for metadata', 'AB / pending / done / 0', same, { error: 'INVALID_UPDATE_VERSION' }],
    ['invalid: waits for metadata', 'AB / pending / done / 0', same, { error: 'INVALID_REQUEST' }],
    ['another leader: waits for metadata', 'AB / pending / done / 0', same, { error: 'NEW_LEADER_ELECTED' }],
    ['not controller: the same once more', 'AB / pending / again / 0', same, { error: 'NOT_CONTROLLER' }],
    ['stale broker epoch: the same once more', 'AB / pending / again / 0', same, { error: 'STALE_BROKER_EPOCH' }],
  ])('%s: %s', (_, expected, change, answer) => {
    expect(outcome(change, answer)).toBe(expected);
  });

  it('and lets the high watermark move if the new ISR allows it', () => {
    const draft = leader((s) => withLeading(s, A, { pending: { ...pending, isr: setIn('A') } }));
    draft.setProcess(A, { ...draft.process(A), alterPartition: draft.replica(A).leading?.pending ?? null });
    handleAlterPartitionResponse(draft, A, response({ isr: setIn('AB') }));
    expect(draft.replica(A).highWatermark).toBe(2);
  });

  it('and up to 3.0 left the high watermark to the next fetch (KAFKA-13091)', () => {
    const draft = leader(same, { rules: { 'isr-answer-advances-high-watermark': 'no' } });
    handleAlterPartitionResponse(draft, A, response({}));
    expect(draft.replica(A).highWatermark).toBe(0);
  });

  it('and does nothing once it leads no more', () => {
    const draft = leader((s) => withReplica(s, A, { leading: null }));
    handleAlterPartitionResponse(draft, A, response({}));
    expect(draft.replica(A)).toBe(draft.base.replicas[A]);
    expect(draft.process(A).alterPartition).toBeNull();
  });
});
