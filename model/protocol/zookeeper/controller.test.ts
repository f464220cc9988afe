import { describe, expect, it } from 'vitest';
import { A, B, C, namesOf } from '../../testing.ts';
import type { ActionCode } from '../machine.ts';
import { ZooKeeperPlay } from '../../testing-zookeeper.ts';

describe('a controller in ZooKeeper mode', () => {
  it('elects the first live member of the ISR when the leader is gone, and moves the leader epoch', () => {
    const play = new ZooKeeperPlay().act('kill', A).noticeLoss(A, C);
    expect(play.partition()).toMatchObject({ leader: B, leaderEpoch: 1, partitionEpoch: 1 });
    expect(namesOf(play.partition().isr)).toBe('BC');
    expect(play.queue(C, B).map(({ kind }) => kind)).toEqual(['LeaderAndIsr', 'UpdateMetadata']);
    expect(play.queue(C, A)).toEqual([]);
    play.tellsAll(C);
    expect(play.leading(B).committedIsr).toBe(play.partition().isr);
    expect(play.replica(C).fetcher).toMatchObject({ leader: B, leaderEpoch: 1 });
  });

  it('takes a follower that is gone out of the ISR, with a new leader epoch', () => {
    const play = new ZooKeeperPlay().act('kill', B).noticeLoss(B, C).tellsAll(C);
    expect(play.partition()).toMatchObject({ leader: A, leaderEpoch: 1 });
    expect(namesOf(play.leading(A).committedIsr)).toBe('AC');
  });

  it('keeps the last member of the ISR, has no leader then, and nobody takes notice', () => {
    const play = new ZooKeeperPlay({ brokers: 2 });
    play.act('kill', A).noticeLoss(A, B).tellsAll(B).act('kill', B);
    play.act('start-broker', A).act('register-in-zookeeper', A).act('zookeeper-session-expires', B);
    play.act('become-controller', A).tellsAll(A);
    expect(play.partition()).toMatchObject({ leader: -1, leaderEpoch: 2 });
    expect(namesOf(play.partition().isr)).toBe('B');
    expect(play.replica(A)).toMatchObject({ leader: -1, leading: null, fetcher: null });
  });

  it('tells a broker that comes back who lives, and what it is', () => {
    const play = new ZooKeeperPlay().act('kill', B).noticeLoss(B, C).startAndRegister(B);
    play.act('notice-broker-change', C);
    expect(play.queue(C, B).map(({ kind }) => kind)).toEqual(['UpdateMetadata', 'LeaderAndIsr']);
    expect(play.told(B, C).replica(B).fetcher).toMatchObject({ leader: A, leaderEpoch: 1 });
  });

  it.each([
    ['is seen from 2.2 on', 'yes', 1],
    ['is not seen before', 'no', 0],
  ] as const)('a restart between two looks %s', (_, sees, leaderEpoch) => {
    const play = new ZooKeeperPlay({ rules: { 'broker-epoch-in-control-requests': sees } });
    play.act('kill', B).act('zookeeper-session-expires', B).startAndRegister(B);
    const refusal = play.refusal('notice-broker-change', C);
    if (sees === 'yes') play.act('notice-broker-change', C);
    else expect(refusal).toBe('brokers have come or gone');
    expect(play.partition().leaderEpoch).toBe(leaderEpoch);
  });

  it('elects the preferred leader only if it is alive and in the ISR', () => {
    const play = new ZooKeeperPlay().act('kill', A).noticeLoss(A, C).startAndRegister(A);
    play.act('notice-broker-change', C).tellsAll(C);
    expect(play.refusal('move-to-preferred-leader', C)).toBe('the preferred leader does not lead and may');
    play.catchUp(A).act('handle-alter-isr', B, C, 0).act('handle-alter-partition-response', C, B, 0);
    expect(play.act('move-to-preferred-leader', C).partition()).toMatchObject({ leader: A, leaderEpoch: 2 });
  });

  it('moves the leadership away for a controlled shutdown; without another in the ISR all stays, and the broker stops all the same', () => {
    const play = new ZooKeeperPlay()
      .act('begin-controlled-shutdown', A)
      .act('ask-for-controlled-shutdown', A);
    expect(play.partition()).toMatchObject({ leader: B, leaderEpoch: 1 });
    expect(namesOf(play.partition().isr)).toBe('BC');
    play.tellsAll(C).act('stop-and-close-session', A);
    expect(play.registration(A).fenced).toBe(true);

    const alone = new ZooKeeperPlay({ brokers: 2 }).act('kill', B).act('zookeeper-session-expires', B);
    alone.act('become-controller', A).tellsAll(A).act('begin-controlled-shutdown', A);
    expect(alone.refusal('stop-and-close-session', A)).toBe('it is to stop, and nothing is left to ask for');
    alone.act('ask-for-controlled-shutdown', A);
    expect(alone.partition().leader).toBe(A);
    expect(alone.refusal('stop-and-close-session', A)).toBeUndefined();
  });

  it('stops the replica of a follower that shuts down, and takes it out of the ISR', () => {
    const play = new ZooKeeperPlay()
      .act('begin-controlled-shutdown', B)
      .act('ask-for-controlled-shutdown', B);
    expect(play.queue(C, B).map(({ kind }) => kind)).toEqual(['StopReplica', 'UpdateMetadata']);
    expect(namesOf(play.partition().isr)).toBe('AC');
  });

  it('elects uncleanly only where that is allowed', () => {
    const lost = (unclean: boolean): ZooKeeperPlay => {
      const play = new ZooKeeperPlay({ brokers: 3, unclean, assignment: [A, B] });
      play.act('kill', B).noticeLoss(B, C).act('kill', A).noticeLoss(A, C);
      return play.startAndRegister(B).act('notice-broker-change', C);
    };
    expect(lost(false).partition().leader).toBe(-1);
    expect(lost(true).partition()).toMatchObject({ leader: B, isr: 1 << B });
  });
});

