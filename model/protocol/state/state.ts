/** The state of the machine: a record of small immutable components that refer to each other only by number. */
import { list, optional, struct, type Infer, type Json } from '../base/shape.ts';
import { digestOf } from '../base/digest.ts';
import { diskShape, processShape } from './broker.ts';
import { consumerShape, producerShape } from './clients.ts';
import { controllerShape } from './controller.ts';
import { environmentShape } from './environment.ts';
import { logShape } from './log.ts';
import { channelShape } from './channel.ts';
import { linksShape } from './message.ts';
import { metadataShape } from './metadata.ts';
import { replicaShape } from './replica.ts';
import { cacheShape, controllerContextShape, zookeeperShape } from '../zookeeper/state.ts';

export const stateShape = struct({
  metadata: metadataShape,
  controller: controllerShape,
  /** By broker id. */
  processes: list(processShape),
  disks: list(diskShape),
  /** By slot: partition × brokers + broker. */
  logs: list(logShape),
  replicas: list(replicaShape),
  /** What is under way, by requester and server: see channelOf. */
  channels: list(channelShape),
  links: linksShape,
  producers: list(producerShape),
  consumers: list(consumerShape),
  environment: environmentShape,
  /** Only in ZooKeeper mode. By broker id: what it remembers as controller, and what controllers have told it. */
  zookeeper: optional('zookeeper', zookeeperShape),
  controllers: optional('controllers', list(controllerContextShape)),
  caches: optional('caches', list(cacheShape)),
});
export type State = Infer<typeof stateShape>;

/** 64-bit digest of a state, the same on every machine and Node. */
export function digestState(state: State): string {
  const encoded: number[] = [];
  stateShape.encode(state, encoded);
  return digestOf(encoded);
}

export const showState = (state: State): Json => stateShape.show(state);
