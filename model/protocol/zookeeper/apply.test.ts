import { describe, expect, it } from 'vitest';
import { setOf } from '../base/broker-set.ts';
import { A, B, C, namesOf } from '../../testing.ts';
import { imageTold } from './memory.ts';
import { ZooKeeperPlay } from '../../testing-zookeeper.ts';

describe('a request of a controller', () => {
  it('waits for the one before it, and for a broker that is down', () => {
    const play = new ZooKeeperPlay().act('kill', A).noticeLoss(A, C);
    expect(play.refusal('handle-update-metadata', C, B, 0)).toBe(
      'no earlier request of that controller waits',
    );
    play.act('kill', B);
    expect(play.queue(C, B)).toHaveLength(2);
    expect(play.refusal('handle-leader-and-isr', C, B, 0)).toBe('the broker serves requests');
  });

  it('of an older controller is refused', () => {
    const play = new ZooKeeperPlay().act('kill', B).noticeLoss(B, C).act('delete-controller-znode');
    play.act('become-controller', A).told(A, A);
    expect(play.replica(A).leaderEpoch).toBe(1);
    play.act('repeat-leader-and-isr', C, A, 0).act('resign-as-controller', C);
    const before = play.replica(A);
    expect(play.act('handle-leader-and-isr', C, A, 0).replica(A)).toBe(before);
  });

  it.each([
    ['is refused by the next life from 2.2 on', 'yes', -1],
    ['reaches the next life before', 'no', 1],
  ] as const)('that was meant for a former life %s', (_, names, leaderEpoch) => {
    const play = new ZooKeeperPlay({ rules: { 'broker-epoch-in-control-requests': names } });
    play
      .act('kill', A)
      .noticeLoss(A, C)
      .act('kill', B)
      .act('zookeeper-session-expires', B)
      .startAndRegister(B);
    expect(play.act('handle-leader-and-isr', C, B, 0).replica(B).leaderEpoch).toBe(leaderEpoch);
  });

  it('sent again leaves a copy that changes nothing', () => {
    const play = new ZooKeeperPlay().act('kill', A).noticeLoss(A, C).act('repeat-leader-and-isr', C, B, 0);
    const before = play.tellsAll(C).replica(B);
    expect(play.act('handle-leader-and-isr', C, B, 0).replica(B)).toBe(before);
    expect(play.inFlight('LeaderAndIsr')).toEqual([]);
  });
});

describe('a LeaderAndIsr', () => {
  it.each([
    ['applied', [A, B, C], B],
    ['passed over', [A, C], A],
  ] as const)('is %s where the leader is, or is not, known to be alive', (_, live, follows) => {
    const play = new ZooKeeperPlay().act('kill', A).noticeLoss(A, C);
    const image = imageTold([A, B, C], 3, { live: setOf(live), leader: A, leaderEpoch: 0 });
    play.state = {
      ...play.state,
      caches: play.state.caches?.map((cache, id) => (id === C ? { ...cache, image } : cache)),
    };
    expect(play.act('handle-leader-and-isr', C, C, 0).replica(C).leader).toBe(follows);
  });
});

describe('a StopReplica', () => {
  const shuttingDown = (fencedBy: 'controller-epoch' | 'leader-epoch'): ZooKeeperPlay =>
    new ZooKeeperPlay({ rules: { 'stop-replica-fenced-by': fencedBy } })
      .act('begin-controlled-shutdown', B)
      .act('ask-for-controlled-shutdown', B);

  it('ends fetching', () => {
    expect(shuttingDown('controller-epoch').told(B, C).replica(B).fetcher).toBeNull();
  });

  it('does nothing from 2.6 on unless its leader epoch is newer', () => {
    expect(shuttingDown('leader-epoch').told(B, C).replica(B).fetcher).not.toBeNull();
  });
});

describe('an ISR change', () => {
  const lagging = (path: 'zookeeper' | 'controller'): ZooKeeperPlay =>
    new ZooKeeperPlay({ rules: { 'isr-change-goes-through': path } })
      .act('lag-elapses', A, B)
      .produce()
      .act('shrink-isr', A);

  it('is written by the leader itself up to 2.6, over the version that it knows, and counts at once', () => {
    const play = lagging('zookeeper');
    expect(namesOf(play.partition().isr)).toBe('AC');
    expect(play.leading(A)).toMatchObject({ committedIsr: play.partition().isr, pending: null });
    expect(play.replica(A).partitionEpoch).toBe(1);
    expect(play.partition().leaderEpoch).toBe(0);
  });

  it('is not written over what the controller has written since, nor without ZooKeeper', () => {
    const play = new ZooKeeperPlay({ rules: { 'isr-change-goes-through': 'zookeeper' } });
    play.act('lag-elapses', A, B).produce().act('kill', B).noticeLoss(B, C);
    expect(play.refusal('shrink-isr', A)).toBe('the ISR can be written or asked for');
    const cut = new ZooKeeperPlay({ rules: { 'isr-change-goes-through': 'zookeeper' } });
    cut.act('lag-elapses', A, B).produce().act('cut-both-ways', A, 5);
    expect(cut.refusal('shrink-isr', A)).toBe('the ISR can be written or asked for');
  });

  it('is asked of the controller from 2.7 on, which answers a repeated request with success', () => {
    const play = lagging('controller');
    play.act('abandon-alter-partition', A, C, 0).act('retry-alter-partition', A);
    play.act('handle-alter-isr', A, C, 0).act('handle-alter-isr', A, C, 0);
    expect(play.partition().partitionEpoch).toBe(1);
    play.act('handle-alter-partition-response', C, A, 0);
    expect(namesOf(play.leading(A).committedIsr)).toBe('AC');
  });

  it('goes to the next controller once the leader has heard of it', () => {
    const play = lagging('controller').act('delete-controller-znode').act('become-controller', B);
    play.act('resign-as-controller', C).act('handle-alter-isr', A, C, 0);
    play.act('handle-alter-partition-response', C, A, 0);
    expect(play.leading(A).pending).not.toBeNull();
    play.told(A, B).act('retry-alter-partition', A).act('handle-alter-isr', A, B, 0);
    expect(namesOf(play.partition().isr)).toBe('AC');
  });

  it('is refused of a former life, of an older leader epoch and for who is not alive (3.3)', () => {
    const refused = (play: ZooKeeperPlay): readonly string[] =>
      play.happened('isr-change-refused').map(({ error }) => error);
    const fenced = lagging('controller').act('kill', C).act('zookeeper-session-expires', C);
    expect(refused(fenced.act('become-controller', B))).toEqual([]);
    const older = lagging('controller').act('kill', B).noticeLoss(B, C).act('handle-alter-isr', A, C, 0);
    expect(refused(older)).toEqual(['FENCED_LEADER_EPOCH']);
    const again = lagging('controller').act('zookeeper-session-expires', A).act('register-in-zookeeper', A);
    expect(refused(again.act('notice-broker-change', C).act('handle-alter-isr', A, C, 0))).toEqual([
      'STALE_BROKER_EPOCH',
    ]);
  });
});
