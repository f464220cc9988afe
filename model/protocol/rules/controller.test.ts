import { describe, expect, it } from 'vitest';
import { A, B, C, namesOf, Play, withHeartbeat, type Wanted } from '../../testing.ts';
import { Draft } from '../draft.ts';
import { isActive, newestImage } from '../state/metadata.ts';
import { registerBroker } from './controller.ts';

const when = (
  removes: 'no' | 'yes',
  detects: 'nothing' | 'any-new-incarnation' | 'broker-epoch',
  elr: 'off' | 'on',
): Wanted => ({
  rules: {
    'registration-removes-old-incarnation': removes,
    'unclean-shutdown-detected-by': detects,
    'eligible-leader-replicas': elr,
  },
});

/**
 * B stops in this way, its session lapses, it comes back and registers before anybody has fenced it; `A leads` or
 * `B leads`. Gives `leader | ISR | ELR` and whether the stop was taken for unclean.
 */
// prettier-ignore
function registered(wanted: Wanted, how: 'kill' | 'clean', leads: 'A' | 'B'): readonly [string, boolean] {
  const play = new Play({ ...wanted, assignment: leads === 'A' ? [A, B, C] : [B, A, C], minInsyncReplicas: 3 });
  // A broker that cannot ask the controller stops cleanly without its knowing.
  if (how === 'kill') play.act('kill', B);
  else play.act('begin-controlled-shutdown', B).act('cut-both-ways', B, 5).act('stop-cleanly', B).act('heal', B, 5);
  play.act('session-expires', B).act('start-broker', B).forget().act('register-broker', B);
  const { leader, isr, elr } = play.partition();
  return [
    `${namesOf(1 << leader)} | ${namesOf(isr)} | ${namesOf(elr)}`,
    play.happened('broker-registered')[0]?.unclean ?? false,
  ];
}

describe('a new life registers after its session has lapsed and before it was fenced', () => {
  // prettier-ignore
  it.each<readonly [string, Wanted, 'kill' | 'clean', 'A' | 'B', string, boolean]>([
    ['up to 3.9 nothing else happens', when('no', 'nothing', 'off'), 'kill', 'A', 'A | ABC | -', false],
    ['up to 3.9 even a leader stays leader', when('no', 'nothing', 'off'), 'kill', 'B', 'B | ABC | -', false],
    ['from 4.0 it leaves the ISR', when('yes', 'broker-epoch', 'off'), 'kill', 'A', 'A | AC | -', true],
    ['from 4.0 it loses the leadership', when('yes', 'broker-epoch', 'off'), 'kill', 'B', 'A | AC | -', true],
    ['from 4.0 after a clean stop too', when('yes', 'broker-epoch', 'off'), 'clean', 'B', 'A | AC | -', false],
    ['with ELR a clean stop earns a place in it', when('yes', 'broker-epoch', 'on'), 'clean', 'A', 'A | AC | B', false],
    ['with ELR an unclean one does not', when('yes', 'broker-epoch', 'on'), 'kill', 'A', 'A | AC | -', true],
    ['3.8 with ELR: an unclean one is noticed', when('no', 'broker-epoch', 'on'), 'kill', 'A', 'A | AC | -', true],
    ['3.8 with ELR: a clean one is not handled at all', when('no', 'broker-epoch', 'on'), 'clean', 'A', 'A | ABC | -', false],
    ['3.9 with ELR: any new life counts as unclean', when('no', 'any-new-incarnation', 'on'), 'clean', 'A', 'A | AC | -', true],
    ['3.9 without ELR: nothing happens', when('no', 'any-new-incarnation', 'off'), 'clean', 'A', 'A | ABC | -', true],
  ])('%s (%j, %s, %s leads): %s', (_, wanted, how, leads, expected, unclean) => {
    expect(registered(wanted, how, leads)).toEqual([expected, unclean]);
  });
});

