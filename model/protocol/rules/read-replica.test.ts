import { describe, expect, it } from 'vitest';
import { A, B, C, Play, withRemote, type Wanted } from '../../testing.ts';
import { at } from '../draft.ts';
import { preferredReadReplica } from './read-replica.ts';
import { setOf } from '../base/broker-set.ts';

const P = 6;
const R = 8;

/** The consumer stands in the rack of C; A leads, in a rack of its own. */
const nearC: Wanted = {
  rackAwareSelector: true,
  racks: [0, 1, 2],
  producers: [{ acks: 1 }],
  consumers: [{ rack: 2 }],
};
const reader = (play: Play) => at(play.state.consumers, 0);

/** Two records are committed on A, and C has heard of it. */
const committed = (wanted: Wanted = {}): Play => {
  const play = new Play({ ...nearC, ...wanted });
  for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', A, P, 0);
  return play.catchUp(B).catchUp(C).replicate(C);
};

describe('the replica that a leader names to a consumer', () => {
  // By broker: rack, log end that the leader knows of, whether it was caught up lately. A leads.
  // prettier-ignore
  it.each<readonly [string, readonly number[], readonly number[], readonly boolean[], string, number, number | undefined]>([
    ['stands in the rack of the consumer',          [0, 1, 2, 1], [9, 5, 5, -1], [], 'ABC',  2, C],
    ['is none where nobody stands there',           [0, 1, 1, 1], [9, 5, 5, 5],  [], 'ABCD', 2, undefined],
    ['is none where the leader stands there',       [2, 1, 2, 1], [9, 5, 5, 5],  [], 'ABCD', 2, undefined],
    ['is the one that is furthest',                 [0, 2, 2, 2], [9, 5, 6, 5],  [], 'ABCD', 2, C],
    ['is the one caught up lately, of equals',      [0, 2, 2, 2], [9, 5, 5, 5],  [false, true, false, false], 'ABCD', 2, B],
    ['is the last, of equals',                      [0, 2, 2, 2], [9, 5, 5, 5],  [true, true, true, true], 'ABCD', 2, 3],
    ['is in the ISR (KAFKA-14372)',                 [0, 1, 2, 1], [9, 5, 5, 5],  [], 'ABD', 2, undefined],
    ['has what the consumer asks for',              [0, 1, 2, 1], [9, 5, 1, 5],  [], 'ABCD', 2, undefined],
  ])('%s', (_, racks, ends, caughtUp, isr, rack, expected) => {
    const play = new Play({ ...nearC, brokers: 4, racks });
    let { state } = play;
    for (const [broker, logEndOffset] of ends.entries()) {
      state = withRemote(state, A, broker, { logEndOffset, caughtUpRecently: caughtUp[broker] ?? true });
    }
    const { leading } = at(state.replicas, A);
    if (leading === null) throw new Error('A does not lead');
    const committedIsr = setOf(Array.from(isr, (name) => 'ABCD'.indexOf(name)));
    const replicas = state.replicas.map((replica, broker) =>
      broker === A ? { ...replica, leading: { ...leading, committedIsr } } : replica,
    );
    const named = preferredReadReplica(play.machine.model, { ...state, replicas }, A, rack, 2);
    expect(named).toBe(expected);
  });

  it('has not deleted what the consumer asks for', () => {
    const play = committed();
    const named = (logStart: number) =>
      preferredReadReplica(play.machine.model, withRemote(play.state, A, C, { logStart }), A, 2, 1);
    expect([named(1), named(2)]).toEqual([C, undefined]);
  });

  it('may lag behind the ISR, before KAFKA-14372', () => {
    const named = (wanted: Wanted): number | undefined => {
      const play = committed(wanted);
      play.produce().act('lag-elapses', A, C).act('shrink-isr', A).changeIsr(A);
      return preferredReadReplica(play.machine.model, play.state, A, 2, 1);
    };
    expect(named({ rules: { 'preferred-replica-must-be-in-sync': 'no' } })).toBe(C);
    expect(named({})).toBeUndefined();
  });
});