describe('a failover', () => {
  it('gives the new controller the next epoch, and it reads everything and tells everybody', () => {
    const play = new ZooKeeperPlay().act('kill', C).act('zookeeper-session-expires', C);
    expect(play.zookeeper().controller).toBe(-1);
    play.act('become-controller', B);
    expect(play.zookeeper()).toMatchObject({ controller: B, controllerEpoch: 2 });
    expect(play.context(B)).toMatchObject({ active: true, epoch: 2, online: true });
    expect(namesOf(play.partition().isr)).toBe('AB');
    expect(play.tellsAll(B).cache(A)).toMatchObject({ controller: B, controllerEpoch: 2 });
  });

  it('leaves dead followers in the ISR before 2.3', () => {
    const play = new ZooKeeperPlay({ rules: { 'failover-removes-dead-replicas': 'no' } });
    play.act('kill', C).act('zookeeper-session-expires', C).act('become-controller', B);
    expect(namesOf(play.partition().isr)).toBe('ABC');
  });

  it('makes the former controller resign once it hears of it; what it has sent last may still arrive', () => {
    const play = new ZooKeeperPlay().act('kill', B).noticeLoss(B, C).act('delete-controller-znode');
    play.act('become-controller', A).act('resign-as-controller', C);
    expect(play.context(C).active).toBe(false);
    expect(play.queue(C, A)).toEqual([]);
    play.act('handle-leader-and-isr', C, A, 0);
    expect(play.replica(A).leaderEpoch).toBe(1);
  });
});

