/**
 * SIGINT and SIGTERM. They are listened to before anything slow is loaded, so that one that comes at any moment ends the
 * program in order; therefore this file imports nothing.
 */

/** Whether an orderly end has been asked for. */
export interface Stop {
  readonly requested: boolean;
}

type Signal = 'SIGINT' | 'SIGTERM';
const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM'];

/** A terminal and npm both deliver an interrupt: a second one within so many ms is the same one. */
const SAME_WITHIN = 1000;

const stop = { requested: false };
let first: { readonly signal: Signal; readonly at: number } | undefined;

/** A first signal asks for an orderly end; a later one ends the program at once. */
function heard(signal: Signal): void {
  if (first !== undefined && performance.now() - first.at > SAME_WITHIN) process.exit(130);
  first ??= { signal, at: performance.now() };
  stop.requested = true;
}

export function listenToSignals(): void {
  for (const signal of SIGNALS) process.on(signal, heard);
}

/** For who ends in order once asked to. */
export const stopOnSignal = (): Stop => stop;

/** For who cannot be asked: signals end the program as they do by themselves, also one that has come by now. */
export function endAtSignals(): void {
  for (const signal of SIGNALS) process.off(signal, heard);
  if (first !== undefined) process.kill(process.pid, first.signal);
}