describe('a consumer that reads from a follower', () => {
  it('is sent there by its leader, and gets what lies below the follower’s own high watermark', () => {
    const play = committed().act('poll-leader', 0);
    expect([reader(play).preferredReadReplica, play.happened('delivered')]).toEqual([C, []]);
    play.act('poll-follower', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1]);
    play.produce().catchUp(B).catchUp(C);
    expect([play.highWatermark(A), play.highWatermark(C)]).toEqual([3, 2]);
    expect(play.refusal('poll-follower', 0)).toBe('the follower has something for it, or does not serve it');
    play.replicate(C).act('poll-follower', 0);
    expect(reader(play).position).toBe(3);
  });

  it('gets answers from its leader where nobody else stands in its rack', () => {
    const play = committed({ consumers: [{ rack: 0 }, { rack: 2 }] }).act('poll-leader', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([0, 1]);
  });

  it('goes back to its leader when the follower goes down', () => {
    const play = committed().act('poll-leader', 0).act('kill', C).act('poll-follower', 0);
    expect(reader(play).preferredReadReplica).toBeUndefined();
  });

  it('is sent back to the dead follower until that has left the ISR', () => {
    const play = committed()
      .act('poll-leader', 0)
      .act('kill', C)
      .act('poll-follower', 0)
      .act('poll-leader', 0);
    expect(reader(play).preferredReadReplica).toBe(C);
    play.fence(C).learn(A).act('poll-follower', 0).act('poll-leader', 0);
    expect(play.happened('delivered')).toHaveLength(2);
  });

  it('stays with a dead follower until metadata calls that offline, before KAFKA-14379', () => {
    const play = committed({ rules: { 'preferred-replica-given-up-on': 'out-of-range' } });
    play.act('poll-leader', 0).act('kill', C);
    expect(play.refusal('poll-follower', 0)).toBe('the follower has something for it, or does not serve it');
    play.fence(C).learn(A).act('poll-follower', 0).act('poll-leader', 0);
    expect(play.happened('delivered')).toHaveLength(2);
  });

  it('is sent to a dead follower as long as it may lag, before KAFKA-14372 and KAFKA-15390', () => {
    const named = (rules: Wanted['rules']): number | undefined => {
      const play = committed({ rules: { 'preferred-replica-must-be-in-sync': 'no', ...rules } });
      play.act('kill', C).fence(C).learn(A).act('poll-leader', 0);
      return reader(play).preferredReadReplica;
    };
    expect(named({ 'preferred-replica-must-be-unfenced': 'no' })).toBe(C);
    expect(named({})).toBeUndefined();
  });

  it('asks its leader again after metadata.max.age.ms, where the follower has nothing for it', () => {
    const play = committed().act('poll-leader', 0);
    expect(play.refusal('expire-preferred-read-replica', 0)).toBe('there it gets nothing');
    play.act('poll-follower', 0);
    expect(play.refusal('expire-preferred-read-replica', 0)).toBe('its leader may have more');
    play.produce().catchUp(B).catchUp(C).act('expire-preferred-read-replica', 0);
    expect(play.refusal('expire-preferred-read-replica', 0)).toBe('it has a preferred read replica');
  });

  it('is refused once the follower has heard of a newer epoch, and forgets it with its leader', () => {
    const play = committed().act('poll-leader', 0).fence(A).learn(B).learn(C).act('poll-follower', 0);
    expect(reader(play).preferredReadReplica).toBeUndefined();
    const told = committed().act('poll-leader', 0).fence(A).learn(B).act('refresh-consumer-metadata', 0, B);
    expect(reader(told)).toMatchObject({ leader: B, position: 0 });
    expect(reader(told).preferredReadReplica).toBeUndefined();
  });

  it('is served all the same before KIP-320, when it named no epoch', () => {
    const rules = { 'consumer-validates-position': 'no' } as const;
    const play = committed({ rules }).act('poll-leader', 0).fence(A).learn(B).learn(C);
    play.act('poll-follower', 0);
    expect(reader(play)).toMatchObject({ leader: A, preferredReadReplica: C, position: 2 });
  });

  it('waits where the follower has not heard of its epoch yet', () => {
    const play = committed().fence(A).learn(B).act('refresh-consumer-metadata', 0, B);
    play.state = {
      ...play.state,
      consumers: play.state.consumers.map((consumer) => ({ ...consumer, preferredReadReplica: C })),
    };
    expect(play.refusal('poll-follower', 0)).toBe('the follower has something for it, or does not serve it');
  });

  it('does not get past a cut link', () => {
    const play = committed().act('poll-leader', 0).act('cut-one-way', C, R).act('poll-follower', 0);
    expect(reader(play).preferredReadReplica).toBeUndefined();
  });
});

describe('a follower whose log ends below the position of a consumer', () => {
  /** C has lost what it had, and follows the same leader in the same epoch. */
  const behind = (wanted: Wanted = {}): Play => {
    const play = committed(wanted);
    play.act('poll-leader', 0).act('poll-follower', 0).act('power-loss', C, 2).fence(C).learn(A);
    return play.act('start-broker', C).act('register-broker', C).learn(C).act('heartbeat', C);
  };

  it('sends it back to its leader', () => {
    const play = behind().act('poll-follower', 0);
    expect(reader(play)).toMatchObject({ position: 2 });
    expect(reader(play).preferredReadReplica).toBeUndefined();
    expect(play.happened('offset-reset')).toEqual([]);
  });

  it('made it begin anew in a design that KIP-392 rejected', () => {
    const play = behind({ rules: { 'out-of-range-at-a-follower': 'resets' } });
    play.act('poll-follower', 0).act('poll-leader', 0);
    expect(play.happened('offset-reset')).toMatchObject([{ from: 2, to: 0, why: 'no-position' }]);
  });
});
