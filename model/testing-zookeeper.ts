/** What tests of ZooKeeper mode share: runs written by hand, in which C is the controller. Only tests import it. */
import { at } from './protocol/draft.ts';
import { ABANDONED, isControlRequest, type Message } from './protocol/state/message.ts';
import type { Cache, ControllerContext, ZooKeeper } from './protocol/zookeeper/state.ts';
import { Play, type Wanted } from './testing.ts';

const ACTION: Readonly<Record<string, string>> = {
  LeaderAndIsr: 'leader-and-isr',
  UpdateMetadata: 'update-metadata',
  StopReplica: 'stop-replica',
};

export class ZooKeeperPlay extends Play {
  constructor(wanted: Wanted = {}) {
    super({ release: '3.0', ...wanted });
  }

  zookeeper(): ZooKeeper {
    const { zookeeper } = this.state;
    if (zookeeper === undefined) throw new Error('not in ZooKeeper mode');
    return zookeeper;
  }
  context(broker: number): ControllerContext {
    return at(this.state.controllers ?? [], broker);
  }
  cache(broker: number): Cache {
    return at(this.state.caches ?? [], broker);
  }
  /** What a controller has in its queue for a broker, copies left out. */
  queue(controller: number, broker: number): Message[] {
    return this.requests(controller, broker).filter(
      (message) => !('incarnation' in message) || message.incarnation !== ABANDONED,
    );
  }
  private requests(controller: number, broker: number): Message[] {
    return this.state.channels
      .flat()
      .filter(({ kind, from, to }) => isControlRequest(kind) && from === controller && to === broker);
  }

  /** The broker handles what this controller has sent it, in order. */
  told(broker: number, by: number): this {
    for (let next = this.queue(by, broker)[0]; next !== undefined; next = this.queue(by, broker)[0]) {
      const { kind } = next;
      const nth = this.requests(by, broker)
        .filter((message) => message.kind === kind)
        .indexOf(next);
      this.act(`handle-${ACTION[kind] ?? kind}`, by, broker, nth);
    }
    return this;
  }

  /** Every broker that can handles what this controller has sent it. */
  tellsAll(controller: number): this {
    for (const [broker, { status, paused }] of this.state.processes.entries()) {
      if (status !== 'down' && status !== 'starting' && !paused) this.told(broker, controller);
    }
    return this;
  }

  /** The session of the broker ends, and the controller sees that its znode is gone. */
  noticeLoss(broker: number, controller: number): this {
    return this.act('zookeeper-session-expires', broker).act('notice-broker-change', controller);
  }

  /** The broker comes up and registers; the session of its former life has ended. */
  startAndRegister(broker: number): this {
    return this.act('start-broker', broker).act('register-in-zookeeper', broker);
  }
}
