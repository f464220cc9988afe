/** Who takes part in a run, and what each of them was at every step. */
import {
  consumerParty,
  CONTROLLER,
  idOfParty,
  partyName,
  producerParty,
  type State,
} from '../../../model/index.ts';
import type { Film } from '../film.ts';

export type LaneSort = 'producer' | 'broker' | 'controller' | 'zookeeper' | 'consumer';

export interface Lane {
  readonly party: number;
  readonly sort: LaneSort;
  readonly name: string;
  /** For narrow columns. */
  readonly shortName: string;
}

/** From left to right: who writes, the brokers, the controller or ZooKeeper in its place, who reads. */
export function lanesOf({ machine, states }: Film): readonly Lane[] {
  const { brokers, producers, consumers } = machine.config;
  const of = (count: number, sort: keyof typeof SHORT, party: (id: number) => number): Lane[] =>
    Array.from({ length: count }, (_, id) => laneOf(party(id), sort));
  return [
    ...of(producers.length, 'producer', producerParty),
    ...of(brokers, 'broker', (id) => id),
    states[0]?.zookeeper === undefined
      ? laneOf(CONTROLLER, 'controller')
      : { party: CONTROLLER, sort: 'zookeeper', name: 'ZooKeeper', shortName: 'ZK' },
    ...of(consumers.length, 'consumer', consumerParty),
  ];
}

const SHORT: Readonly<Record<Exclude<LaneSort, 'zookeeper'>, string>> = {
  producer: 'prod',
  broker: 'b',
  controller: 'ctrl',
  consumer: 'cons',
};

function laneOf(party: number, sort: keyof typeof SHORT): Lane {
  const name = partyName(party);
  return { party, sort, name, shortName: name.replace(sort, SHORT[sort]) };
}

export type Life = 'up' | 'starting' | 'stopping' | 'down' | 'paused' | 'stopped';
export type Role = 'leader' | 'follower' | 'none';

/** A party between two steps during which nothing about it changed that a lane shows. */
export interface Span {
  readonly from: number;
  /** The last state it lasts in. */
  readonly to: number;
  readonly life: Life;
  readonly role: Role;
  /** Leader epoch as the broker knows it; -1 for none and for clients. */
  readonly epoch: number;
}

type Standing = Omit<Span, 'from' | 'to'>;

export function spansOf(film: Film, { party, sort }: Lane): readonly Span[] {
  const spans: Span[] = [];
  for (const [step, state] of film.states.entries()) {
    const now = standing(state, party, sort);
    const last = spans.at(-1);
    if (last !== undefined && last.life === now.life && last.role === now.role && last.epoch === now.epoch) {
      spans[spans.length - 1] = { ...last, to: step };
    } else {
      spans.push({ from: step, to: step, ...now });
    }
  }
  return spans;
}

function standing(state: State, party: number, sort: LaneSort): Standing {
  const plain: Standing = { life: 'up', role: 'none', epoch: -1 };
  switch (sort) {
    case 'producer':
    case 'zookeeper':
      return plain;
    case 'consumer':
      return state.consumers[idOfParty(party)]?.stopped === true ? { ...plain, life: 'stopped' } : plain;
    case 'controller':
      return state.controller.active ? plain : { ...plain, life: 'down' };
    case 'broker':
      return brokerStanding(state, party);
  }
}

function brokerStanding(state: State, broker: number): Standing {
  const process = state.processes[broker];
  const replica = state.replicas[broker];
  if (process === undefined || replica === undefined || process.status === 'down') {
    return { life: 'down', role: 'none', epoch: -1 };
  }
  const { status, paused, stalled } = process;
  const life: Life =
    paused || stalled === true
      ? 'paused'
      : status === 'running'
        ? 'up'
        : status === 'starting'
          ? 'starting'
          : 'stopping';
  const role: Role = replica.leading !== null ? 'leader' : replica.fetcher !== null ? 'follower' : 'none';
  return { life, role, epoch: role === 'none' ? -1 : replica.leaderEpoch };
}

/** A pair of parties that do not reach each other between two steps, in one direction at least. */
export interface CutSpan {
  readonly names: string;
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

export function cutsAlong(film: Film, lanes: readonly Lane[]): readonly CutSpan[] {
  const cuts: CutSpan[] = [];
  const open = new Map<string, CutSpan>();
  let links: State['links'] | undefined;
  for (const [step, state] of film.states.entries()) {
    if (state.links === links) continue;
    links = state.links;
    for (const [i, { party: a, name }] of lanes.entries()) {
      for (const { party: b, name: other } of lanes.slice(i + 1)) {
        const key = `${a} ${b}`;
        const isCut = blocked(state, a, b) || blocked(state, b, a);
        const known = open.get(key);
        if (isCut && known === undefined) {
          open.set(key, { names: `${name} and ${other}`, a, b, from: step, to: film.end });
        }
        if (!isCut && known !== undefined) {
          open.delete(key);
          cuts.push({ ...known, to: step });
        }
      }
    }
  }
  return [...cuts, ...open.values()];
}

/** Whether a cut lies on the way from `a` to `b`. */
const blocked = (state: State, a: number, b: number): boolean => ((state.links.cut[a] ?? 0) & (1 << b)) !== 0;
