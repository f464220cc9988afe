import { describe, expect, it } from 'vitest';
import { A, B, C, configFor, idsIn, namesOf, Play, setIn, type Wanted } from '../../testing.ts';
import { compile } from '../config.ts';
import type { PartitionRegistration } from '../state/metadata.ts';
import { mayRevert, reassign, revert } from './reassignment.ts';
import { brokerChangesPartition, changePartition, type ChangedPartition } from './partition-change.ts';
import { NO_LEADER } from '../state/replica.ts';

const D = 3;

/** `ABC | A | AB`: replicas, leader and ISR; then what is added and removed, where something is. Leader epoch 5. */
type Situation = string;

function registration(situation: Situation): PartitionRegistration {
  const [replicas = '', leader = '', isr = '', adding = '-', removing = '-'] = situation.split(' | ');
  return {
    replicas: idsIn(replicas),
    isr: setIn(isr),
    elr: 0,
    lastKnownLeader: -1,
    leader: idsIn(leader)[0] ?? -1,
    leaderEpoch: 5,
    partitionEpoch: 7,
    leaderRecoveryState: 'RECOVERED',
    ...(setIn(adding + removing) === 0
      ? {}
      : { reassignment: { adding: setIn(adding), removing: setIn(removing) } }),
  };
}

function situation(changed: ChangedPartition | undefined): string {
  if (changed === undefined) return 'no change';
  const { replicas, leader, isr, reassignment, leaderEpoch } = changed.partition;
  const parts = [
    replicas.map((id) => 'ABCDE'[id]).join(''),
    leader < 0 ? '-' : namesOf(1 << leader),
    namesOf(isr),
  ];
  if (reassignment !== undefined) parts.push(namesOf(reassignment.adding), namesOf(reassignment.removing));
  return `${parts.join(' | ')}, epoch ${leaderEpoch}`;
}

const modelOf = (wanted: Wanted) => compile(configFor({ brokers: 5, assignment: [A, B, C], ...wanted }));

const imageOf = (partition: PartitionRegistration) => ({
  registrations: [0, 1, 2, 3, 4].map((epoch) => ({
    ...{ epoch, incarnation: 0, fenced: false, inControlledShutdown: false },
  })),
  partitions: [partition],
});

describe('a request for other replicas', () => {
  it.each<readonly [string, Situation, string, string]>([
    ['adds first, and moves no leader epoch', 'ABC | A | ABC', 'BCD', 'BCDA | A | ABC | D | A, epoch 5'],
    ['only adds', 'AB | A | AB', 'ABC', 'ABC | A | AB | C | -, epoch 5'],
    ['is done at once where it only orders anew', 'ABC | A | ABC', 'CAB', 'CAB | A | ABC, epoch 5'],
    ['is done at once where it only removes', 'ABC | A | ABC', 'AB', 'AB | A | AB, epoch 6'],
    ['elects anew where the leader goes', 'ABC | A | ABC', 'BC', 'BC | B | BC, epoch 6'],
    ['waits while nobody who stays is in sync', 'ABC | A | A', 'BC', 'BCA | A | A | - | A, epoch 5'],
    [
      'takes the place of one under way',
      'BCDA | A | ABC | D | A',
      'BCE',
      'BCEAD | A | ABC | E | AD, epoch 5',
    ],
    // The set of what is added is left alone where nothing new is added: D is added and removed.
    ['may ask for the old replicas', 'BCDA | B | BC | D | A', 'ABC', 'ABCD | B | BC | D | D, epoch 5'],
    ['is nothing where nothing changes', 'ABC | A | AB', 'ABC', 'no change'],
  ])('%s: %s', (_, before, target, after) => {
    expect(situation(reassign(modelOf({}), imageOf(registration(before)), idsIn(target)))).toBe(after);
  });
});

