/** The actions that only ZooKeeper mode has, in the fixed order in which the machine offers them. */
import type { ActionDefinition } from '../../define-action.ts';
import * as broker from './broker.ts';
import * as controller from './controller.ts';

export const ZOOKEEPER_ACTIONS: readonly ActionDefinition[] = [
  broker.handleLeaderAndIsr,
  broker.handleUpdateMetadata,
  broker.handleStopReplica,
  broker.register,
  broker.stopCleanly,
  broker.expireSession,
  controller.handleIsrChange,
  controller.controlledShutdown,
  controller.noticeBrokerChange,
  controller.becomeController,
  controller.resignController,
  controller.movePreferred,
  controller.deleteController,
  ...broker.repeats,
];
