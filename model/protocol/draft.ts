/** The next state while a step builds it: components are replaced, never changed, and the rest is shared. */
import {
  newestImage,
  imageAt,
  newestOffset,
  type MetadataImage,
  type MetadataLog,
} from './state/metadata.ts';
import type { Disk, Process, Proposal } from './state/broker.ts';
import type { Consumer, Producer } from './state/clients.ts';
import type { Controller, Heartbeat } from './state/controller.ts';
import type { Environment } from './state/environment.ts';
import type { Log } from './state/log.ts';
import {
  channelOf,
  isChannelOf,
  isControlChannel,
  positionOf,
  withMessage,
  type Channel,
} from './state/channel.ts';
import { producerParty } from './base/party.ts';
import { ABANDONED, type AbandonableKind, type Message, type MessageOf } from './state/message.ts';
import { waitingAt, withWaiting, type Replica } from './state/replica.ts';
import { turned, viewOf } from './state/partitions.ts';
import type { PartitionState, State } from './state/state.ts';
import type { Event } from './events.ts';
import { isOffline, type Model } from './config.ts';
import { has } from './base/broker-set.ts';
import type { Cache, ControllerContext, ZooKeeper } from './zookeeper/state.ts';

export class Draft {
  readonly model: Model;
  /** The state before the step, as the partition at hand sees it. */
  base: State;
  /** The partition at hand: logs, replicas, channels, clients and the first partition of each image are its own. */
  partition = 0;
  readonly events: Event[] = [];
  metadata: MetadataLog;
  controller: Controller;
  environment: Environment;
  private zookeeperNow: ZooKeeper | undefined;
  private controllers: readonly ControllerContext[] | undefined;
  private caches: readonly Cache[] | undefined;
  private processes: readonly Process[];
  private disks: readonly Disk[];
  private logs: readonly Log[];
  private replicas: readonly Replica[];
  private channels: readonly Channel[];
  private links: State['links'];
  private producers: readonly Producer[];
  private consumers: readonly Consumer[];
  private alterPartitions: readonly (Proposal | null)[] | undefined;
  /** What the partitions that are not at hand have of their own; undefined where there is only one. */
  private readonly parts: PartitionState[] | undefined;
  /** Whether some broker has come to another place in the metadata log. */
  private offsetsMoved = false;

  private readonly whole: State;

  constructor(model: Model, base: State) {
    this.model = model;
    this.whole = base;
    this.base = base;
    this.metadata = base.metadata;
    this.controller = base.controller;
    this.environment = base.environment;
    this.zookeeperNow = base.zookeeper;
    this.controllers = base.controllers;
    this.caches = base.caches;
    this.processes = base.processes;
    this.disks = base.disks;
    this.logs = base.logs;
    this.replicas = base.replicas;
    this.channels = base.channels;
    this.links = base.links;
    this.producers = base.producers;
    this.consumers = base.consumers;
    const { others } = base;
    if (others !== undefined) this.parts = [this.ownPart(), ...others];
  }

  /** From now on it is about this partition. */
  focus(partition: number): void {
    const { parts, partition: before } = this;
    if (partition === before || parts === undefined) return;
    parts[before] = this.keptPart(at(parts, before));
    const { base } = this;
    this.base = viewOf(this.whole, partition);
    this.metadata =
      this.metadata === base.metadata ? this.base.metadata : turned(turned(this.metadata, before), partition);
    this.partition = partition;
    const part = at(parts, partition);
    this.logs = part.logs;
    this.replicas = part.replicas;
    this.channels = part.channels;
    this.producers = part.producers;
    this.consumers = part.consumers;
    this.alterPartitions = partition === 0 ? undefined : part.alterPartitions;
  }

  /** Does something for each partition that there is or may be, and comes back to the one at hand. */
  forEachPartition(deed: () => void): void {
    if (this.parts === undefined) {
      deed();
      return;
    }
    const here = this.partition;
    for (let partition = 0; partition < this.parts.length; partition++) {
      this.focus(partition);
      deed();
    }
    this.focus(here);
  }

  private ownPart(): PartitionState {
    const { logs, replicas, channels, producers, consumers, alterPartitions = [] } = this;
    return { logs, replicas, channels, producers, consumers, alterPartitions };
  }

  /** Where nothing has changed, the same object. */
  private keptPart(before: PartitionState): PartitionState {
    const now = this.ownPart();
    const same =
      now.logs === before.logs &&
      now.replicas === before.replicas &&
      now.channels === before.channels &&
      now.producers === before.producers &&
      now.consumers === before.consumers &&
      (this.partition === 0 || now.alterPartitions === before.alterPartitions);
    return same ? before : now;
  }

