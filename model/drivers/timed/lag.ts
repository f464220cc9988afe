/**
 * How long each follower has lagged, as each leader sees it: the machine keeps two flags of a follower's times, this
 * part keeps the times and clears the flags when `replica.lag.time.max.ms` has passed.
 * Kafka: ReplicaState.lastCaughtUpTimeMs, lastFetchTimeMs.
 */
import { at } from '../../protocol/draft.ts';
import { connected, servesRequests } from '../../protocol/look.ts';
import { isAwake } from '../../protocol/state/broker.ts';
import { logEnd } from '../../protocol/state/log.ts';
import type { Leading } from '../../protocol/state/replica.ts';
import type { State } from '../../protocol/state/state.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import type { Deed } from './repertoire.ts';
import { isOn } from './conditions.ts';
import type { Follower, Scene } from './scene.ts';

export class Lag implements Follower {
  private readonly scene: Scene;
  private readonly brokers: number;
  /** By leader × brokers + follower (ms). */
  private readonly caughtUp: Float64Array;
  private readonly fetched: Float64Array;
  private readonly idled: Float64Array;
  private readonly armed: Uint8Array;
  private readonly checks: (() => void)[] = [];
  private readonly elapses: readonly ActionCode[];

  constructor(scene: Scene) {
    this.scene = scene;
    const { brokers } = scene.model.config;
    this.brokers = brokers;
    this.caughtUp = new Float64Array(brokers * brokers);
    this.fetched = new Float64Array(brokers * brokers);
    this.idled = new Float64Array(brokers * brokers);
    this.armed = new Uint8Array(brokers * brokers);
    this.elapses = scene.repertoire.byBrokers('lag-elapses');
    for (let leader = 0; leader < brokers; leader++) {
      for (let follower = 0; follower < brokers; follower++) {
        this.checks.push(() => {
          this.check(leader, follower);
        });
        this.arm(leader, follower);
      }
    }
  }

  follow(before: State, after: State, deed: Deed): void {
    if (before.replicas === after.replicas) return;
    for (let leader = 0; leader < this.brokers; leader++) {
      const was = at(before.replicas, leader).leading;
      const is = at(after.replicas, leader).leading;
      if (is === null || is.remotes === was?.remotes) continue;
      if (deed.kind === 'handle-fetch' && was !== null) {
        this.progressed(leader, deed.a, was, is, logEnd(at(before.logs, leader)));
      } else if (deed.kind !== 'lag-elapses') {
        this.reset(leader, is);
      }
      for (let follower = 0; follower < this.brokers; follower++) this.arm(leader, follower);
    }
  }

  /** A fetch counted as progress. Kafka: Replica.updateFetchStateOrThrow. */
  private progressed(leader: number, follower: number, was: Leading, is: Leading, leaderEnd: number): void {
    const slot = leader * this.brokers + follower;
    const { now } = this.scene;
    const offset = at(is.remotes, follower).logEndOffset;
    if (offset >= leaderEnd) {
      this.caughtUp[slot] = now;
    } else if (offset >= at(was.remotes, follower).lastFetchLeaderLogEndOffset) {
      this.caughtUp[slot] = Math.max(at64(this.caughtUp, slot), at64(this.fetched, slot));
    }
    this.fetched[slot] = now;
  }

  /** New leadership: the members of the ISR get the full grace. Kafka: Replica.resetReplicaState. */
  private reset(leader: number, is: Leading): void {
    for (let follower = 0; follower < this.brokers; follower++) {
      const slot = leader * this.brokers + follower;
      const remote = at(is.remotes, follower);
      this.caughtUp[slot] = remote.caughtUpRecently ? this.scene.now : 0;
      this.fetched[slot] = remote.fetchedRecently ? this.scene.now : 0;
    }
  }

