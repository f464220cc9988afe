/**
 * Who owes a step in exchange grain. Some actions begin something: a record is sent, a follower fetches, a broker
 * starts, a fault strikes; when they happen is anybody's guess. Others are what an actor does next of itself, and
 * only a delay keeps it from doing: such a step is owed, and belongs to the transition that made it possible, unless
 * it is one of those that may be late.
 */
import { CONTROLLER, consumerParty, producerParty, type Machine } from '../../model/index.ts';

/** Owed by the party that a parameter names, as told by the kind of the action. */
export const OWED_BY: Readonly<Record<string, (a: number, b: number) => number>> = {
  'register-broker': (broker) => broker,
  heartbeat: (broker) => broker,
  'apply-metadata': (broker) => broker,
  'shrink-isr': (broker) => broker,
  'retry-alter-partition': (broker) => broker,
  'answer-delayed-fetch': (_from, to) => to,
  'stop-cleanly': (broker) => broker,
  'fence-broker': () => CONTROLLER,
  'stop-and-close-session': (broker) => broker,
  'register-in-zookeeper': (broker) => broker,
  'ask-for-controlled-shutdown': (broker) => broker,
  'notice-broker-change': (controller) => controller,
  'resign-as-controller': (broker) => broker,
  'retry-record': producerParty,
  'refresh-producer-metadata': producerParty,
  'notice-disconnect': producerParty,
  'refresh-consumer-metadata': consumerParty,
};

export interface Debtors {
  /** Families of owed actions. */
  readonly owed: readonly number[];
  /** These, and the families of actions that handle a message. */
  readonly continuing: readonly number[];
  /** The debtor whose step an action is, or −1. */
  settles(label: number): number;
}

export function debtorsOf(machine: Machine): Debtors {
  const { brokers, producers, consumers } = machine.config;
  // In the order in which they do it: whoever's session has ended is fenced before it can tell that it lives.
  const parties = [
    CONTROLLER,
    ...Array.from({ length: brokers }, (_, broker) => broker),
    ...producers.map((_, id) => producerParty(id)),
    ...consumers.map((_, id) => consumerParty(id)),
  ];
  const families = Array.from({ length: machine.families }, (_, family) => family);
  const isOwed = (family: number): boolean => OWED_BY[machine.kindOf(family)] !== undefined;
  return {
    owed: families.filter(isOwed),
    continuing: families.filter((family) => isOwed(family) || machine.kindOf(family).startsWith('handle-')),
    settles: (label) => {
      const { kind, ...params } = machine.decode(label);
      const owedBy = OWED_BY[kind];
      if (owedBy === undefined) return -1;
      const [a = 0, b = 0] = Object.values(params).map(Number);
      return parties.indexOf(owedBy(a, b));
    },
  };
}
