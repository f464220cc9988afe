/** The parts of a simulation that each partition has of its own, for one that is not the first. */
import { viewOf } from '../../protocol/state/partitions.ts';
import type { State } from '../../protocol/state/state.ts';
import { Clients, type Workload } from './clients.ts';
import { Lag } from './lag.ts';
import type { Stream } from './latency.ts';
import { Place } from './place.ts';
import { ELSEWHERE, type Deed } from './repertoire.ts';
import { RequestTimeouts } from './request-timeouts.ts';
import type { Follower } from './scene.ts';
import type { Section } from './section.ts';

export class OfPartition implements Follower {
  readonly scene: Section;
  readonly lag: Lag;
  readonly clients: Clients;
  readonly place: Place;
  private readonly timeouts: RequestTimeouts;
  private readonly partition: number;

  constructor(scene: Section, partition: number, workload: Workload, fencing: readonly Stream[]) {
    this.scene = scene;
    this.partition = partition;
    this.lag = new Lag(scene);
    this.timeouts = new RequestTimeouts(scene, this.lag);
    this.clients = new Clients(scene, workload, this.timeouts);
    this.place = new Place(scene, this.clients, fencing);
  }

  /** Looks at a step that was just taken, which need not be one of this partition. */
  follow(before: State, after: State, deed: Deed): void {
    const own = deed.isShared || deed.partition === this.partition ? deed : ELSEWHERE;
    const was = viewOf(before, this.partition);
    const is = viewOf(after, this.partition);
    this.scene.inFlight.follow(is.channels, this.scene.now);
    this.place.follow(was, is, own);
    this.lag.follow(was, is, own);
    this.timeouts.follow(was, is, own);
    this.clients.follow(was, is, own);
  }
}
