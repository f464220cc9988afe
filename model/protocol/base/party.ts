/** Who can send: brokers 0–4, the controller, producers, consumers. */
export const MAX_BROKERS = 5;
export const MAX_CLIENTS = 2;
export const CONTROLLER = 5;
export const PARTIES = 10;

export const producerParty = (producer: number): number => 6 + producer;
export const consumerParty = (consumer: number): number => 8 + consumer;
export const producerOf = (party: number): number => party - 6;

export function partyName(party: number): string {
  if (party < CONTROLLER) return `broker ${party}`;
  if (party === CONTROLLER) return 'controller';
  return party < 8 ? `producer ${party - 6}` : `consumer ${party - 8}`;
}
