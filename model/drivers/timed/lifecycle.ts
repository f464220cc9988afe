/**
 * A broker's talk with the controller: registration, heartbeats, sessions, metadata.
 * Kafka: BrokerLifecycleManager, BrokerHeartbeatManager, MetadataLoader.
 */
import { CONTROLLER } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { connected, currentRegistration } from '../../protocol/look.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import { isAwake, isBeating, NO_BROKER_EPOCH, NO_METADATA } from '../../protocol/state/broker.ts';
import { newestOffset } from '../../protocol/state/metadata.ts';
import type { State } from '../../protocol/state/state.ts';
import { isOn } from './conditions.ts';
import type { Stream } from './latency.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

/** Kafka: BrokerLifecycleManager.resendExponentialBackoff (ms). */
const FIRST_BACKOFF = 100;
/** Pause between heartbeats of a broker that is starting, and after the first of a controlled shutdown (ms). */
const SOON = 10;
const SHUTTING_DOWN_SOON = 50;
/** How long a process needs before it registers (ms). */
export const STARTUP = 200;
export const STARTUP_SPREAD = 300;

/** One broker's side, thrown away with its process. */
class Talk {
  failures = 0;
  /** A heartbeat is under way or waits for its time; a newer number makes older ones void. */
  number = 0;
  askedToStop = false;
  /** Metadata is under way, up to this offset. */
  fetching = false;
}

/** How brokers come to be known to the cluster and are forgotten by it. */
export interface Life extends Follower {
  /** Looks again at who is behind with metadata. */
  fetchMetadata(): void;
  /** Whether every broker lives in its registered life and counts as alive: else some session or attempt runs out. */
  isSettled(): boolean;
}

export const brokersSettled = (state: State): boolean =>
  state.processes.every((process, broker) => {
    const registration = currentRegistration(state, broker);
    return isAwake(process) && process.brokerEpoch === registration.epoch && !registration.fenced;
  });

export class Lifecycle implements Life {
  private readonly scene: Scene;
  private readonly talks: Talk[];
  private readonly startup: readonly Stream[];
  /** By broker: when the controller last heard of it (ms). */
  private readonly lastContact: Float64Array;
  private readonly sessionArmed: Uint8Array;
  private readonly checkSession: (() => void)[];
  private readonly heartbeat: readonly ActionCode[];
  private readonly expire: readonly ActionCode[];
  private readonly register: readonly ActionCode[];

  constructor(scene: Scene) {
    this.scene = scene;
    const brokers = Array.from({ length: scene.model.config.brokers }, (_, id) => id);
    this.talks = brokers.map(() => new Talk());
    this.startup = brokers.map((broker) => scene.streams.stream(`startup of broker ${broker}`));
    this.lastContact = new Float64Array(brokers.length);
    this.sessionArmed = new Uint8Array(brokers.length);
    this.checkSession = brokers.map((broker) => () => {
      this.sessionEnds(broker);
    });
    this.heartbeat = scene.repertoire.byBroker('heartbeat');
    this.expire = scene.repertoire.byBroker('session-expires');
    this.register = scene.repertoire.byBroker('register-broker');
    const interval = scene.timing['broker.heartbeat.interval.ms'];
    for (const broker of brokers) {
      this.schedule(broker, at(this.startup, broker).below(interval));
      this.armSession(broker);
    }
  }

  follow(before: State, after: State, deed: Deed): void {
    switch (deed.kind) {
      case 'start-broker':
        this.scene.conditions.silentSince[deed.a] = -1;
        this.talks[deed.a] = new Talk();
        this.tryToRegister(deed.a, STARTUP + at(this.startup, deed.a).below(STARTUP_SPREAD));
        break;
      case 'register-broker':
        this.lastContact[deed.a] = this.scene.now;
        this.schedule(deed.a, 0);
        break;
      // It tells the controller at once. Kafka: BrokerLifecycleManager.OfflineDirEvent.
      case 'fail-log-directory':
      case 'begin-controlled-shutdown':
      case 'resume':
        this.schedule(deed.a, 0);
        break;
      case 'elect-controller':
        this.lastContact.fill(this.scene.now);
        break;
      default:
        break;
    }
    const told = before.controller !== after.controller || before.metadata !== after.metadata;
    if (told) for (let broker = 0; broker < this.talks.length; broker++) this.armSession(broker);
    if (told || before.processes !== after.processes || before.links !== after.links) this.fetchMetadata();
  }

  // Registration

  private tryToRegister(broker: number, delay: number): void {
    const talk = at(this.talks, broker);
    this.scene.clock.push(this.scene.now + delay, () => {
      if (this.talks[broker] !== talk || !this.isUnregistered(broker)) return;
      if (this.scene.attempt(at(this.register, broker)) === undefined) return;
      this.tryToRegister(broker, this.backoff(talk));
    });
  }

  private isUnregistered(broker: number): boolean {
    const process = at(this.scene.state.processes, broker);
    return process.status === 'starting' && process.brokerEpoch === NO_BROKER_EPOCH;
  }

  private backoff(talk: Talk): number {
    const most = this.scene.timing['broker.session.timeout.ms'];
    const delay = Math.min(FIRST_BACKOFF * 2 ** Math.min(talk.failures, 16), Math.max(most, 1));
    talk.failures++;
    return delay;
  }