  process(broker: number): Process {
    return at(this.processes, broker);
  }
  setProcess(broker: number, process: Process): void {
    if (process.metadataOffset !== this.process(broker).metadataOffset) this.offsetsMoved = true;
    this.processes = replace(this.processes, broker, process);
  }
  /** The ISR change of the partition at hand that AlterPartitionManager still has to bring through, pending or given up. */
  alterPartition(broker: number): Proposal | null {
    if (this.alterPartitions === undefined) return this.process(broker).alterPartition;
    return atOrNull(this.alterPartitions, broker);
  }
  setAlterPartition(broker: number, proposal: Proposal | null): void {
    if (this.alterPartitions === undefined) {
      this.setProcess(broker, { ...this.process(broker), alterPartition: proposal });
    } else this.alterPartitions = replace(this.alterPartitions, broker, proposal);
  }
  /** The log directory with the partition at hand has not failed. */
  hasLog(broker: number): boolean {
    return !isOffline(this.model, this.process(broker).offline, this.partition, broker);
  }
  disk(broker: number): Disk {
    return at(this.disks, broker);
  }
  setDisk(broker: number, disk: Disk): void {
    this.disks = replace(this.disks, broker, disk);
  }
  log(broker: number): Log {
    return at(this.logs, broker);
  }
  setLog(broker: number, log: Log): void {
    this.logs = replace(this.logs, broker, log);
  }
  replica(broker: number): Replica {
    return at(this.replicas, broker);
  }
  setReplica(broker: number, replica: Replica): void {
    this.replicas = replace(this.replicas, broker, replica);
  }
  producer(producer: number): Producer {
    return at(this.producers, producer);
  }
  setProducer(producer: number, next: Producer): void {
    this.producers = replace(this.producers, producer, next);
  }
  consumer(consumer: number): Consumer {
    return at(this.consumers, consumer);
  }
  setConsumer(consumer: number, next: Consumer): void {
    this.consumers = replace(this.consumers, consumer, next);
  }
  heartbeat(broker: number): Heartbeat {
    return at(this.controller.heartbeats, broker);
  }
  setHeartbeat(broker: number, heartbeat: Heartbeat): void {
    this.controller = {
      ...this.controller,
      heartbeats: replace(this.controller.heartbeats, broker, heartbeat),
    };
  }

  // ZooKeeper mode: asked for elsewhere, these throw.

  get zookeeper(): ZooKeeper {
    return present(this.zookeeperNow);
  }
  set zookeeper(zookeeper: ZooKeeper) {
    this.zookeeperNow = zookeeper;
  }
  /** What a broker remembers as controller. */
  context(broker: number): ControllerContext {
    return at(present(this.controllers), broker);
  }
  setContext(broker: number, context: ControllerContext): void {
    this.controllers = replace(present(this.controllers), broker, context);
  }
  /** What controllers have told a broker. */
  cache(broker: number): Cache {
    return at(present(this.caches), broker);
  }
  setCache(broker: number, cache: Cache): void {
    this.caches = replace(present(this.caches), broker, cache);
  }

  /** The image that the controller works on. */
  newestImage(): MetadataImage {
    return newestImage(this.metadata);
  }
  /** The image that a broker has applied. */
  imageOf(broker: number): MetadataImage {
    if (this.caches !== undefined) return this.cache(broker).image;
    return imageAt(this.metadata, this.process(broker).metadataOffset);
  }
  /** What the znodes hold from now on. */
  writeZnodes(image: MetadataImage): void {
    this.metadata = { start: 0, images: [image] };
  }
  /** Commits one metadata record, given as the image after it. */
  commit(image: MetadataImage): void {
    this.metadata = { start: this.metadata.start, images: [...this.metadata.images, image] };
  }

