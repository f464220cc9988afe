/** What the fault schedule may still do. No rule of the protocol reads it. */
import { brokerSet, int, list, struct, type Infer } from '../base/shape.ts';

/** Kinds of fault, in the order of the budget list. A budget of UNLIMITED never runs out. */
export const FAULT_KINDS = [
  'kill',
  'power-loss',
  'wipe',
  'clean-stop',
  'pause',
  'cut',
  'fence',
  'move',
  'shrink',
  'lost',
  'lag',
  'ctrl',
  'rack',
  'reassign',
  'disk-stall',
  'client-kill',
  'retention',
  'delete-records',
  'disk-error',
  'add-partition',
  'stale-file',
  'bad-record',
  'refused',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
export const UNLIMITED = 0xffff;

export const environmentShape = struct({
  /** What is left of each kind, in the order of FAULT_KINDS up to the last kind that may happen at all. */
  budgets: list(int(0, UNLIMITED)),
  /** Brokers that lost records to a storage fault since the cluster was last whole; kept only where a bound reads it. */
  lossy: brokerSet,
  /** Unclean stops, kills included, since the cluster was last whole; kept only where a bound reads it. */
  uncleanStops: int(0, 0x7fff),
});
export type Environment = Infer<typeof environmentShape>;

/** The budgets that a run begins with: a kind at the end that cannot happen costs no place in the state. */
export function initialBudgets(budgets: Readonly<Record<FaultKind, number>>): readonly number[] {
  const all = FAULT_KINDS.map((kind) => budgets[kind]);
  return all.slice(0, all.findLastIndex((budget) => budget !== 0) + 1);
}

/** Whether the kind with this index may still happen. */
export const mayHappen = ({ budgets }: Environment, index: number): boolean => (budgets[index] ?? 0) !== 0;
