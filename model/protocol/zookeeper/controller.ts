/**
 * What a controller in ZooKeeper mode does. Each event is one step: it reads the znodes, decides, writes, and puts its
 * requests into the queues of the brokers. Kafka: KafkaController, PartitionStateMachine, ReplicaStateMachine.
 */
import { has, NO_BROKERS, size, withBroker, without, type BrokerSet } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import { clause, holds } from '../rules/clauses.ts';
import { retainsLastMember } from '../rules/partition-change.ts';
import { fencesController } from '../rules/shared-switches.ts';
import { NO_LEADER } from '../state/replica.ts';
import { electForOffline, electForShutdown, electPreferred, type Elected } from './elections.ts';
import { brokerChanges, liveBrokers } from './live.ts';
import { RequestBatch } from './requests.ts';
import { NO_CONTEXT, type ControllerContext, type Leadership } from './state.ts';

const notOverSuccessor = clause(
  'a controller does not write over what a later controller decided',
  'zookeeper',
);

/** A broker that takes itself for the controller hears that it is not. Kafka: KafkaController.onControllerResignation. */
export function resign(draft: Draft, controller: number): void {
  draft.setContext(controller, NO_CONTEXT);
  draft.closeControlConnections(controller);
}

/** The state of the partition as its znode holds it. */
function readLeadership(draft: Draft): Leadership {
  const { leader, leaderEpoch, isr, partitionEpoch } = at(draft.newestImage().partitions, 0);
  return { leader, leaderEpoch, isr, version: partitionEpoch, controllerEpoch: draft.zookeeper.decidedIn };
}

/** One event at a controller, with the requests that it makes. A controller that is refused for its epoch has none. */
export class ControllerEvent {
  private readonly draft: Draft;
  private readonly controller: number;
  readonly requests: RequestBatch;

  constructor(draft: Draft, controller: number) {
    this.draft = draft;
    this.controller = controller;
    this.requests = new RequestBatch(draft, controller);
  }

  get context(): ControllerContext {
    return this.draft.context(this.controller);
  }
  /** Not so once a write was refused for the controller epoch. */
  isActive(): boolean {
    return this.context.active;
  }
  remember(change: Partial<ControllerContext>): void {
    this.draft.setContext(this.controller, { ...this.context, ...change });
  }
  get assignment(): readonly number[] {
    return this.draft.model.config.assignment;
  }
  get alive(): BrokerSet {
    return this.context.live.reduce((set, epoch, id) => (epoch < 0 ? set : withBroker(set, id)), NO_BROKERS);
  }
  /** Alive and not shutting down. Kafka: ControllerContext.isReplicaOnline. */
  get online(): BrokerSet {
    return this.alive & ~this.context.shuttingDown;
  }

  /**
   * A state that the controller decided: over the newest version, and not over what a later controller decided. The leader
   * epoch moves. False where the write was refused.
   */
  private write(leader: number, isr: BrokerSet, unclean: boolean): boolean {
    const { draft } = this;
    const { leaderEpoch, partitionEpoch } = at(draft.newestImage().partitions, 0);
    const mine = draft.zookeeper.decidedIn <= this.context.epoch;
    if (!holds(draft.model.leftOut, notOverSuccessor, mine)) return false;
    return this.writeOver(partitionEpoch, { leader, isr, leaderEpoch: leaderEpoch + 1 }, unclean);
  }

  /**
   * The conditional write. From 2.1 on it also checks that `/controller_epoch` is as the controller left it (KAFKA-6082),
   * and one that was replaced resigns.
   */
  writeOver(
    version: number,
    next: Readonly<Record<'leader' | 'isr' | 'leaderEpoch', number>>,
    unclean = false,
  ): boolean {
    const { draft } = this;
    const { epoch } = this.context;
    if (fencesController(draft.model) && epoch !== draft.zookeeper.controllerEpoch) {
      resign(draft, this.controller);
      return false;
    }
    const image = draft.newestImage();
    const before = at(image.partitions, 0);
    if (version !== before.partitionEpoch) return false;
    const partitionEpoch = version + 1;
    const { leader, isr } = next;
    draft.writeZnodes({ ...image, partitions: [{ ...before, ...next, partitionEpoch }] });
    draft.zookeeper = { ...draft.zookeeper, decidedIn: epoch };
    this.remember({ leadership: { ...next, version: partitionEpoch, controllerEpoch: epoch } });
    const elected = leader === NO_LEADER ? 'none-electable' : unclean ? 'unclean' : 'clean';
    draft.emit({
      type: 'partition-changed',
      ...{ leader, leaderEpoch: next.leaderEpoch, isrBefore: before.isr, isr, elr: NO_BROKERS },
      assignment: undefined,
      election: leader === before.leader ? undefined : elected,
    });
    return true;
  }

  /** Writes the outcome of an election and tells `brokers`. */
  private lead(elected: Elected | undefined, brokers: readonly number[]): void {
    if (elected === undefined || !this.write(elected.leader, elected.isr, elected.unclean)) return;
    this.remember({ online: true });
    this.requests.leaderAndIsr(brokers);
  }

  /** Kafka: PartitionStateMachine.triggerOnlinePartitionStateChange. */
  electIfOffline(): void {
    if (!this.isActive() || this.context.online) return;
    const { isr } = readLeadership(this.draft);
    const { assignment, online } = this;
    this.lead(
      electForOffline(this.draft.model, { assignment, isr, online }),
      assignment.filter((broker) => has(online, broker)),
    );
  }

