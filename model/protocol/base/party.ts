/** Who can send: brokers 0–4, the controller, producers, consumers. */
export const MAX_BROKERS = 5;
export const MAX_PRODUCERS = 3;
export const MAX_CONSUMERS = 2;
export const CONTROLLER = 5;

/** The third producer stands behind the consumers: traces name all others by the numbers that they had before it came. */
const FIRST_PRODUCER = 6;
const FIRST_CONSUMER = 8;
const THIRD_PRODUCER = 10;

/** All numbers are below. */
export const PARTIES = 11;
/** How many of them a run with so many producers has use for. */
export const partiesWith = (producers: number): number => (producers < 3 ? THIRD_PRODUCER : PARTIES);

export const producerParty = (producer: number): number =>
  producer < 2 ? FIRST_PRODUCER + producer : THIRD_PRODUCER;
export const consumerParty = (consumer: number): number => FIRST_CONSUMER + consumer;
export const producerOf = (party: number): number => (party < FIRST_CONSUMER ? party - FIRST_PRODUCER : 2);
const consumerOf = (party: number): number => party - FIRST_CONSUMER;

export type PartySort = 'broker' | 'controller' | 'producer' | 'consumer';

export function sortOfParty(party: number): PartySort {
  if (party < CONTROLLER) return 'broker';
  if (party === CONTROLLER) return 'controller';
  return party < FIRST_CONSUMER || party >= THIRD_PRODUCER ? 'producer' : 'consumer';
}

/** Which one of its sort a party is. */
export function idOfParty(party: number): number {
  switch (sortOfParty(party)) {
    case 'broker':
      return party;
    case 'controller':
      return 0;
    case 'producer':
      return producerOf(party);
    case 'consumer':
      return consumerOf(party);
  }
}

export function partyName(party: number): string {
  const sort = sortOfParty(party);
  return sort === 'controller' ? sort : `${sort} ${idOfParty(party)}`;
}
