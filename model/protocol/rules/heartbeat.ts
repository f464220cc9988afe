/** What a heartbeat brings about. Kafka: BrokerHeartbeatManager.calculateNextBrokerState. */
import { at } from '../draft.ts';
import type { Model } from '../config.ts';
import { NO_METADATA } from '../state/broker.ts';
import { currentRegistration, processOf } from '../look.ts';
import { newestImage } from '../state/metadata.ts';
import type { State } from '../state/state.ts';
import { clause, holds } from './clauses.ts';
import { tellsOfFailedDirectory } from './shared-switches.ts';

export type HeartbeatOutcome = 'stale' | 'touch' | 'unfence' | 'enter-controlled-shutdown' | 'shutdown-now';

const heartbeatEpoch = clause('a heartbeat counts only with the registered broker epoch');
const caughtUpWithRegistration = clause('a broker is unfenced once it has applied its own registration');
const leadsNothing = clause('a broker may stop once it leads nothing');
const othersKnow = clause('a broker may stop once every active broker knows of its shutdown');

/** The outcome if `broker` sent its heartbeat now. */
export function heartbeatOutcome(model: Model, state: State, broker: number): HeartbeatOutcome {
  const { leftOut } = model;
  const process = processOf(state, broker);
  const registration = currentRegistration(state, broker);
  if (!holds(leftOut, heartbeatEpoch, process.brokerEpoch === registration.epoch)) return 'stale';
  const wantShutdown = process.status === 'pending-controlled-shutdown';
  const leads = newestImage(state.metadata).partitions.some(({ leader }) => leader === broker);
  const heartbeat = at(state.controller.heartbeats, broker);

  if (heartbeat.controlledShutdownOffset >= 0) {
    if (!holds(leftOut, leadsNothing, !leads)) return 'touch';
    const known = lowestActiveOffset(state, broker) >= heartbeat.controlledShutdownOffset;
    return holds(leftOut, othersKnow, known) ? 'shutdown-now' : 'touch';
  }
  if (registration.fenced) {
    if (wantShutdown) return 'shutdown-now';
    const ready = process.metadataOffset !== NO_METADATA && process.metadataOffset >= registration.epoch;
    return holds(leftOut, caughtUpWithRegistration, ready) ? 'unfence' : 'touch';
  }
  if (wantShutdown) return leads ? 'enter-controlled-shutdown' : 'shutdown-now';
  return 'touch';
}

/** Brokers that are neither fenced nor shutting down are active. Kafka: BrokerHeartbeatManager.lowestActiveOffset. */
function lowestActiveOffset(state: State, except: number): number {
  let lowest = Number.MAX_SAFE_INTEGER;
  for (let id = 0; id < state.processes.length; id++) {
    const heartbeat = at(state.controller.heartbeats, id);
    const registration = currentRegistration(state, id);
    const active = registration.epoch >= 0 && !registration.fenced && heartbeat.controlledShutdownOffset < 0;
    if (id !== except && active) lowest = Math.min(lowest, heartbeat.metadataOffset);
  }
  return lowest;
}

/** From 3.7 on a heartbeat names the log directories that have failed (KIP-858). */
export const isDirectoryNews = (model: Model, state: State, broker: number): boolean =>
  processOf(state, broker).offline !== undefined &&
  tellsOfFailedDirectory(model) &&
  currentRegistration(state, broker).offline !== processOf(state, broker).offline;

/** Metadata offsets matter to the controller only while some broker waits for others to know of its shutdown. */
export const someoneShutsDown = (state: State): boolean =>
  state.controller.heartbeats.some((heartbeat) => heartbeat.controlledShutdownOffset >= 0);

/** Whether the heartbeat would change anything: one that changes nothing is no step. */
export function heartbeatMatters(model: Model, state: State, broker: number): boolean {
  const outcome = heartbeatOutcome(model, state, broker);
  if (outcome === 'stale') return false;
  if (outcome !== 'touch' || isDirectoryNews(model, state, broker)) return true;
  const heartbeat = at(state.controller.heartbeats, broker);
  // A fenced broker has no session, and nobody waits for it.
  if (currentRegistration(state, broker).fenced) return false;
  if (!heartbeat.sessionValid) return true;
  return someoneShutsDown(state) && heartbeat.metadataOffset !== processOf(state, broker).metadataOffset;
}
