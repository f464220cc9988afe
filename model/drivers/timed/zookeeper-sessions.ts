/**
 * Sessions in ZooKeeper mode: a broker that ZooKeeper has not heard of for `zookeeper.session.timeout.ms` loses its
 * ephemeral znodes. What follows from that is on the agenda.
 */
import { CONTROLLER } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { connected, currentRegistration, processOf } from '../../protocol/look.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import { isBeating } from '../../protocol/state/broker.ts';
import type { State } from '../../protocol/state/state.ts';
import { isRegistered } from '../../protocol/zookeeper/look.ts';
import { brokersSettled, type Life } from './lifecycle.ts';
import type { Scene } from './scene.ts';

export class ZooKeeperSessions implements Life {
  private readonly scene: Scene;
  private readonly expire: readonly ActionCode[];
  /** By broker: since when nobody pings for its znode (ms), or −1 while somebody does. */
  private readonly silentSince: Float64Array;

  constructor(scene: Scene) {
    this.scene = scene;
    this.expire = scene.repertoire.byBroker('zookeeper-session-expires');
    this.silentSince = new Float64Array(scene.model.config.brokers).fill(-1);
  }

  follow(before: State, after: State): void {
    const same =
      before.processes === after.processes &&
      before.links === after.links &&
      before.metadata === after.metadata;
    if (same) return;
    for (let broker = 0; broker < this.silentSince.length; broker++) {
      const isSilent = this.isSilent(after, broker);
      if (isSilent === at64(this.silentSince, broker) >= 0) continue;
      this.silentSince[broker] = isSilent ? this.scene.now : -1;
      if (isSilent) this.arm(broker);
    }
  }

  /** There is a znode, and nobody lives, runs and reaches ZooKeeper whose it is. */
  private isSilent(state: State, broker: number): boolean {
    if (currentRegistration(state, broker).fenced) return false;
    const pings = isBeating(processOf(state, broker)) && connected(state, broker, CONTROLLER);
    return !(pings && isRegistered(state, broker));
  }

  private arm(broker: number): void {
    const since = at64(this.silentSince, broker);
    this.scene.clock.push(since + this.scene.timing['zookeeper.session.timeout.ms'], () => {
      if (this.silentSince[broker] === since) this.scene.attempt(at(this.expire, broker));
    });
  }

  isSettled(): boolean {
    return brokersSettled(this.scene.state);
  }

  /** Nothing is fetched here: controllers send what brokers are to know. */
  fetchMetadata(): void {
    return;
  }
}

const at64 = (values: Float64Array, index: number): number => values[index] ?? -1;
