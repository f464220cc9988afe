/** How a leader brings an ISR change about: it asks the controller, or writes to ZooKeeper. Kafka: AlterPartitionManager. */
import type { BrokerSet } from '../base/broker-set.ts';
import { CONTROLLER } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import type { Model } from '../config.ts';
import { isUp } from '../state/broker.ts';
import type { State } from '../state/state.ts';
import { controllerKnownTo, mayWriteIsr, writeIsr } from '../zookeeper/isr-changes.ts';
import { maybeAdvanceHighWatermark } from './high-watermark.ts';
import { propose } from './isr.ts';
import { asksControllerForIsr } from './shared-switches.ts';

/** Whether a change that the leader wants now can be made or proposed at all. */
export const mayChangeIsr = (model: Model, state: State, leader: number): boolean =>
  asksControllerForIsr(model) || mayWriteIsr(model, state, leader);

export function changeIsr(draft: Draft, leader: number, isr: BrokerSet): void {
  if (!asksControllerForIsr(draft.model)) {
    writeIsr(draft, leader, isr);
    maybeAdvanceHighWatermark(draft, leader);
    return;
  }
  propose(draft, leader, isr);
  sendAlterPartition(draft, leader);
}

/** Whether somebody listens where an ISR change is sent to; a controller that is down is not connected to. */
export function reachesIsrController(state: State, leader: number): boolean {
  const controller = controllerKnownTo(state, leader);
  if (controller === CONTROLLER) return true;
  return controller >= 0 && isUp(at(state.processes, controller));
}

/** Sends the ISR change that AlterPartitionManager holds. It is repeated until an answer comes. */
export function sendAlterPartition(draft: Draft, leader: number): void {
  const { brokerEpoch, incarnation } = draft.process(leader);
  const alterPartition = draft.alterPartition(leader);
  if (alterPartition === null) throw new Error('no ISR change to send');
  if (!reachesIsrController(draft.base, leader)) return;
  draft.send({
    kind: 'AlterPartition',
    from: leader,
    to: controllerKnownTo(draft.base, leader),
    incarnation,
    brokerEpoch,
    proposal: alterPartition,
  });
}