  private arm(leader: number, follower: number): void {
    const slot = leader * this.brokers + follower;
    if (leader === follower || this.armed[slot] === 1) return;
    const since = this.since(leader, follower);
    if (since < 0) return;
    this.armed[slot] = 1;
    const { clock, timing } = this.scene;
    clock.push(since + timing['replica.lag.time.max.ms'] + 1, at(this.checks, slot));
  }

  /** The older of the times whose flag is set, or -1 where none is. The caught-up time is never the newer one. */
  private since(leader: number, follower: number): number {
    const remote = at(this.scene.state.replicas, leader).leading?.remotes[follower];
    const slot = leader * this.brokers + follower;
    if (remote?.caughtUpRecently === true) return at64(this.caughtUp, slot);
    return remote?.fetchedRecently === true ? at64(this.fetched, slot) : -1;
  }

  private check(leader: number, follower: number): void {
    const { scene } = this;
    const slot = leader * this.brokers + follower;
    this.armed[slot] = 0;
    this.stamp(leader, follower);
    const since = this.since(leader, follower);
    if (since < 0) return;
    // Where it is taken, the next of the two times is armed as for any other step; refused, the flag stays set.
    if (since + scene.timing['replica.lag.time.max.ms'] < scene.now) scene.attempt(at(this.elapses, slot));
    else this.arm(leader, follower);
  }

  /**
   * A follower that waits at the leader with nothing to fetch fetches again and again in truth; the machine leaves
   * out such fetches, because they change nothing but these times.
   */
  isIdling(leader: number, follower: number): boolean {
    const { state, inFlight, conditions } = this.scene;
    const waiting = inFlight.find('DelayedFetch', follower, leader, 0)?.message;
    if (waiting?.kind !== 'DelayedFetch') return false;
    const process = at(state.processes, follower);
    const { fetcher } = at(state.replicas, follower);
    return (
      waiting.incarnation === process.incarnation &&
      fetcher?.state === 'fetching' &&
      fetcher.leader === leader &&
      !isOn(conditions.fetcherStopped, follower) &&
      isAwake(process) &&
      servesRequests(at(state.processes, leader)) &&
      connected(state, leader, follower) &&
      waiting.currentLeaderEpoch === at(state.replicas, leader).leaderEpoch &&
      waiting.fetchOffset === logEnd(at(state.logs, leader))
    );
  }

  /** Notes that the follower fetches idly up to now. */
  stamp(leader: number, follower: number): void {
    if (!this.isIdling(leader, follower)) return;
    const slot = leader * this.brokers + follower;
    this.idled[slot] = this.scene.now;
    const remote = at(this.scene.state.replicas, leader).leading?.remotes[follower];
    // The first idle fetch after the flag was cleared is a step of its own, and sets it.
    if (remote?.caughtUpRecently !== true) return;
    this.caughtUp[slot] = this.scene.now;
    if (remote.fetchedRecently) this.fetched[slot] = this.scene.now;
  }

  /** When this follower was last noted to fetch idly, or 0 (ms). */
  idledUntil(leader: number, follower: number): number {
    return at64(this.idled, leader * this.brokers + follower);
  }

  /** To be called before anything that may end an idle exchange: a fault, its undo. */
  stampAll(): void {
    for (const flights of this.scene.inFlight.all()) {
      for (const { message } of flights) {
        if (message.kind === 'DelayedFetch') this.stamp(message.to, message.from);
      }
    }
  }

  /** Whether some clock still runs out, in this state, if nothing else happens. */
  isRunning(): boolean {
    for (let leader = 0; leader < this.brokers; leader++) {
      if (at(this.scene.state.replicas, leader).leading === null) continue;
      for (let follower = 0; follower < this.brokers; follower++) {
        if (leader !== follower && this.since(leader, follower) >= 0 && !this.isIdling(leader, follower)) {
          return true;
        }
      }
    }
    return false;
  }
}

const at64 = (values: Float64Array, index: number): number => values[index] ?? 0;