  electPreferred(): void {
    const { isr } = readLeadership(this.draft);
    const { assignment, online } = this;
    this.lead(electPreferred(this.draft.model, { assignment, isr, online }), assignment);
  }

  moveFromShuttingDown(): void {
    const { isr } = readLeadership(this.draft);
    const { assignment, online, alive } = this;
    this.lead(
      electForShutdown(this.draft.model, { assignment, isr, online }, this.context.shuttingDown),
      assignment.filter((broker) => has(alive, broker)),
    );
  }

  /**
   * A replica goes offline: it leaves the ISR, unless it is the last member, and others hear of that. The leader epoch
   * moves. Kafka: ReplicaStateMachine, OfflineReplica; removeReplicasFromIsr.
   */
  removeFromIsr(broker: number): void {
    if (!this.isActive() || !this.assignment.includes(broker)) return;
    const known = readLeadership(this.draft);
    if (!has(known.isr, broker)) {
      if (known.controllerEpoch > this.context.epoch) return;
      this.remember({ leadership: { ...known, controllerEpoch: this.context.epoch } });
    } else {
      const last = size(known.isr) === 1 && retainsLastMember(this.draft.model);
      const isr = last ? known.isr : without(known.isr, broker);
      if (!this.write(known.leader === broker ? NO_LEADER : known.leader, isr, false)) return;
    }
    this.requests.leaderAndIsr(this.assignment.filter((other) => other !== broker));
  }

  /** Kafka: KafkaController.onBrokerStartup. */
  started(brokers: readonly number[]): void {
    if (!this.isActive() || brokers.length === 0) return;
    this.requests.updateMetadata();
    this.requests.leaderAndIsr(brokers.filter((broker) => this.assignment.includes(broker)));
    this.electIfOffline();
  }

  /** Kafka: KafkaController.onBrokerFailure, onReplicasBecomeOffline. */
  failed(brokers: readonly number[]): void {
    if (!this.isActive() || brokers.length === 0) return;
    this.remember({
      shuttingDown: brokers.reduce((set, broker) => without(set, broker), this.context.shuttingDown),
    });
    if (!has(this.online, this.context.leadership.leader)) this.remember({ online: false });
    this.electIfOffline();
    for (const broker of brokers) this.removeFromIsr(broker);
    if (this.isActive()) this.requests.updateMetadata();
  }

  /** Counts brokers as alive under their broker epochs, or as gone. */
  private setLive(brokers: readonly number[], epochs: readonly number[]): void {
    this.remember({
      live: this.context.live.map((epoch, id) => (brokers.includes(id) ? at(epochs, id) : epoch)),
    });
  }

  /** Kafka: KafkaController.processBrokerChange. */
  brokersChanged(): void {
    const { draft, controller } = this;
    const now = liveBrokers(draft.newestImage());
    const { started, bounced, gone } = brokerChanges(draft.model, this.context.live, now);
    for (const broker of [...bounced, ...gone]) draft.closeControlConnections(controller, broker);
    this.setLive(started, now);
    this.started(started);
    if (bounced.length > 0 && this.isActive()) {
      this.setLive(
        bounced,
        this.context.live.map(() => -1),
      );
      this.failed(bounced);
      if (this.isActive()) this.setLive(bounced, now);
      this.started(bounced);
    }
    if (gone.length > 0 && this.isActive()) {
      this.setLive(gone, now);
      this.failed(gone);
    }
  }

  /** A new controller reads everything and tells everybody. Kafka: KafkaController.onControllerFailover. */
  takeOver(): void {
    const { draft, controller } = this;
    const epoch = draft.zookeeper.controllerEpoch + 1;
    draft.zookeeper = { ...draft.zookeeper, controllerEpoch: epoch, controller };
    draft.setContext(controller, {
      active: true,
      epoch,
      live: liveBrokers(draft.newestImage()),
      shuttingDown: NO_BROKERS,
      leadership: readLeadership(draft),
      online: true,
    });
    draft.emit({ type: 'controller-elected' });
    this.requests.updateMetadata();
    const { online, assignment } = this;
    this.requests.leaderAndIsr(assignment.filter((broker) => has(online, broker)));
    if (draft.model.rules['failover-removes-dead-replicas'] === 'yes') {
      for (const broker of assignment) if (!has(online, broker)) this.removeFromIsr(broker);
    }
    this.remember({ online: has(online, this.context.leadership.leader) });
    this.electIfOffline();
  }

  /**
   * Leaderships move away, followers are stopped and leave the ISR. True once the broker leads nothing. Kafka:
   * KafkaController.doControlledShutdown.
   */
  shutDown(broker: number): boolean {
    this.remember({ shuttingDown: withBroker(this.context.shuttingDown, broker) });
    if (this.assignment.length > 1 && this.assignment.includes(broker)) {
      if (this.context.leadership.leader === broker) this.moveFromShuttingDown();
      else {
        this.requests.stopReplica(broker);
        this.removeFromIsr(broker);
      }
    }
    return this.isActive() && (this.assignment.length === 1 || this.context.leadership.leader !== broker);
  }
}

/** One event: does it, then sends the requests that it made. A controller that resigned in it sends none. */
export function handleEvent<T>(draft: Draft, controller: number, event: (now: ControllerEvent) => T): T {
  const now = new ControllerEvent(draft, controller);
  const result = event(now);
  if (now.isActive()) now.requests.send();
  return result;
}