describe('a controller that was replaced', () => {
  const zombie = (fencedBy: 'partition-state' | 'controller-epoch'): ZooKeeperPlay => {
    const play = new ZooKeeperPlay({ rules: { 'controller-writes-fenced-by': fencedBy } });
    return play.act('delete-controller-znode').act('become-controller', A).act('kill', B).act('zookeeper-session-expires', B); // prettier-ignore
  };

  it('resigns at its first write from 2.1 on', () => {
    const play = zombie('controller-epoch').act('notice-broker-change', C);
    expect(play.partition().partitionEpoch).toBe(0);
    expect(play.context(C).active).toBe(false);
  });

  it('writes what its successor has not written before', () => {
    const play = zombie('partition-state').act('notice-broker-change', C);
    expect(namesOf(play.partition().isr)).toBe('AC');
    expect(play.zookeeper().decidedIn).toBe(1);
  });

  it('leaves a leader behind that hears nothing of it and cannot change its ISR any more', () => {
    const rules = {
      'controller-writes-fenced-by': 'partition-state',
      'isr-change-goes-through': 'zookeeper',
    } as const;
    const play = new ZooKeeperPlay({ rules }).act('delete-controller-znode').act('become-controller', A);
    play.act('kill', B).act('zookeeper-session-expires', B).told(A, A).act('notice-broker-change', C);
    play.act('handle-leader-and-isr', C, A, 0).act('lag-elapses', A, B).produce();
    expect(play.partition().leaderEpoch).toBe(1);
    expect(play.replica(A)).toMatchObject({ leaderEpoch: 0, partitionEpoch: 0 });
    expect(play.refusal('shrink-isr', A)).toBe('the ISR can be written or asked for');
  });

  it('never writes over what its successor decided', () => {
    const play = zombie('partition-state').act('notice-broker-change', A);
    expect(play.act('notice-broker-change', C).partition().partitionEpoch).toBe(1);
    expect(play.zookeeper().decidedIn).toBe(2);
  });
});

describe('a broker that loses its session', () => {
  it.each([
    ['does nothing more as controller from 1.1 on', 'stops', 0],
    ['goes on as controller before', 'goes-on', 2],
  ] as const)('%s', (_, expired, partitionEpoch) => {
    const play = new ZooKeeperPlay({ rules: { 'expired-controller': expired } }).act('kill', B);
    play.act('zookeeper-session-expires', B).act('zookeeper-session-expires', C);
    const refusal = play.refusal('notice-broker-change', C);
    if (expired === 'goes-on') play.act('notice-broker-change', C);
    else expect(refusal).toBe('it takes itself for the controller, and reaches ZooKeeper');
    expect(play.partition().partitionEpoch).toBe(partitionEpoch);
  });

  it('sends on what it has decided as controller, until it hears of it', () => {
    const play = new ZooKeeperPlay().act('kill', B).noticeLoss(B, C).act('zookeeper-session-expires', C);
    play.act('handle-leader-and-isr', C, A, 0);
    expect(play.replica(A).leaderEpoch).toBe(1);
  });

  it('answers no ISR change before it has registered anew', () => {
    const play = new ZooKeeperPlay().act('lag-elapses', A, B).act('shrink-isr', A);
    play.act('zookeeper-session-expires', C);
    expect(play.refusal('handle-alter-isr', A, C, 0)).toBe('a controller reaches ZooKeeper');
    play.act('register-in-zookeeper', C).act('handle-alter-isr', A, C, 0);
    expect(namesOf(play.partition().isr)).toBe('ABC');
  });

  it('is offered nothing more that needs it, whatever was offered before', () => {
    const play = new ZooKeeperPlay().act('lag-elapses', A, B).act('shrink-isr', A);
    play.act('delete-controller-znode').act('become-controller', B);
    const ofController = (): Set<string> => {
      const codes: ActionCode[] = [];
      play.machine.enabled(play.state, codes);
      return new Set(codes.map((code) => play.machine.definition(code).kind));
    };
    const needsSession = ['resign-as-controller', 'handle-alter-isr'];
    expect(needsSession.filter((kind) => ofController().has(kind))).toEqual(needsSession);
    play.act('zookeeper-session-expires', C);
    expect(needsSession.filter((kind) => ofController().has(kind))).toEqual([]);
  });

  it('registers anew, and gives up being the controller', () => {
    const play = new ZooKeeperPlay().act('zookeeper-session-expires', C);
    play.act('register-in-zookeeper', C);
    expect(play.context(C).active).toBe(false);
    expect(play.registration(C)).toMatchObject({ fenced: false, epoch: 3, incarnation: 0 });
  });

  it('waits with its next life until the znode of the former one is gone', () => {
    const play = new ZooKeeperPlay().act('kill', B).act('start-broker', B);
    expect(play.refusal('register-in-zookeeper', B)).toBe(
      'a broker registers only once the znode of its former life is gone',
    );
  });
});
