/** What brokers remember of controllers, and lose with their process. */
import { has, type BrokerSet } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import type { MetadataImage } from '../state/metadata.ts';
import { NO_CONTEXT, NO_CONTROLLER, NO_CONTROLLER_EPOCH } from './state.ts';

export interface Told {
  readonly live: BrokerSet;
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** What an UpdateMetadata tells, in the form in which brokers ask for it. Nobody asks for the rest. */
export const imageTold = (
  replicas: readonly number[],
  brokers: number,
  { live, leader, leaderEpoch }: Told,
): MetadataImage => ({
  registrations: Array.from({ length: brokers }, (_, id) => ({
    epoch: has(live, id) ? 0 : -1,
    incarnation: -1,
    fenced: !has(live, id),
    inControlledShutdown: false,
  })),
  partitions: [
    {
      replicas,
      isr: 0,
      elr: 0,
      lastKnownLeader: -1,
      leader,
      leaderEpoch,
      partitionEpoch: 0,
      leaderRecoveryState: 'RECOVERED',
    },
  ],
});

/** The process ends, and with it what it knew, as a controller too. */
export function forgetControllers(draft: Draft, broker: number): void {
  draft.setContext(broker, NO_CONTEXT);
  const { replicas } = at(draft.newestImage().partitions, 0);
  draft.setCache(broker, {
    controllerEpoch: NO_CONTROLLER_EPOCH,
    controller: NO_CONTROLLER,
    decidedIn: NO_CONTROLLER_EPOCH,
    image: imageTold(replicas, draft.model.config.brokers, { live: 0, leader: -1, leaderEpoch: 0 }),
  });
}