describe('a registration', () => {
  it('gives a new broker epoch, the offset of its record, and fences', () => {
    const play = new Play({}).act('kill', B).fence(B).act('start-broker', B);
    const next = play.state.metadata.start + play.state.metadata.images.length;
    play.act('register-broker', B);
    expect(play.registration(B)).toEqual({
      epoch: next,
      incarnation: 1,
      fenced: true,
      inControlledShutdown: false,
    });
    expect(play.state.processes[B]?.brokerEpoch).toBe(next);
  });

  it('is one record with the changes that it brings: nobody sees one without the other', () => {
    const play = new Play({ release: '4.0' }).act('kill', B).act('session-expires', B).act('start-broker', B);
    const before = play.state.metadata.images.length;
    play.act('register-broker', B);
    expect(play.state.metadata.images.length).toBe(before + 1);
    expect(namesOf(play.partition().isr)).toBe('AC');
  });

  it('waits until the session of the earlier life has ended', () => {
    const play = new Play({}).act('kill', B).act('start-broker', B);
    expect(play.refusal('register-broker', B)).toBe(
      'a registration waits until the session of the old incarnation has ended',
    );
    expect(play.act('session-expires', B).refusal('register-broker', B)).toBeUndefined();
  });

  it('reads the clean-shutdown file once', () => {
    const play = new Play({}).stopCleanly(B).act('start-broker', B).act('register-broker', B);
    expect(play.happened('broker-registered')).toMatchObject([{ unclean: false }]);
    expect(play.state.disks[B]?.cleanShutdownEpoch).toBe(-1);
  });

  it('does not trust a file of an earlier life than the last registered', () => {
    const { machine, state } = new Play({}).stopCleanly(B).act('start-broker', B);
    const draft = new Draft(machine.model, state);
    draft.setDisk(B, { cleanShutdownEpoch: 0 });
    registerBroker(draft, B);
    expect(draft.events).toContainEqual({ type: 'broker-registered', broker: B, unclean: true });
  });
});

describe('fencing and unfencing', () => {
  it('takes the broker out of the ISR in a record before the one that fences it', () => {
    const play = new Play({}).fence(C);
    const [, changed, fenced] = play.state.metadata.images;
    expect(namesOf(changed?.partitions[0]?.isr ?? 0)).toBe('AB');
    expect(changed?.registrations.map((one) => one.fenced)).toEqual([false, false, false]);
    expect(fenced?.registrations.map((one) => one.fenced)).toEqual([false, false, true]);
  });

  it('needs an expired session; a heartbeat in between prevents it', () => {
    const play = new Play({});
    expect(play.refusal('fence-broker', C)).toBe('a broker is fenced only after its session has expired');
    play.act('session-expires', C).act('heartbeat', C);
    expect(play.refusal('fence-broker', C)).toBe('a broker is fenced only after its session has expired');
  });

  it('does not bring a broker back into the ISR', () => {
    const play = new Play({}).fence(C).act('heartbeat', C);
    expect(isActive(play.registration(C))).toBe(true);
    expect(namesOf(play.partition().isr)).toBe('AB');
  });

  it('gives a leaderless partition a leader as soon as one may lead', () => {
    const play = new Play({ release: '4.0', minInsyncReplicas: 1 }).fence(B).fence(C).fence(A);
    expect(play.partition().leader).toBe(-1);
    play.act('heartbeat', B);
    expect(play.partition().leader).toBe(-1);
    play.act('heartbeat', A);
    expect(play.partition()).toMatchObject({ leader: A, isr: 0b001, leaderEpoch: 2 });
  });

  it('forgets with the last shutting-down broker what others told for it', () => {
    const { machine, state } = new Play({}).act('begin-controlled-shutdown', A).act('heartbeat', A);
    const told = withHeartbeat(state, B, { metadataOffset: 3 });
    const { state: after } = machine.step(told, machine.encode({ kind: 'session-expires', broker: A }) ?? 0);
    const { state: fenced } = machine.step(after, machine.encode({ kind: 'fence-broker', broker: A }) ?? 0);
    expect(fenced.controller.heartbeats.map(({ metadataOffset }) => metadataOffset)).toEqual([-1, -1, -1]);
    expect(newestImage(fenced.metadata).registrations[A]?.fenced).toBe(true);
  });
});

describe('a controller failover', () => {
  it('loses sessions and requests, keeps what is committed, and gives everybody a full new session', () => {
    const play = new Play({}).act('session-expires', C).fence(B);
    play.act('lag-elapses', A, C).produce().act('shrink-isr', A);
    expect(play.inFlight('AlterPartition')).toHaveLength(1);
    play.act('lose-controller');
    expect(play.inFlight('AlterPartition')).toEqual([]);
    expect(play.refusal('fence-broker', C)).toBe('a controller is active');
    play.act('elect-controller');
    expect(play.state.controller.heartbeats.map(({ sessionValid }) => sessionValid)).toEqual([
      true,
      false,
      true,
    ]);
    expect(namesOf(play.partition().isr)).toBe('AC');
    expect(play.refusal('retry-alter-partition', A)).toBeUndefined();
  });
});
