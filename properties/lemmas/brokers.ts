/** Lemmas about what a broker may do at which point of its life. */
import { isActive, isAwake, newestImage } from '../../model/index.ts';
import { at, type Property } from '../property.ts';

/** Shows a broker that takes requests before it knows of anything. */
export const unfencedIsInformed: Property = {
  id: 'unfenced-is-informed',
  kind: 'lemma',
  only: 'kraft',
  promise: 'A broker is unfenced only after it has applied the metadata up to its own registration.',
  source: 'KIP-631, BrokerHeartbeatManager.calculateNextBrokerState',
  vacuousWithout: ['unfenced'],
  onEvents: ['broker-unfenced'],
  onChange: [],
  check: ({ events, after }) => {
    for (const event of events) {
      if (event.type !== 'broker-unfenced') continue;
      const { epoch } = at(newestImage(after.metadata).registrations, event.broker);
      const { metadataOffset } = at(after.processes, event.broker);
      if (metadataOffset >= epoch) continue;
      return {
        says: `broker ${event.broker} is unfenced with metadata up to offset ${metadataOffset}, registered at ${epoch}`,
      };
    }
    return undefined;
  },
};

/** Shows a controlled shutdown that leaves a partition without leader, or others fetching from a broker that is gone. */
export const handedOverBeforeStop: Property = {
  id: 'handed-over-before-stop',
  kind: 'lemma',
  only: 'kraft',
  promise:
    'A leader is let go after a controlled shutdown only once it leads nothing and no active broker takes it for the leader.',
  source: 'KIP-631, BrokerHeartbeatManager.calculateNextBrokerState',
  vacuousWithout: ['clean-stop', 'leader-change'],
  onEvents: ['broker-fenced'],
  onChange: [],
  check: ({ events, before, after }) => {
    for (const event of events) {
      if (event.type !== 'broker-fenced') continue;
      const { broker } = event;
      const agreed = at(after.processes, broker).status === 'stopping';
      // A broker that did not lead is let go at once, whatever others believe.
      if (!agreed || at(before.controller.heartbeats, broker).controlledShutdownOffset < 0) continue;
      const { registrations, partitions } = newestImage(before.metadata);
      if (at(partitions, 0).leader === broker)
        return { says: `broker ${broker} may stop, though it still leads` };
      for (let other = 0; other < after.replicas.length; other++) {
        if (other === broker || !isActive(at(registrations, other))) continue;
        if (!isAwake(at(after.processes, other)) || at(after.replicas, other).leader !== broker) continue;
        return { says: `broker ${broker} may stop, though broker ${other} still takes it for the leader` };
      }
    }
    return undefined;
  },
};
