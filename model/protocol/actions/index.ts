/** Every action, in the fixed order in which the machine offers them. */
import type { ActionDefinition } from '../define-action.ts';
import * as broker from './broker.ts';
import * as consumer from './consumer.ts';
import * as controller from './controller.ts';
import * as faults from './faults.ts';
import * as follower from './follower.ts';
import * as leader from './leader.ts';
import * as logStart from './log-start.ts';
import * as producer from './producer.ts';
import { ZOOKEEPER_ACTIONS } from '../zookeeper/actions/index.ts';

export const ACTIONS: readonly ActionDefinition[] = [
  producer.sendRecord,
  producer.retryRecord,
  producer.receiveProduceResponse,
  producer.noticeDisconnect,
  producer.refreshProducerMetadata,
  producer.expireBatch,
  consumer.poll,
  consumer.refreshConsumerMetadata,
  leader.handleProduceRequest,
  leader.handleFetch,
  leader.answerDelayedFetch,
  leader.shrinkIsr,
  leader.retryAlterPartition,
  leader.receiveAlterPartitionResponse,
  leader.expireProduce,
  leader.lagElapses,
  follower.sendFetch,
  follower.receiveFetchResponse,
  follower.sendOffsetsForLeaderEpoch,
  follower.handleOffsetsForLeaderEpoch,
  follower.receiveOffsetsForLeaderEpochResponse,
  broker.register,
  broker.heartbeat,
  broker.applyMetadata,
  broker.checkpointHighWatermark,
  broker.beginControlledShutdown,
  broker.stopCleanly,
  broker.start,
  controller.handleAlterPartitionRequest,
  controller.expireSession,
  controller.fenceStaleBroker,
  controller.electPreferredLeader,
  controller.electUncleanLeader,
  controller.reassignPartition,
  controller.cancelReassignment,
  controller.loseController,
  controller.electController,
  faults.kill,
  faults.powerLoss,
  faults.rackPowerLoss,
  faults.wipe,
  faults.pause,
  faults.resume,
  faults.stallDisk,
  faults.unstallDisk,
  faults.cutOneWay,
  faults.cutBothWays,
  faults.heal,
  ...faults.messageFaults,
  ...ZOOKEEPER_ACTIONS,
  producer.restartProducer,
  consumer.restartConsumer,
  consumer.pollLeader,
  consumer.pollFollower,
  consumer.expirePreferredReadReplica,
  producer.handOverRecord,
  producer.refuseRecord,
  logStart.deleteOldSegments,
  logStart.deleteRecords,
  logStart.checkpointStart,
];