  // Heartbeats

  /** The next heartbeat goes out in `delay` ms, whatever was planned before. */
  private schedule(broker: number, delay: number): void {
    const talk = at(this.talks, broker);
    const number = ++talk.number;
    this.scene.clock.push(this.scene.now + delay, () => {
      if (this.talks[broker] === talk && talk.number === number) this.sendHeartbeat(broker, talk);
    });
  }

  private sendHeartbeat(broker: number, talk: Talk): void {
    const { scene } = this;
    const process = at(scene.state.processes, broker);
    // A pause ends with a heartbeat at once; a process that is down or told to stop sends none.
    if (!isBeating(process) || process.status === 'stopping' || process.brokerEpoch === NO_BROKER_EPOCH)
      return;
    const number = ++talk.number;
    const arrival = scene.now + scene.latency.draw(broker, CONTROLLER, 'Heartbeat');
    scene.clock.push(arrival, () => {
      if (this.talks[broker] === talk && talk.number === number) this.handleHeartbeat(broker, talk);
    });
  }

  private handleHeartbeat(broker: number, talk: Talk): void {
    const { state } = this.scene;
    const process = at(state.processes, broker);
    if (!isBeating(process)) return;
    const current = process.brokerEpoch === currentRegistration(state, broker).epoch;
    if (!state.controller.active || !connected(state, broker, CONTROLLER) || !current) {
      this.schedule(broker, this.backoff(talk));
      return;
    }
    talk.failures = 0;
    this.lastContact[broker] = this.scene.now;
    this.scene.attempt(at(this.heartbeat, broker));
    this.schedule(broker, this.pauseAfter(broker, talk));
  }

  private pauseAfter(broker: number, talk: Talk): number {
    const interval = this.scene.timing['broker.heartbeat.interval.ms'];
    switch (at(this.scene.state.processes, broker).status) {
      case 'starting':
        return SOON;
      case 'pending-controlled-shutdown':
        if (talk.askedToStop) return interval;
        talk.askedToStop = true;
        return SHUTTING_DOWN_SOON;
      default:
        return interval;
    }
  }

  // Sessions

  private hasSession(broker: number): boolean {
    const { state } = this.scene;
    const registration = currentRegistration(state, broker);
    const valid = at(state.controller.heartbeats, broker).sessionValid;
    return state.controller.active && valid && registration.epoch >= 0 && !registration.fenced;
  }

  private armSession(broker: number): void {
    if (this.sessionArmed[broker] === 1 || !this.hasSession(broker)) return;
    this.sessionArmed[broker] = 1;
    this.scene.clock.push(this.sessionEnd(broker), at(this.checkSession, broker));
  }

  private sessionEnd(broker: number): number {
    const { now, timing } = this.scene;
    return Math.max(now, (this.lastContact[broker] ?? 0) + timing['broker.session.timeout.ms']);
  }

  private sessionEnds(broker: number): void {
    this.sessionArmed[broker] = 0;
    if (!this.hasSession(broker)) return;
    if (this.sessionEnd(broker) > this.scene.now) {
      this.armSession(broker);
      return;
    }
    // Refused for want of a budget: looked at again when the next session would have ended.
    if (this.scene.attempt(at(this.expire, broker)) !== undefined) this.lastContact[broker] = this.scene.now;
    this.armSession(broker);
  }

  isSettled(): boolean {
    return brokersSettled(this.scene.state);
  }

  // Metadata

  /** Every broker that is behind and reaches the controller gets what there is by then. */
  fetchMetadata(): void {
    const { state } = this.scene;
    if (!state.controller.active) return;
    const newest = newestOffset(state.metadata);
    for (let broker = 0; broker < this.talks.length; broker++) {
      const talk = at(this.talks, broker);
      const process = at(state.processes, broker);
      if (talk.fetching || process.metadataOffset >= newest || !this.mayFetch(broker)) continue;
      talk.fetching = true;
      const arrival = this.scene.now + this.scene.latency.draw(CONTROLLER, broker, 'Metadata');
      this.scene.clock.push(arrival, () => {
        talk.fetching = false;
        if (this.talks[broker] === talk) this.receiveMetadata(broker, newest);
      });
    }
  }

  private mayFetch(broker: number): boolean {
    const { state, conditions } = this.scene;
    const process = at(state.processes, broker);
    return (
      isAwake(process) &&
      process.brokerEpoch !== NO_BROKER_EPOCH &&
      !isOn(conditions.metadataStalled, broker) &&
      connected(state, broker, CONTROLLER)
    );
  }

  /** What one answer brings is applied as one delta. Kafka: MetadataLoader.handleCommit. */
  private receiveMetadata(broker: number, upTo: number): void {
    const { scene } = this;
    if (!scene.state.controller.active || !this.mayFetch(broker)) return;
    const { metadataOffset } = at(scene.state.processes, broker);
    const records = metadataOffset === NO_METADATA ? 0 : upTo - metadataOffset;
    if (metadataOffset < upTo) scene.attempt(scene.repertoire.code('apply-metadata', broker, records));
    this.fetchMetadata();
  }
}
