/** The state of the machine: a record of small immutable components that refer to each other only by number. */
import { list, nullable, optional, struct, type Infer, type Json } from '../base/shape.ts';
import { digestOf } from '../base/digest.ts';
import { diskShape, processShape, proposalShape, type Proposal } from './broker.ts';
import { consumerShape, producerShape } from './clients.ts';
import { controllerShape } from './controller.ts';
import { environmentShape } from './environment.ts';
import { logShape } from './log.ts';
import { channelShape } from './channel.ts';
import { linksShape } from './message.ts';
import { metadataShape } from './metadata.ts';
import { replicaShape } from './replica.ts';
import { cacheShape, controllerContextShape, zookeeperShape } from '../zookeeper/state.ts';

/** What each partition but the first has of its own; the first has the fields of the same names in the state. */
export const partitionStateShape = struct({
  logs: list(logShape),
  replicas: list(replicaShape),
  /** By broker: what AlterPartitionManager holds for this partition. */
  alterPartitions: list(nullable(proposalShape)),
  channels: list(channelShape),
  producers: list(producerShape),
  consumers: list(consumerShape),
});
export type PartitionState = Infer<typeof partitionStateShape>;

export const stateShape = struct({
  metadata: metadataShape,
  controller: controllerShape,
  /** By broker id. */
  processes: list(processShape),
  disks: list(diskShape),
  /** By broker id, as replicas: of the first partition. */
  logs: list(logShape),
  replicas: list(replicaShape),
  /** What is under way, by requester and server: see channelOf. */
  channels: list(channelShape),
  links: linksShape,
  producers: list(producerShape),
  consumers: list(consumerShape),
  environment: environmentShape,
  /** Only with several partitions: the second, the third. */
  others: optional('other partitions', list(partitionStateShape)),
  /** Only in ZooKeeper mode. By broker id: what it remembers as controller, and what controllers have told it. */
  zookeeper: optional('zookeeper', zookeeperShape),
  controllers: optional('controllers', list(controllerContextShape)),
  caches: optional('caches', list(cacheShape)),
});
export type State = Infer<typeof stateShape> & {
  /**
   * Set in what viewOf gives, and no part of the state: the fields that each partition has of its own are those of this
   * partition then, and of every metadata image it is the first.
   */
  readonly view?: {
    readonly whole: State;
    readonly partition: number;
    readonly alterPartitions: readonly (Proposal | null)[];
  };
};

/** 64-bit digest of a state, the same on every machine and Node. */
export function digestState(state: State): string {
  const encoded: number[] = [];
  stateShape.encode(state, encoded);
  return digestOf(encoded);
}

export const showState = (state: State): Json => stateShape.show(state);
