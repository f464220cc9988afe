/**
 * SIGINT and SIGTERM. They are listened to before anything slow is done, so that one that comes at any moment ends the
 * program in order; therefore this file is plain JavaScript, imports nothing, and stays out of the bundle.
 */

/**
 * Whether an orderly end has been asked for.
 * @typedef {{ readonly requested: boolean }} Stop
 */

/** @typedef {'SIGINT' | 'SIGTERM'} Signal */

/** @type {readonly Signal[]} */
const SIGNALS = ['SIGINT', 'SIGTERM'];

/** A terminal and npm both deliver an interrupt: a second one within so many ms is the same one. */
const SAME_WITHIN = 1000;

const stop = { requested: false };
/** @type {{ readonly signal: Signal, readonly at: number } | undefined} */
let first;

/**
 * A first signal asks for an orderly end; a later one ends the program at once.
 * @param {Signal} signal
 */
function heard(signal) {
  if (first !== undefined && performance.now() - first.at > SAME_WITHIN) process.exit(130);
  first ??= { signal, at: performance.now() };
  stop.requested = true;
}

export function listenToSignals() {
  for (const signal of SIGNALS) process.on(signal, heard);
}

/**
 * For who ends in order once asked to.
 * @returns {Stop}
 */
export const stopOnSignal = () => stop;

/** For who cannot be asked: signals end the program as they do by themselves, also one that has come by now. */
export function endAtSignals() {
  for (const signal of SIGNALS) process.off(signal, heard);
  if (first !== undefined) process.kill(process.pid, first.signal);
}
