/** `replay --step`: walks through a run, one step on the screen at a time. */
import { on } from 'node:events';
import { createInterface, emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream } from 'node:tty';
import type { Replay } from '../traces/index.ts';
import { say } from './output.ts';
import { paintFor, widthOf } from './terminal.ts';

const HELP = 'n or Enter next, b back, NUMBER jump, v violation, 0 first, $ last, d differences, q quit';

/** What a line of input asks for. */
export type Asked =
  | { readonly kind: 'go'; readonly step: number }
  | { readonly kind: 'differences' | 'quit' }
  | { readonly kind: 'unknown'; readonly text: string };

/** Understands one line. Steps beyond the ends are the ends. */
export function asked(line: string, step: number, end: number, violation: number | undefined): Asked {
  const text = line.trim().toLowerCase();
  const go = (to: number): Asked => ({ kind: 'go', step: Math.min(Math.max(to, 0), end) });
  const jump = /^(?:j(?:ump)?\s*)?(\d{1,6})$/.exec(text)?.[1];
  if (jump !== undefined) return go(Number(jump));
  switch (text) {
    case '':
    case 'n':
    case 'next':
      return go(step + 1);
    case 'b':
    case 'back':
      return go(step - 1);
    case '$':
    case 'end':
      return go(end);
    case 'v':
      return violation === undefined ? { kind: 'unknown', text: 'nothing breaks' } : go(violation);
    case 'd':
    case 'diff':
      return { kind: 'differences' };
    case 'q':
    case 'quit':
      return { kind: 'quit' };
    default:
      return { kind: 'unknown', text: `"${text.slice(0, 40)}" is no command; ${HELP}` };
  }
}

/** Shows the first state, then does what is asked, until somebody quits or nothing more comes. */
export async function walkThrough(replay: Replay): Promise<void> {
  const { filmOf, stepChanges, stepText } = await import('../traces/viewer/index.ts');
  const { trace, run, finding, verdict, says } = replay;
  const film = filmOf(
    trace.settings,
    run.frames.map(({ code }) => code),
    finding?.partition ?? 0,
  );
  const options = { paint: paintFor(process.stdout), width: widthOf(process.stdout) };
  let step = 0;
  const show = (): void => {
    // A screen of its own, so that a broker stays at its place from step to step.
    if (process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H');
    say(stepText(film, run.findings, step, options));
    say(options.paint.dim(HELP));
  };
  show();
  for await (const line of process.stdin.isTTY ? keys(process.stdin) : createInterface(process.stdin)) {
    const wish = asked(line, step, film.end, finding?.step);
    if (wish.kind === 'quit') break;
    switch (wish.kind) {
      case 'go':
        step = wish.step;
        show();
        break;
      case 'differences':
        say(stepChanges(film, step, options));
        break;
      case 'unknown':
        say(wish.text);
        break;
    }
  }
  say(`${verdict}: ${says}`);
}

const KEYS: Readonly<Record<string, string>> = {
  right: 'n',
  down: 'n',
  space: 'n',
  j: 'n',
  left: 'b',
  up: 'b',
  k: 'b',
  home: '0',
  end: '$',
  escape: 'q',
};

/** Commands as they are typed at a terminal: a key each, but the digits of a number until Enter. */
async function* keys(input: ReadStream): AsyncGenerator<string> {
  emitKeypressEvents(input);
  input.setRawMode(true);
  let digits = '';
  try {
    for await (const [text, key] of on(input, 'keypress') as AsyncIterable<[string | undefined, Key]>) {
      if (key.ctrl === true && (key.name === 'c' || key.name === 'd')) return;
      const typed = text ?? '';
      if (/^\d$/.test(typed)) {
        digits += typed;
        process.stdout.write(typed);
        continue;
      }
      const named = KEYS[key.name ?? ''] ?? typed;
      yield key.name === 'return' ? digits : named;
      digits = '';
    }
  } finally {
    input.setRawMode(false);
    input.pause();
  }
}
