/** The shape every action fills in: who acts, what it is, its choices, its guards, then its effect. */
import type { Model } from './config.ts';
import type { Draft } from './draft.ts';
import { clause, type Clause } from './rules/clauses.ts';
import { FAULT_KINDS, type FaultKind } from './state/environment.ts';
import type { Message } from './state/message.ts';
import type { State } from './state/state.ts';

/** Reads the state; the numbers are the action's parameters in their declared order. */
export type Test = (model: Model, state: State, a: number, b: number, c: number) => boolean;

/**
 * One guard. A `rule` is a condition that Kafka's code checks, and a mutant may leave it out; a `world` guard says
 * what must be there for the action to mean anything (a running process, a message in flight).
 */
export interface Guard {
  readonly says: string;
  readonly test: Test;
  readonly clause: Clause | undefined;
}

export const world = (says: string, test: Test): Guard => ({ says, test, clause: undefined });
export const rule = (says: string, test: Test): Guard => ({ says, test, clause: clause(says) });
/** The same where only ZooKeeper mode has the rule. */
export const zookeeperRule = (says: string, test: Test): Guard => ({
  says,
  test,
  clause: clause(says, 'zookeeper'),
});

/**
 * Parts of components that change less often than the whole: what a process is (status, pause, incarnation, broker
 * epoch); what a replica is to its partition (leader or follower, of whom, in which epoch, since which offset) and its
 * high watermark.
 */
export type Aspect = 'lives' | 'roles' | 'highWatermarks';

/** What exists once per broker; `requests` are the channels in which it asks. */
export type OwnComponent = 'processes' | 'logs' | 'replicas' | 'requests' | Aspect;

/**
 * Calls `visit` for each combination of parameters that may be enabled, in one fixed order. An action that declares
 * what it reads of its own broker is asked for one broker at a time: `own` is its first parameter then.
 */
export type Choices = (
  model: Model,
  state: State,
  visit: (a: number, b: number, c: number) => void,
  own: number,
) => void;

export interface ActionDefinition {
  readonly kind: string;
  /** Components that choices, guards and costs look at: while they stay the same, so does what is enabled. */
  readonly reads: readonly (Exclude<keyof State, 'channels'> | Aspect)[];
  /** The kinds of messages in flight that they look at. */
  readonly readsMessages?: readonly Message['kind'][];
  /** The same, but only the part of the broker that the first parameter names. */
  readonly readsOwn?: readonly OwnComponent[];
  readonly who:
    'producer' | 'consumer' | 'leader' | 'follower' | 'broker' | 'controller' | 'network' | 'machine';
  /** Under which configurations the action exists, where it does not under all. */
  readonly under?: (model: Model) => boolean;
  /** Perturbations have budgets, what heals has none. */
  readonly role: 'protocol' | 'perturbation' | 'healing';
  /** The budget that the action needs. Some actions need it only in states that `costs` names. */
  readonly fault?: FaultKind;
  readonly costs?: Test;
  readonly params: readonly string[];
  /** Every partition has one: with several, the action names which, and sees the state as that partition does. */
  readonly ofPartition?: true;
  /** Parameters that it has beyond `params` with several partitions; what they leave out is 0. */
  readonly severalParams?: readonly string[];
  readonly choices: Choices;
  readonly guards: readonly Guard[];
  readonly effect: (draft: Draft, a: number, b: number, c: number) => void;
}

/** Whether the configuration knows the action. */
export const isKnownUnder = (model: Model, { under }: ActionDefinition): boolean =>
  under === undefined || under(model);

/** For actions that exist only where this kind of fault may happen. */
export const whereBudgeted =
  (fault: FaultKind) =>
  ({ config }: Model): boolean =>
    config.faults.budgets[fault] > 0;

/** For actions that only one kind of controller has. */
export const onlyKraft = ({ zookeeper }: Model): boolean => !zookeeper;
export const onlyZooKeeper = ({ zookeeper }: Model): boolean => zookeeper;

export const defineAction = (definition: ActionDefinition): ActionDefinition => definition;

export const budgetIndex = (fault: FaultKind): number => FAULT_KINDS.indexOf(fault);

export const once: Choices = (_model, _state, visit) => {
  visit(0, 0, 0);
};

export const eachBroker: Choices = (model, _state, visit) => {
  for (let broker = 0; broker < model.config.brokers; broker++) visit(broker, 0, 0);
};

export const ownBroker: Choices = (_model, _state, visit, own) => {
  visit(own, 0, 0);
};

/** Only where `may` holds: a cheap look ahead of the guards, for actions that are rarely enabled. */
export const ownBrokerIf =
  (may: (state: State, broker: number) => boolean): Choices =>
  (_model, state, visit, own) => {
    if (may(state, own)) visit(own, 0, 0);
  };

export const leaderAndPeer: Choices = (model, state, visit, own) => {
  if (state.replicas[own]?.leading === null) return;
  for (let peer = 0; peer < model.config.brokers; peer++) if (peer !== own) visit(own, peer, 0);
};

export const eachProducer: Choices = (model, _state, visit) => {
  for (let id = 0; id < model.config.producers.length; id++) visit(id, 0, 0);
};

export const eachConsumer: Choices = (model, _state, visit) => {
  for (let id = 0; id < model.config.consumers.length; id++) visit(id, 0, 0);
};

export const eachProducerAndBroker: Choices = (model, _state, visit) => {
  const { brokers, producers } = model.config;
  for (let id = 0; id < producers.length; id++) for (let b = 0; b < brokers; b++) visit(id, b, 0);
};

export const eachConsumerAndBroker: Choices = (model, _state, visit) => {
  const { brokers, consumers } = model.config;
  for (let id = 0; id < consumers.length; id++) for (let b = 0; b < brokers; b++) visit(id, b, 0);
};
