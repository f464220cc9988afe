/** Which brokers have a znode, and what a controller makes of that. */
import type { Model } from '../config.ts';
import { namesBrokerLives } from '../rules/shared-switches.ts';
import type { MetadataImage } from '../state/metadata.ts';

/** By broker: the czxid of its znode, or -1. */
export const liveBrokers = (znodes: MetadataImage): readonly number[] =>
  znodes.registrations.map(({ epoch, fenced }) => (fenced ? -1 : epoch));

/** How the brokers with a znode differ from those that a controller counts as alive. */
export interface BrokerChanges {
  readonly started: readonly number[];
  /** Back under another broker epoch; not noticed before 2.2 (KIP-380). */
  readonly bounced: readonly number[];
  readonly gone: readonly number[];
}

export function brokerChanges(
  model: Model,
  counted: readonly number[],
  present: readonly number[],
): BrokerChanges {
  const ids = present.map((_, id) => id);
  const was = (id: number): number => counted[id] ?? -1;
  const is = (id: number): number => present[id] ?? -1;
  return {
    started: ids.filter((id) => was(id) < 0 && is(id) >= 0),
    bounced: namesBrokerLives(model) ? ids.filter((id) => was(id) >= 0 && is(id) > was(id)) : [],
    gone: ids.filter((id) => was(id) >= 0 && is(id) < 0),
  };
}