describe('a reassignment under way', () => {
  const joins = (before: Situation, isr: string, wanted: Wanted): string =>
    situation(
      changePartition(modelOf(wanted), registration(before), {
        targetIsr: setIn(isr),
        uncleanShutdown: 0,
        acceptable: () => true,
        type: 'ONLINE',
        confirmsRecovery: true,
      }),
    );

  it.each<readonly [string, Situation, string, string, string]>([
    [
      'completes with the ISR change that it waited for',
      'BCDA | A | ABC | D | A',
      'ABCD',
      'BCD | B | BCD, epoch 6',
      'same',
    ],
    [
      'completes without a new leader where that one stays',
      'BCDA | B | ABC | D | A',
      'ABCD',
      'BCD | B | BCD, epoch 6',
      'same',
    ],
    [
      'waits for all of its target, up to 3.7 only for what is added',
      ...([
        'BCDA | A | AB | D | A',
        'ABD',
        'BCDA | A | ABD | D | A, epoch 5',
        'BCD | B | BD, epoch 6',
      ] as const),
    ],
  ])('%s', (_, before, isr, after, upTo37) => {
    expect(joins(before, isr, { release: '4.0' })).toBe(after);
    expect(joins(before, isr, { release: '3.7' })).toBe(upTo37 === 'same' ? after : upTo37);
  });

  it('completes in a change that is about something else', () => {
    const before = registration('BCDA | A | ABC | - | A');
    const fenced = brokerChangesPartition(
      modelOf({ release: '4.0' }),
      imageOf({ ...before, isr: setIn('ABCD') }),
      {
        ...{ remove: A, add: NO_LEADER, unclean: NO_LEADER },
      },
    );
    expect(situation(fenced)).toBe('BCD | B | BCD, epoch 6');
  });

  it('is cancelled: what was added goes, at the price of a new epoch', () => {
    const model = modelOf({});
    const before = registration('BCDA | A | ABCD | D | A');
    expect(mayRevert(model, before)).toBe(true);
    expect(situation(revert(model, imageOf(before)))).toBe('BCA | A | ABC, epoch 6');
  });

  it('is cancelled uncleanly where only what was added is in sync', () => {
    const before = registration('BCDA | D | D | D | A');
    expect(mayRevert(modelOf({}), before)).toBe(false);
    const model = modelOf({ unclean: true });
    expect(mayRevert(model, before)).toBe(true);
    const changed = revert(model, imageOf(before));
    expect(situation(changed)).toBe('BCA | B | B, epoch 6');
    expect(changed?.forcedIsr).toBe(true);
  });

  it('may leave in the ELR whom it dropped', () => {
    const before = { ...registration('BA | A | A | - | -'), elr: setIn('B') };
    expect(reassign(modelOf({ minInsyncReplicas: 2 }), imageOf(before), [A])?.partition).toMatchObject({
      replicas: [A],
      isr: setIn('A'),
      elr: setIn('B'),
    });
  });
});

describe('on the brokers', () => {
  const wanted = { brokers: 4, assignment: [A, B, C] };

  it('a leader that has not heard of the new replica tells it to ask again', () => {
    const play = new Play(wanted).act('reassign-partition', B, setIn('BCD')).learn(D);
    play.act('send-fetch', D).act('handle-fetch', D, A, 0);
    expect(play.happened('fetch-refused')).toMatchObject([{ error: 'UNKNOWN_LEADER_EPOCH' }]);
  });

  it('a new replica fetches all, joins the ISR, and the one that goes deletes its log', () => {
    const play = new Play(wanted).produce().act('reassign-partition', B, setIn('BCD')).everybodyLearns();
    play.replicate(B).replicate(C).catchUp(D).changeIsr(A);
    expect(play.partition()).toMatchObject({ replicas: [B, C, D], leader: B, isr: setIn('BCD') });
    expect(play.partition().reassignment).toBeUndefined();
    play.everybodyLearns();
    expect([play.log(A), play.replica(A).leading]).toEqual([[], null]);
    expect(play.happened('log-deleted')).toEqual([{ type: 'log-deleted', broker: A, to: 1 }]);
    expect(play.log(D)).toEqual([0]);
  });

  it('requests that wait at a leader that goes are answered', () => {
    const play = new Play(wanted).produce().act('reassign-partition', B, setIn('BC')).learn(A);
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_LEADER_OR_FOLLOWER' }]);
  });

  it('a broker that was down meanwhile finds a stray log, and deletes it', () => {
    const play = new Play(wanted).produce().replicate(C).act('kill', C).fence(C);
    play.act('reassign-partition', A, setIn('AB')).restart(C);
    expect(play.log(C)).toEqual([]);
  });

  it('min.insync.replicas is capped by the replicas there are', () => {
    const play = new Play({ ...wanted, assignment: [A], minInsyncReplicas: 2 }).produce();
    expect(play.highWatermark(A)).toBe(1);
    play.act('reassign-partition', A, setIn('AB')).learn(A).act('handle-produce-response', A, 6, 0).produce();
    expect(play.inFlight('ProduceResponse')).toMatchObject([{ error: 'NOT_ENOUGH_REPLICAS' }]);
  });
});
