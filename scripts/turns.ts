/** Long searches that give way to signals and timers. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a search goes on before others get their turn, in ms. */
const TURN_MS = 50;

/** Takes a search to its end, or tells it to stop once that is asked for. */
export async function inTurns<P, R>(
  search: Generator<P, R, boolean>,
  stop: { readonly requested: boolean },
  onProgress: (progress: P) => void,
): Promise<R> {
  let turnEnds = performance.now() + TURN_MS;
  let next = search.next(true);
  while (next.done !== true) {
    if (performance.now() >= turnEnds) {
      onProgress(next.value);
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
    next = search.next(!stop.requested);
  }
  return next.value;
}
