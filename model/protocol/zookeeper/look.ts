/** Questions that guards ask of a state in ZooKeeper mode. */
import { has } from '../base/broker-set.ts';
import { CONTROLLER } from '../base/party.ts';
import type { Model } from '../config.ts';
import { at } from '../draft.ts';
import { connected, currentPartition, currentRegistration, processOf } from '../look.ts';
import { fencesController, stopsWithSession } from '../rules/shared-switches.ts';
import { isAwake } from '../state/broker.ts';
import type { State } from '../state/state.ts';
import { electForShutdown, electPreferred } from './elections.ts';
import { NO_CONTROLLER, type ControllerContext, type ZooKeeper } from './state.ts';

export function zookeeperOf({ zookeeper }: State): ZooKeeper {
  if (zookeeper === undefined) throw new Error('only in ZooKeeper mode');
  return zookeeper;
}

/** What a broker remembers as controller. */
export function contextOf({ controllers }: State, broker: number): ControllerContext {
  if (controllers === undefined) throw new Error('only in ZooKeeper mode');
  return at(controllers, broker);
}

/** The process has a znode that is its own. */
export function isRegistered(state: State, broker: number): boolean {
  const { epoch, fenced } = currentRegistration(state, broker);
  return !fenced && processOf(state, broker).brokerEpoch === epoch;
}

/** Takes itself for the controller, rightly or not, and can read and write znodes. */
export const actsAsController = (model: Model, state: State, broker: number): boolean =>
  contextOf(state, broker).active &&
  isAwake(processOf(state, broker)) &&
  connected(state, broker, CONTROLLER) &&
  (isRegistered(state, broker) || !stopsWithSession(model));

/** Brokers that count as alive for this controller, and of these the ones that do not shut down. */
export function onlineFor({ live, shuttingDown }: ControllerContext): number {
  let online = 0;
  for (let broker = 0; broker < live.length; broker++) {
    if (at(live, broker) >= 0 && !has(shuttingDown, broker)) online |= 1 << broker;
  }
  return online;
}

/** Nothing keeps the controller from writing, or it would learn that it was replaced. */
function writes(model: Model, state: State, { epoch }: ControllerContext): boolean {
  return fencesController(model) || zookeeperOf(state).decidedIn <= epoch;
}

/** Whether the preferred leader does not lead, though this controller can elect it. */
export function canElectPreferred(model: Model, state: State, controller: number): boolean {
  const context = contextOf(state, controller);
  const { assignment } = model.config;
  if (context.leadership.leader === assignment[0] || !writes(model, state, context)) return false;
  const { isr } = currentPartition(state);
  return electPreferred(model, { assignment, isr, online: onlineFor(context) }) !== undefined;
}

/**
 * The controller that a broker asks for its controlled shutdown, as `/controller` names it; NO_CONTROLLER where asking
 * brings nothing: nobody answers, or the leadership cannot move and the controller knows already.
 */
export function shutdownController(model: Model, state: State, broker: number): number {
  const { controller } = zookeeperOf(state);
  if (controller === NO_CONTROLLER || !connected(state, broker, CONTROLLER)) return NO_CONTROLLER;
  if (!actsAsController(model, state, controller)) return NO_CONTROLLER;
  if (controller !== broker && !connected(state, broker, controller)) return NO_CONTROLLER;
  const context = contextOf(state, controller);
  if (at(context.live, broker) < 0) return NO_CONTROLLER;
  const { assignment } = model.config;
  const leads = assignment.length > 1 && context.leadership.leader === broker;
  if (!leads || !has(context.shuttingDown, broker)) return controller;
  const online = onlineFor(context);
  const { isr } = currentPartition(state);
  const elected = electForShutdown(model, { assignment, isr, online }, context.shuttingDown);
  return elected !== undefined && writes(model, state, context) ? controller : NO_CONTROLLER;
}
