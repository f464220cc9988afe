/** What decides, for one partition, when its enabled actions are due: its clients, and the pauses of its fetchers. */
import { at } from '../../protocol/draft.ts';
import { messageAt } from '../../protocol/look.ts';
import { logEnd } from '../../protocol/state/log.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Clients } from './clients.ts';
import { isOn } from './conditions.ts';
import type { Stream } from './latency.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

/** Not before something else changes. */
export const NEVER = Number.MAX_SAFE_INTEGER;

export class Place implements Follower {
  readonly scene: Scene;
  readonly clients: Clients;
  /** By broker: how long the controller's queue lets its fencing wait. */
  readonly fencing: readonly Stream[];
  /** By broker: no fetch goes out before (ms). */
  private readonly fetchNotBefore: Float64Array;

  constructor(scene: Scene, clients: Clients, fencing: readonly Stream[]) {
    this.scene = scene;
    this.clients = clients;
    this.fencing = fencing;
    this.fetchNotBefore = new Float64Array(scene.model.config.brokers);
  }

  follow(before: State, after: State, deed: Deed): void {
    switch (deed.kind) {
      case 'handle-fetch-response':
        this.backOff(before, deed);
        break;
      case 'handle-offsets-for-leader-epoch-response':
        this.backOffAsking(before, deed);
        break;
      case 'lose-fetch':
      case 'lose-offsets-for-leader-epoch':
      case 'abandon-offsets-for-leader-epoch':
      case 'abandon-fetch':
      case 'abandon-delayed-fetch':
        this.holdFetch(before, deed.a, deed.b);
        break;
      case 'lose-fetch-response':
      case 'lose-offsets-for-leader-epoch-response':
        this.holdFetch(before, deed.b, deed.a);
        break;
      case 'apply-metadata':
        // The fetcher that starts over has no error behind it.
        if (before.replicas[deed.a]?.fetcher !== after.replicas[deed.a]?.fetcher) {
          this.fetchNotBefore[deed.a] = 0;
        }
        break;
      default:
        break;
    }
  }

  /** After an error the fetcher waits. Kafka: AbstractFetcherThread.delayPartitions. */
  private backOff(before: State, { a, b, c }: Deed): void {
    const { error, requestOffset } = messageAt(before, 'FetchResponse', a, b, c);
    const failed = error !== 'NONE' && error !== 'OFFSET_OUT_OF_RANGE';
    // The answer to a fetch from another offset is dropped with its error.
    if (failed && requestOffset === logEnd(at(before.logs, b))) this.holdFetch(before, b, a);
  }

  private backOffAsking(before: State, { a, b, c }: Deed): void {
    if (messageAt(before, 'OffsetsForLeaderEpochResponse', a, b, c).error !== 'NONE') {
      this.holdFetch(before, b, a);
    }
  }

  /** Only the thread that fetches from that leader waits. */
  private holdFetch(before: State, broker: number, leader: number): void {
    if (before.replicas[broker]?.fetcher?.leader !== leader) return;
    this.fetchNotBefore[broker] = this.scene.now + this.scene.timing['replica.fetch.backoff.ms'];
  }

  fetchAt(broker: number, since: number): number {
    const { conditions } = this.scene;
    if (isOn(conditions.fetcherStopped, broker)) return NEVER;
    return Math.max(since + (conditions.fetchDelay[broker] ?? 0), this.fetchNotBefore[broker] ?? 0);
  }
}
