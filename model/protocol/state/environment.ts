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
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
export const UNLIMITED = 0xffff;

export const environmentShape = struct({
  /** What is left of each kind, in the order of FAULT_KINDS. */
  budgets: list(int(0, UNLIMITED)),
  /** Brokers that lost records to a storage fault since the cluster was last whole; kept only where a bound reads it. */
  lossy: brokerSet,
  /** Unclean stops, kills included, since the cluster was last whole; kept only where a bound reads it. */
  uncleanStops: int(0, 0x7fff),
});
export type Environment = Infer<typeof environmentShape>;
