/**
 * What ZooKeeper mode adds to the state. The znodes that properties ask for stand where KRaft keeps its metadata: the
 * state of the partition, whose version is the partition epoch, and `/brokers/ids`, where a broker without a znode
 * counts as fenced and the broker epoch is the czxid of the znode.
 */
import { bool, brokerSet, int, list, struct, type Infer } from '../base/shape.ts';
import { imageShape } from '../state/metadata.ts';

const controllerEpoch = int(-1, 0x7fff);
const broker = int(-1, 31);

/** Nobody is registered as controller. */
export const NO_CONTROLLER = -1;
/** Before the first request of a controller, and of one that is none. */
export const NO_CONTROLLER_EPOCH = -1;

export const zookeeperShape = struct({
  /** `/controller_epoch`; its znode version moves with it. */
  controllerEpoch,
  /** `/controller`: ephemeral, so it goes with the session of the broker that it names. */
  controller: broker,
  /** The epoch of the controller whose decision the state of the partition is. */
  decidedIn: controllerEpoch,
});
export type ZooKeeper = Infer<typeof zookeeperShape>;

/** The state of the partition as a controller last read or wrote it. Kafka: LeaderIsrAndControllerEpoch. */
export const leadershipShape = struct({
  leader: broker,
  leaderEpoch: int(-1, 0x7fff),
  isr: brokerSet,
  /** Version of its znode. */
  version: int(-1, 0x7fff),
  controllerEpoch,
});
export type Leadership = Infer<typeof leadershipShape>;

/** The memory of a broker that takes itself for the controller. Kafka: ControllerContext. */
export const controllerContextShape = struct({
  active: bool,
  epoch: controllerEpoch,
  /** By broker: the broker epoch under which it counts as alive, or -1. */
  live: list(int(-1, 0xffff)),
  shuttingDown: brokerSet,
  leadership: leadershipShape,
  /** Whether the partition counts as OnlinePartition; one that does not is elected for at the next occasion. */
  online: bool,
});
export type ControllerContext = Infer<typeof controllerContextShape>;

export const NO_LEADERSHIP: Leadership = {
  leader: -1,
  leaderEpoch: -1,
  isr: 0,
  version: -1,
  controllerEpoch: NO_CONTROLLER_EPOCH,
};

/** The memory of a broker that does not take itself for the controller: none. */
export const NO_CONTEXT: ControllerContext = {
  active: false,
  epoch: NO_CONTROLLER_EPOCH,
  live: [],
  shuttingDown: 0,
  leadership: NO_LEADERSHIP,
  online: false,
};

/** What a broker was told by controllers. Kafka: ReplicaManager.controllerEpoch, MetadataCache. */
export const cacheShape = struct({
  /** The highest epoch of a controller that it has heard of. */
  controllerEpoch,
  /** Who sent the last UpdateMetadata; ISR changes go there from 2.7 on. */
  controller: broker,
  /** The epoch of the controller that decided on the leadership applied here. */
  decidedIn: controllerEpoch,
  /** From UpdateMetadata: who is alive (not fenced), and leader and leader epoch of the partition. */
  image: imageShape,
});
export type Cache = Infer<typeof cacheShape>;