  send(message: Message): void {
    const channel = channelOf(
      this.processes.length,
      this.producers.length,
      message.kind,
      message.from,
      message.to,
    );
    this.channels = replace(this.channels, channel, withMessage(at(this.channels, channel), message));
  }
  /** What is under way in one channel. */
  channel(index: number): Channel {
    return at(this.channels, index);
  }
  /** Takes the n-th message of a kind between two parties out of its channel. */
  receive<K extends Message['kind']>(kind: K, from: number, to: number, nth: number): MessageOf<K> {
    const index = channelOf(this.processes.length, this.producers.length, kind, from, to);
    const channel = at(this.channels, index);
    const position = positionOf(channel, kind, from, to, nth);
    const rest: Message[] = [];
    for (let i = 0; i < channel.length; i++) if (i !== position) rest.push(at(channel, i));
    this.channels = replace(this.channels, index, rest);
    return at(channel, position) as MessageOf<K>;
  }
  /** Takes away the first `count` messages of a kind between two parties: whoever gets them drops them unread. */
  discard(kind: Message['kind'], from: number, to: number, count: number): void {
    for (let i = 0; i < count; i++) this.receive(kind, from, to, 0);
  }
  /** The requester gives up: the request stays where it is, but nobody waits for the answer. */
  abandon(kind: AbandonableKind, from: number, to: number, nth: number): void {
    const index = channelOf(this.processes.length, this.producers.length, kind, from, to);
    const channel = at(this.channels, index);
    const position = positionOf(channel, kind, from, to, nth);
    const message = at(channel, position);
    if (message.kind !== kind) return;
    this.channels = replace(
      this.channels,
      index,
      replace(channel, position, { ...message, incarnation: ABANDONED }),
    );
  }
  /**
   * A connection of a producer ends. Of the requests on it the `lostFrom`-th and later are lost; the broker may still handle
   * those before, for nobody; no answer arrives any more. With it go the answers of other partitions.
   */
  breakConnection(producer: number, broker: number, lostFrom = Number.POSITIVE_INFINITY): void {
    const here = this.partition;
    this.forEachPartition(() => {
      this.breakConnectionHere(
        producer,
        broker,
        this.partition === here ? lostFrom : Number.POSITIVE_INFINITY,
      );
    });
  }
  private breakConnectionHere(producer: number, broker: number, lostFrom: number): void {
    const index = channelOf(
      this.processes.length,
      this.producers.length,
      'Produce',
      producerParty(producer),
      broker,
    );
    const before = at(this.channels, index);
    let nth = 0;
    const left = before.flatMap((message): Message[] => {
      if (message.kind !== 'Produce') return [];
      if (nth++ >= lostFrom && message.incarnation !== ABANDONED) return [];
      return [message.incarnation === ABANDONED ? message : { ...message, incarnation: ABANDONED }];
    });
    const same = left.length === before.length && left.every((message, i) => message === before[i]);
    if (!same) this.channels = replace(this.channels, index, left);
    const replica = this.replica(broker);
    const held = waitingAt(replica);
    if (!held.some((one) => one.producer === producer)) return;
    const waiting = held.filter((one) => one.producer !== producer);
    this.setReplica(broker, withWaiting(replica, waiting));
  }
  /**
   * The connections of a party end with its process: what is under way to it is lost, and so are its fetches that wait.
   * Nobody waits for the answers to what it has sent, so which of its lives sent it makes no difference any more.
   */
  disconnect(party: number): void {
    this.forEachPartition(() => {
      this.disconnectHere(party);
    });
  }
  private disconnectHere(party: number): void {
    for (let i = 0; i < this.channels.length; i++) {
      if (!isChannelOf(this.processes.length, this.producers.length, i, party)) continue;
      const channel = at(this.channels, i);
      if (channel.length === 0) continue;
      const rest = isControlChannel(this.processes.length, this.producers.length, i)
        ? withoutConnection(channel, party)
        : disconnected(channel, party);
      this.channels = replace(this.channels, i, rest);
    }
  }
  /** A controller closes its connections: of each queue, the request that is under way may still arrive. */
  closeControlConnections(controller: number, broker?: number): void {
    for (let to = 0; to < this.processes.length; to++) {
      if (broker !== undefined && to !== broker) continue;
      const index = channelOf(this.processes.length, this.producers.length, 'LeaderAndIsr', controller, to);
      this.channels = replace(this.channels, index, lastRequest(at(this.channels, index)));
    }
  }
  setCut(cut: readonly number[]): void {
    this.links = { cut };
  }
  allCut(): readonly number[] {
    return this.links.cut;
  }

  emit(event: Event): void {
    this.events.push(this.partition === 0 ? event : { ...event, partition: this.partition });
  }

  finish(): State {
    this.focus(0);
    return {
      metadata: this.pruned(),
      controller: this.controller,
      processes: this.processes,
      disks: this.disks,
      logs: this.logs,
      replicas: this.replicas,
      channels: this.channels,
      links: this.links,
      producers: this.producers,
      consumers: this.consumers,
      environment: this.healedEnvironment(),
      others: this.otherParts(),
      zookeeper: this.zookeeperNow,
      controllers: this.controllers,
      caches: this.caches,
    };
  }

