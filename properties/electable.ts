import { setOf, type PartitionRegistration } from '../model/index.ts';

/**
 * Who may be elected cleanly. A replica that a reassignment dropped may stay in the ELR while the ISR is small, but only
 * the assignment is elected from.
 */
export const electable = ({ isr, elr, replicas }: PartitionRegistration): number =>
  (isr | elr) & setOf(replicas);
