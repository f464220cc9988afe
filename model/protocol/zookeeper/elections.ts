/** Who leads, in ZooKeeper mode. Kafka: PartitionLeaderElectionAlgorithms, Election; before 2.0 PartitionLeaderSelector. */
import { has, setOf, type BrokerSet } from '../base/broker-set.ts';
import type { Model } from '../config.ts';
import { clause, holds } from '../rules/clauses.ts';

const fromIsr = clause('a leader that ZooKeeper mode elects comes from the ISR', 'zookeeper');
const alive = clause('a leader that ZooKeeper mode elects is alive', 'zookeeper');

/** What an election looks at. */
export interface Electorate {
  readonly assignment: readonly number[];
  readonly isr: BrokerSet;
  /** Alive and not shutting down. */
  readonly online: BrokerSet;
}

export interface Elected {
  readonly leader: number;
  readonly isr: BrokerSet;
  readonly unclean: boolean;
}

const mayLead = (model: Model, { isr, online }: Electorate, broker: number): boolean =>
  holds(model.leftOut, fromIsr, has(isr, broker)) && holds(model.leftOut, alive, has(online, broker));

/** The leader is gone: the first of the assignment that is alive and in the ISR, else, uncleanly, the first alive. */
export function electForOffline(model: Model, electorate: Electorate): Elected | undefined {
  const { assignment, isr, online } = electorate;
  const clean = assignment.find((broker) => mayLead(model, electorate, broker));
  if (clean !== undefined) return { leader: clean, isr: (isr & online) | (1 << clean), unclean: false };
  if (!model.uncleanElection) return undefined;
  const leader = assignment.find((broker) => has(online, broker));
  return leader === undefined ? undefined : { leader, isr: setOf([leader]), unclean: true };
}

/** The head of the assignment, if it is alive and in the ISR, which stays as it is. */
export function electPreferred(model: Model, electorate: Electorate): Elected | undefined {
  const leader = electorate.assignment[0];
  if (leader === undefined || !mayLead(model, electorate, leader)) return undefined;
  return { leader, isr: electorate.isr, unclean: false };
}

/** The leader shuts down: somebody else of the ISR, which those who shut down leave; else all stays as it is. */
export function electForShutdown(
  model: Model,
  electorate: Electorate,
  shuttingDown: BrokerSet,
): Elected | undefined {
  const leader = electorate.assignment.find((broker) => mayLead(model, electorate, broker));
  if (leader === undefined) return undefined;
  return { leader, isr: electorate.isr & ~shuttingDown, unclean: false };
}
