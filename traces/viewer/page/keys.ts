/** What the keyboard does. */
export type Command =
  | 'next'
  | 'back'
  | 'on'
  | 'off'
  | 'first'
  | 'last'
  | 'violation'
  | 'cause'
  | 'no-return'
  | 'search'
  | 'found-next'
  | 'found-back';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['j', 'next'],
  ['ArrowDown', 'next'],
  ['ArrowRight', 'next'],
  ['k', 'back'],
  ['ArrowUp', 'back'],
  ['ArrowLeft', 'back'],
  ['PageDown', 'on'],
  ['PageUp', 'off'],
  ['Home', 'first'],
  ['End', 'last'],
  ['v', 'violation'],
  ['c', 'cause'],
  ['r', 'no-return'],
  ['/', 'search'],
  ['n', 'found-next'],
  ['N', 'found-back'],
]);

/** The command of a key, unless it goes with another key that the browser or the system listens to. */
export function commandOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): Command | undefined {
  return ctrlKey || metaKey || altKey ? undefined : COMMANDS.get(key);
}

/** The help line: keys, and what they do. */
export const HELP: readonly (readonly [string, string])[] = [
  ['j k ↓ ↑', 'next, back'],
  ['PgDn PgUp', 'ten steps'],
  ['Home End', 'first, last'],
  ['c', 'cause'],
  ['r', 'point of no return'],
  ['v', 'violation'],
  ['/', 'search fields'],
  ['n N', 'next, previous change of them'],
];
