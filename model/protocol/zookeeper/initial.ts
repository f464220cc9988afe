/** ZooKeeper mode at the start of a run: the last broker is the controller, and everybody knows everything. */
import { setOf } from '../base/broker-set.ts';
import { at } from '../draft.ts';
import type { MetadataImage } from '../state/metadata.ts';
import type { State } from '../state/state.ts';
import { imageTold } from './memory.ts';
import { NO_CONTEXT } from './state.ts';

type Added = Pick<State, 'zookeeper' | 'controllers' | 'caches'>;

export const NO_ZOOKEEPER: Added = { zookeeper: undefined, controllers: undefined, caches: undefined };

const FIRST_EPOCH = 1;

export function initialZooKeeper(znodes: MetadataImage): Added {
  const ids = znodes.registrations.map((_, id) => id);
  const { leader, leaderEpoch, isr, partitionEpoch, replicas } = at(znodes.partitions, 0);
  const controller = ids.length - 1;
  return {
    zookeeper: { controllerEpoch: FIRST_EPOCH, controller, decidedIn: FIRST_EPOCH },
    controllers: ids.map((id) =>
      id === controller
        ? {
            active: true,
            epoch: FIRST_EPOCH,
            live: znodes.registrations.map(({ epoch }) => epoch),
            shuttingDown: 0,
            leadership: { leader, leaderEpoch, isr, version: partitionEpoch, controllerEpoch: FIRST_EPOCH },
            online: true,
          }
        : NO_CONTEXT,
    ),
    caches: ids.map(() => ({
      controllerEpoch: FIRST_EPOCH,
      controller,
      decidedIn: FIRST_EPOCH,
      image: imageTold(replicas, ids.length, { live: setOf(ids), leader, leaderEpoch }),
    })),
  };
}
