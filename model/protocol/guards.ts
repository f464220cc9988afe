/** Guards that many actions have. In those of messages the second parameter is who receives it. */
import { world, type Guard } from './define-action.ts';
import { brokerAwake, hasLog, inFlight, processOf, reaches, servesRequests } from './look.ts';
import { isAwake } from './state/broker.ts';
import type { Message } from './state/message.ts';

export const awake = world('the broker is awake', brokerAwake);

export const logOnline = world('its log directory is online', hasLog);

export const requestInFlight = (kind: Message['kind']): Guard =>
  world('the request is in flight', inFlight(kind));
export const responseInFlight = (kind: Message['kind']): Guard =>
  world('the response is in flight', inFlight(kind));
export const arrives = world('the link is not cut', (_m, s, from, to) => reaches(s, from, to));
export const receiverAwake = world('the broker is awake', (_m, s, _from, to) => isAwake(processOf(s, to)));
export const receiverServes = world('the broker serves requests', (_m, s, _from, to) =>
  servesRequests(processOf(s, to)),
);