  private otherParts(): readonly PartitionState[] | undefined {
    const { others } = this.whole;
    if (this.parts === undefined || others === undefined) return undefined;
    const now = this.parts.slice(1);
    return now.every((part, i) => part === others[i]) ? others : now;
  }

  /** Records that every broker has applied are forgotten: no rule can ask for them again. */
  private pruned(): MetadataLog {
    const { metadata } = this;
    if (metadata === this.base.metadata && !this.offsetsMoved) return metadata;
    let oldest = newestOffset(metadata);
    for (let broker = 0; broker < this.processes.length && oldest > metadata.start; broker++) {
      const { metadataOffset } = this.process(broker);
      if (metadataOffset >= 0 && metadataOffset < oldest) oldest = metadataOffset;
    }
    return oldest === metadata.start
      ? metadata
      : { start: oldest, images: metadata.images.slice(oldest - metadata.start) };
  }

  /**
   * Once every replica runs, is known to the controller as it runs, and is in the ISR with the same log as all others,
   * earlier losses and stops count no more.
   */
  private healedEnvironment(): Environment {
    const { environment } = this;
    if (!this.model.countsStops) return environment;
    if (environment.lossy === 0 && environment.uncleanStops === 0) return environment;
    const { base } = this;
    const same =
      environment === base.environment && this.logs === base.logs && this.processes === base.processes;
    if (same && this.parts === undefined && this.metadata === base.metadata) return environment;
    const broken: number[] = [];
    this.forEachPartition(() => {
      if (!this.isWhole()) broken.push(this.partition);
    });
    return broken.length === 0 ? { ...environment, lossy: 0, uncleanStops: 0 } : environment;
  }

  private isWhole(): boolean {
    const image = this.newestImage();
    const partition = at(image.partitions, 0);
    const [head] = partition.replicas;
    // One that is to be added later has no replicas yet.
    if (head === undefined) return true;
    const first = at(this.logs, head);
    for (const broker of partition.replicas) {
      if (!has(partition.isr, broker)) return false;
      const { epoch, fenced } = at(image.registrations, broker);
      const process = at(this.processes, broker);
      if (process.status !== 'running' || process.brokerEpoch !== epoch || fenced) return false;
      const { entries } = at(this.logs, broker);
      if (entries.length !== first.entries.length) return false;
      for (let i = entries.length - 1; i >= 0; i--) if (entries[i] !== first.entries[i]) return false;
    }
    return true;
  }
}

/** The element at `index`, which the caller knows to exist. */
export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}

function disconnected(channel: Channel, party: number): Channel {
  const isLost = ({ kind, from, to }: Message): boolean =>
    to === party || (kind === 'DelayedFetch' && from === party);
  const isGivenUp = (message: Message): boolean =>
    message.from === party && 'incarnation' in message && message.incarnation !== ABANDONED;
  if (!channel.some((message) => isLost(message) || isGivenUp(message))) return channel;
  return channel
    .filter((message) => !isLost(message))
    .map((message) => (isGivenUp(message) ? { ...message, incarnation: ABANDONED } : message));
}

/**
 * A queue of control requests whose sender or receiver dies. The sender asks a broker again until it knows of its death,
 * so that its next life gets what was meant for this one; but for a copy of which the sender does not know.
 */
function withoutConnection(channel: Channel, party: number): Channel {
  const [first] = channel;
  if (first?.from === party) return lastRequest(channel);
  return channel.some(isAbandoned) ? channel.filter((message) => !isAbandoned(message)) : channel;
}

/** What is left of a queue when its sender gives up: copies, and the request that was sent last. */
function lastRequest(channel: Channel): Channel {
  const under = channel.findIndex((message) => !isAbandoned(message));
  if (under < 0) return channel;
  const copies = channel.filter(isAbandoned);
  return [...copies, { ...at(channel, under), incarnation: ABANDONED } as Message];
}

const isAbandoned = (message: Message): boolean =>
  'incarnation' in message && message.incarnation === ABANDONED;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('only in ZooKeeper mode');
  return value;
}

function atOrNull<T>(values: readonly (T | null)[], index: number): T | null {
  return values[index] ?? null;
}

function replace<T>(values: readonly T[], index: number, value: T): readonly T[] {
  if (values[index] === value) return values;
  const copy = values.slice();
  copy[index] = value;
  return copy;
}
