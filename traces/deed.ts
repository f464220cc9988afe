/** A step, as the sentences about it take it apart. */
import { CONTROLLER, partyName, type Action, type Event, type Message, type State } from '../model/index.ts';

export interface Deed {
  readonly action: Action;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
}

export const number = (action: Action, param: string): number => Number(action[param] ?? 0);
export const broker = ({ action }: Deed, param = 'broker'): string => `broker ${number(action, param)}`;
/** Where ZooKeeper elects the controller, the party that KRaft has for its controller is ZooKeeper. */
export function party({ action, after }: Deed, param: string): string {
  const named = number(action, param);
  return named === CONTROLLER && after.zookeeper !== undefined ? 'ZooKeeper' : partyName(named);
}

/** The message that the action names, as it was before the step. */
export function message<K extends Message['kind']>(
  { action, before }: Deed,
  kind: K,
): Extract<Message, { readonly kind: K }> | undefined {
  const of = (sent: Message): sent is Extract<Message, { readonly kind: K }> =>
    sent.kind === kind && sent.from === action.from && sent.to === action.to;
  return before.channels.flat().filter(of)[number(action, 'nth')];
}
