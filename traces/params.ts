/** What the parameters of actions name. Every action of the model uses these words in the same sense. */
import {
  consumerParty,
  CONTROLLER,
  idOfParty,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  PARTIES,
  producerParty,
  sortOfParty,
  type Action,
  type Settings,
} from '../model/index.ts';

type Sort = 'broker' | 'brokers' | 'party' | 'producer' | 'consumer' | 'nth' | 'count';

const SORTS: ReadonlyMap<string, Sort> = new Map<string, Sort>([
  ['broker', 'broker'],
  ['leader', 'broker'],
  ['follower', 'broker'],
  ['preferred', 'broker'],
  ['replicas', 'brokers'],
  ['spared', 'brokers'],
  ['from', 'party'],
  ['to', 'party'],
  ['a', 'party'],
  ['b', 'party'],
  ['producer', 'producer'],
  ['consumer', 'consumer'],
  ['nth', 'nth'],
]);

const sortOf = (param: string): Sort => SORTS.get(param) ?? 'count';

/** The most that a parameter can be in any settings. */
export function largest(param: string): number {
  switch (sortOf(param)) {
    case 'broker':
      return CONTROLLER - 1;
    case 'brokers':
      return (1 << CONTROLLER) - 1;
    case 'party':
      return PARTIES - 1;
    case 'producer':
      return MAX_PRODUCERS - 1;
    case 'consumer':
      return MAX_CONSUMERS - 1;
    case 'nth':
      return 63;
    case 'count':
      return 511;
  }
}

/** The party that a parameter names, or undefined where it names none. */
function partyOf(param: string, value: number): number | undefined {
  switch (sortOf(param)) {
    case 'broker':
    case 'party':
      return value;
    case 'producer':
      return producerParty(value);
    case 'consumer':
      return consumerParty(value);
    case 'brokers':
    case 'nth':
    case 'count':
      return undefined;
  }
}

/** How a parameter names a party. */
const valueOf = (param: string, party: number): number =>
  sortOf(param) === 'party' ? party : idOfParty(party);

/** The party of the same sort with the next lower number; not of the first. */
const partyBefore = (party: number): number =>
  sortOfParty(party) === 'producer' ? producerParty(idOfParty(party) - 1) : party - 1;

/** A set of brokers once `gone` has left and those after it moved up; undefined where it was a member. */
function withoutMember(set: number, gone: number): number | undefined {
  if (gone >= CONTROLLER) return set;
  const below = (1 << gone) - 1;
  return (set & (1 << gone)) !== 0 ? undefined : (set & below) | ((set >> 1) & ~below);
}

function existsIn({ brokers, producers, consumers }: Settings, party: number): boolean {
  const count = { broker: brokers, controller: 1, producer: producers, consumer: consumers };
  return idOfParty(party) < count[sortOfParty(party)];
}

/** The first parameter that names somebody who does not exist under these settings, or undefined. */
export function strangerIn(action: Action, settings: Settings): string | undefined {
  return Object.keys(action).find((param) => {
    const value = action[param];
    if (sortOf(param) === 'brokers') return Number(value) >= 1 << settings.brokers;
    const party = typeof value === 'number' ? partyOf(param, value) : undefined;
    return party !== undefined && !existsIn(settings, party);
  });
}

/** The action after party `gone` has left and those of its sort that follow it moved up; undefined where it named it. */
export function withoutParty(action: Action, gone: number): Action | undefined {
  const changed: Record<string, string | number> = {};
  for (const [param, value] of Object.entries(action)) {
    if (sortOf(param) === 'brokers') {
      const left = withoutMember(Number(value), gone);
      if (left === undefined) return undefined;
      changed[param] = left;
      continue;
    }
    const party = typeof value === 'number' ? partyOf(param, value) : undefined;
    if (party === gone) return undefined;
    const moves =
      party !== undefined && sortOfParty(party) === sortOfParty(gone) && idOfParty(party) > idOfParty(gone);
    changed[param] = moves ? valueOf(param, partyBefore(party)) : value;
  }
  return { ...changed, kind: action.kind };
}

/** The parties that an action names, each with the parameter that names it, in the order of its parameters. */
export function partiesOf(action: Action): readonly (readonly [param: string, party: number])[] {
  return Object.entries(action).flatMap(([param, value]) => {
    const party = typeof value === 'number' ? partyOf(param, value) : undefined;
    return party === undefined ? [] : [[param, party] as const];
  });
}
