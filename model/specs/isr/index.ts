/**
 * The abstract ISR specs: Kafka's replication without messages, clocks and crashes, small enough to be searched
 * completely, in four variants of which the older ones are broken. The family is well known, from published TLA+ specs.
 */
import { fullSymmetry, upTo } from '../define.ts';
import type { Space, SpaceAction } from '../space.ts';
import { elect, shrink } from './controller.ts';
import { becomeFollower, fetch } from './follower.ts';
import { strongIsr, weakIsr } from './invariants.ts';
import { append, becomeLeader, expandIsr, incrementHighWatermark, shrinkIsr } from './leader.ts';
import { groupsOf, slotsOf, type IsrBounds } from './state.ts';
import { VARIANTS, type IsrVariant, type Rules } from './variants.ts';

export type { IsrBounds } from './state.ts';
export type { IsrVariant } from './variants.ts';

export interface IsrSpecSettings extends IsrBounds {
  readonly variant: IsrVariant;
}

export function createIsrSpec({ variant, ...bounds }: IsrSpecSettings): Space {
  const rules: Rules = VARIANTS[variant];
  const ids = upTo(bounds.replicas);
  const epochs = upTo(bounds.epochs + 1);
  const pairs = ids.flatMap((id) => ids.map((other) => [id, other] as const));
  const others = pairs.filter(([id, other]) => id !== other);
  const slots = slotsOf(bounds);

  const actions: readonly SpaceAction[] = [
    ...ids.map((id) => elect(bounds, id)),
    ...ids.map((id) => shrink(bounds, id)),
    ...ids.flatMap((id) => epochs.map((epoch) => becomeLeader(bounds, id, epoch))),
    ...ids.map((id) => append(bounds, id)),
    ...ids.map((id) => incrementHighWatermark(rules, id)),
    ...others.map(([leader, member]) => shrinkIsr(rules, leader, member)),
    ...others.map(([leader, joining]) => expandIsr(rules, leader, joining)),
    ...others.map(([id, leader]) => fetch(rules, id, leader)),
    ...others.flatMap(([id, leader]) =>
      epochs.map((epoch) => becomeFollower(rules, bounds, id, leader, epoch)),
    ),
  ];
  return {
    name: `isr-${variant}`,
    slots,
    initial: slots.map(({ initial }) => initial),
    groups: groupsOf(bounds),
    actions,
    invariants: [
      ...pairs.map(([leader, member]) => strongIsr(leader, member)),
      ...pairs.map(([leader, member]) => weakIsr(leader, member)),
    ],
    symmetry: fullSymmetry(bounds.replicas, slots),
  };
}
