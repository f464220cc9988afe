/** Whether a requester still waits: one request of a kind is outstanding per connection. */
import type { Message } from './state/message.ts';
import type { State } from './state/state.ts';

/** An exchange by the kinds of its messages: the request may also wait at the server before it is answered. */
export interface Exchange {
  readonly requests: readonly Message['kind'][];
  readonly answer: Message['kind'];
}

export const FETCH: Exchange = { requests: ['Fetch', 'DelayedFetch'], answer: 'FetchResponse' };
export const ALTER_PARTITION: Exchange = { requests: ['AlterPartition'], answer: 'AlterPartitionResponse' };

/**
 * A request of this life of the requester, or the answer to it, is under way. What the server has itself sent to the
 * requester as a request does not count: two brokers that have just changed roles may have both under way.
 */
export function awaitsAnswer(
  state: State,
  exchange: Exchange,
  requester: number,
  server: number,
  incarnation: number,
): boolean {
  for (const message of state.network.messages) {
    if (message.kind === exchange.answer) {
      if (message.from === server && message.to === requester) return true;
    } else if (
      message.from === requester &&
      message.to === server &&
      exchange.requests.includes(message.kind)
    ) {
      if ('incarnation' in message && message.incarnation === incarnation) return true;
    }
  }
  return false;
}
