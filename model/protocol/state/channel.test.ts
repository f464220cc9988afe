import { describe, expect, it } from 'vitest';
import { componentsOf, layoutOf } from '../../drivers/search/tracked.ts';
import { A, B, C, Play } from '../../testing.ts';
import { CONTROLLER, MAX_BROKERS, MAX_PRODUCERS, producerParty } from '../base/party.ts';
import {
  channelCount,
  channelOf,
  channelsOf,
  firstChannelOf,
  isChannelOf,
  isControlChannel,
  withMessage,
} from './channel.ts';
import type { Message } from './message.ts';
import { digestState } from './state.ts';

const KINDS: readonly Message['kind'][] = [
  'Fetch',
  'DelayedFetch',
  'FetchResponse',
  'AlterPartition',
  'AlterPartitionResponse',
  'Produce',
  'ProduceResponse',
  'OffsetsForLeaderEpoch',
  'OffsetsForLeaderEpochResponse',
];

/** Who asks whom with this kind of message, or with the request that it answers. */
function pairs(kind: Message['kind'], brokers: number, producers: number): [number, number][] {
  const ids = Array.from({ length: brokers }, (_, id) => id);
  if (kind.startsWith('Alter')) return ids.map((broker) => [broker, CONTROLLER]);
  if (kind.startsWith('Produce')) {
    const parties = Array.from({ length: producers }, (_, id) => producerParty(id));
    return parties.flatMap((producer) => ids.map((broker): [number, number] => [producer, broker]));
  }
  return ids.flatMap((a) => ids.filter((b) => b !== a).map((b): [number, number] => [a, b]));
}

const counts = Array.from({ length: MAX_BROKERS }, (_, less) => less + 1).flatMap((brokers) =>
  Array.from({ length: MAX_PRODUCERS + 1 }, (_, producers) => ({ brokers, producers })),
);

describe('channels', () => {
  it.each(counts)('are one per pair: $brokers brokers, $producers producers', ({ brokers, producers }) => {
    const all = channelCount(brokers, producers, false);
    const used = new Map<number, string>();
    for (const kind of KINDS) {
      const isAnswer = kind.endsWith('Response');
      const first = firstChannelOf(brokers, producers, kind);
      for (const [requester, server] of pairs(kind, brokers, producers)) {
        const index = isAnswer
          ? channelOf(brokers, producers, kind, server, requester)
          : channelOf(brokers, producers, kind, requester, server);
        expect(index).toBeGreaterThanOrEqual(first);
        expect(index).toBeLessThan(first + channelsOf(brokers, producers, kind, all));
        const pair = `${requester} asks ${server}`;
        expect(used.get(index) ?? pair).toBe(pair);
        used.set(index, pair);
      }
    }
    expect(used.size).toBe(all);
  });

  it.each(counts)(
    'of controllers are apart: $brokers brokers, $producers producers',
    ({ brokers, producers }) => {
      const all = channelCount(brokers, producers, true);
      const first = firstChannelOf(brokers, producers, 'LeaderAndIsr');
      const end = first + channelsOf(brokers, producers, 'LeaderAndIsr', all);
      expect(end).toBe(all);
      expect(channelOf(brokers, producers, 'StopReplica', 0, 0)).toBe(first);
      expect(channelOf(brokers, producers, 'UpdateMetadata', brokers - 1, brokers - 1)).toBe(end - 1);
      const produces = firstChannelOf(brokers, producers, 'Produce');
      expect(produces + channelsOf(brokers, producers, 'Produce', all)).toBe(first);
      for (let channel = 0; channel < all; channel++) {
        expect(isControlChannel(brokers, producers, channel)).toBe(channel >= first);
        if (channel < produces) continue;
        const broker = (channel - produces) % brokers;
        expect(isChannelOf(brokers, producers, channel, broker)).toBe(true);
      }
    },
  );

  it('hold requests, what waits, and answers, each as they were sent', () => {
    const message = (kind: 'Fetch' | 'DelayedFetch', fetchOffset: number): Message => ({
      ...{ kind, from: B, to: A, incarnation: 0, currentLeaderEpoch: 0, fetchOffset },
      ...{ lastFetchedEpoch: 0, brokerEpoch: 1 },
    });
    const sent = [
      message('DelayedFetch', 1),
      message('Fetch', 3),
      message('DelayedFetch', 0),
      message('Fetch', 2),
    ];
    const channel = sent.reduce(withMessage, []);
    expect(channel).toEqual([sent[1], sent[3], sent[0], sent[2]]);
  });

  it('do not tell which of two was used first', () => {
    const one = new Play({}).act('send-fetch', B).act('send-fetch', C).act('send-record', 0);
    const other = new Play({}).act('send-record', 0).act('send-fetch', C).act('send-fetch', B);
    expect(digestState(one.state)).toBe(digestState(other.state));
  });

  it('are components of their own, of which a step touches few', () => {
    const play = new Play({});
    const layout = layoutOf(play.state);
    const before = componentsOf(layout, play.state);
    const after = componentsOf(layout, play.act('send-fetch', B).state);
    expect(after.filter((value, i) => value !== before[i])).toHaveLength(1);
  });
});

describe('what makes no difference any more', () => {
  it('which life sent a request, once it has ended', () => {
    const sent = new Play({}).act('send-fetch', B);
    const killed = new Play({}).act('send-fetch', B).act('kill', B);
    const alone = new Play({}).act('send-fetch', B).act('abandon-fetch', B, A, 0).act('kill', B);
    expect(killed.refusal('abandon-fetch', B, A, 0)).toBe('its sender still waits');
    expect(sent.refusal('abandon-fetch', B, A, 0)).toBeUndefined();
    // Budgets without limit do not count.
    expect(digestState(alone.state)).toBe(digestState(killed.state));
  });

  it.each([
    ['that nothing bounds', { maxUncleanStops: 0xffff }, true],
    ['that something bounds, which are counted', { maxUncleanStops: 9 }, false],
  ])('how many unclean stops there were %s', (_, wanted, same) => {
    const play = new Play(wanted).act('kill', C).fence(C).everybodyLearns();
    const { uncleanStops } = play.state.environment;
    expect(uncleanStops === 0).toBe(same);
  });

  it('how often a record was sent, where retries never run out', () => {
    const attempts = (retries: number): number | undefined => {
      const play = new Play({ producers: [{ retries }] }).act('send-record', 0);
      for (let i = 0; i < 3; i++) {
        play.act('lose-produce', producerParty(0), A, 0).act('notice-disconnect', 0).act('retry-record', 0);
      }
      return play.state.producers[0]?.inFlight[0]?.attempts;
    };
    expect([attempts(9), attempts(2 ** 31 - 1)]).toEqual([4, 2]);
  });

  it('what was fsynced, where power is never lost', () => {
    const stopped = (budget: number): number | undefined =>
      new Play({ faults: { rack: 0, 'stale-file': 0, 'power-loss': budget } }).produce().stopCleanly(B).state
        .logs[B]?.recoveryPoint;
    const written = (budget: number): number | undefined =>
      new Play({ faults: { rack: 0, 'stale-file': 0, 'power-loss': budget } })
        .produce()
        .replicate(B)
        .stopCleanly(B).state.logs[B]?.recoveryPoint;
    expect([stopped(0), written(0), written(1)]).toEqual([0, 0, 1]);
  });

  it('what a leader would know of itself', () => {
    const play = new Play({}).fence(A).everybodyLearns();
    expect(play.leading(B).remotes[B]).toEqual(new Play({}).leading(A).remotes[A]);
  });
});
