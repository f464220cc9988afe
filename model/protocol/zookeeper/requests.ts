/**
 * What a controller sends to brokers: one queue per broker, each request sent again until the broker has it. Kafka:
 * ControllerBrokerRequestBatch, RequestSendThread.
 */
import { NO_BROKERS, withBroker } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import { fencesStopReplica, namesBrokerLives } from '../rules/shared-switches.ts';
import type { Leadership } from './state.ts';

type Request =
  | { readonly kind: 'LeaderAndIsr'; readonly leadership: Leadership }
  | { readonly kind: 'UpdateMetadata' }
  | { readonly kind: 'StopReplica'; readonly leaderEpoch: number };

const NO_EPOCH = -1;
/** The queue goes with the life of its controller, so that nobody asks which one that was. */
const NOT_GIVEN_UP = 0;

/**
 * The requests of one event, by broker in the order in which they go out. What is told twice in one event goes out once:
 * equal LeaderAndIsr requests, and UpdateMetadata, of which the first tells what the last would.
 */
export class RequestBatch {
  private readonly draft: Draft;
  private readonly controller: number;
  private readonly queues: readonly Request[][];

  constructor(draft: Draft, controller: number) {
    this.draft = draft;
    this.controller = controller;
    this.queues = Array.from({ length: draft.model.config.brokers }, () => []);
  }

  /** Tells replicas of the leadership that the controller knows by now. */
  leaderAndIsr(brokers: readonly number[]): void {
    const { leadership } = this.draft.context(this.controller);
    for (const broker of brokers) {
      this.add(broker, { kind: 'LeaderAndIsr', leadership }, (queued) => {
        return queued.kind === 'LeaderAndIsr' && queued.leadership.leaderEpoch === leadership.leaderEpoch;
      });
    }
    this.updateMetadata();
  }

  /** Tells every broker that lives who lives and who leads. */
  updateMetadata(): void {
    for (let broker = 0; broker < this.queues.length; broker++) {
      this.add(broker, { kind: 'UpdateMetadata' }, (queued) => queued.kind === 'UpdateMetadata');
    }
  }

  /** Tells a replica to stop fetching; its log stays. */
  stopReplica(broker: number): void {
    const { leaderEpoch } = this.draft.context(this.controller).leadership;
    this.add(broker, { kind: 'StopReplica', leaderEpoch }, (queued) => queued.kind === 'StopReplica');
  }

  private add(broker: number, request: Request, isSame: (queued: Request) => boolean): void {
    if (at(this.draft.context(this.controller).live, broker) < 0) return;
    const queue = at(this.queues, broker);
    if (!queue.some(isSame)) queue.push(request);
  }

  send(): void {
    for (const [broker, queue] of this.queues.entries()) {
      for (const request of queue) this.sendOne(broker, request);
    }
  }

  private sendOne(broker: number, request: Request): void {
    const { draft, controller } = this;
    const { epoch, live, leadership } = draft.context(controller);
    const common = {
      from: controller,
      to: broker,
      incarnation: NOT_GIVEN_UP,
      controllerEpoch: epoch,
      brokerEpoch: namesBrokerLives(draft.model) ? at(live, broker) : NO_EPOCH,
    };
    switch (request.kind) {
      case 'LeaderAndIsr': {
        const { leader, leaderEpoch, isr, version, controllerEpoch } = request.leadership;
        draft.send({
          kind: 'LeaderAndIsr',
          ...common,
          ...{ leader, leaderEpoch, isr, partitionEpoch: version, decidedIn: controllerEpoch },
        });
        return;
      }
      case 'UpdateMetadata': {
        const alive = live.reduce((set, known, id) => (known < 0 ? set : withBroker(set, id)), NO_BROKERS);
        const { leader, leaderEpoch } = leadership;
        draft.send({ kind: 'UpdateMetadata', ...common, live: alive, leader, leaderEpoch });
        return;
      }
      case 'StopReplica': {
        const leaderEpoch = fencesStopReplica(draft.model) ? request.leaderEpoch : NO_EPOCH;
        draft.send({ kind: 'StopReplica', ...common, leaderEpoch });
        return;
      }
    }
  }
}
