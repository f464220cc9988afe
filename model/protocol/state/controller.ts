/** The active controller’s memory, which a failover loses. What is durable stands in the metadata log. */
import { bool, int, list, struct, type Infer } from '../base/shape.ts';

/** Kafka: BrokerHeartbeatState. */
export const heartbeatShape = struct({
  /** The broker’s last contact lies within `broker.session.timeout.ms`. */
  sessionValid: bool,
  /** Metadata offset the broker last told; -1 for none. Kept only while some broker shuts down. */
  metadataOffset: int(-1, 0xffff),
  /** Every active broker must reach this offset before the broker may stop; -1 outside a controlled shutdown. */
  controlledShutdownOffset: int(-1, 0xffff),
});
export type Heartbeat = Infer<typeof heartbeatShape>;

export const controllerShape = struct({
  /** False between the loss of a controller and the election of the next. */
  active: bool,
  heartbeats: list(heartbeatShape),
});
export type Controller = Infer<typeof controllerShape>;
