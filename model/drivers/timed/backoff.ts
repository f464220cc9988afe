/**
 * Growing pauses between attempts. Kafka: ExponentialBackoff, without its jitter; KIP-580 (3.7) brought it to clients,
 * which before waited `retry.backoff.ms` each time.
 */

/** The pause after so many failures, 0 for the first (ms). */
export const backoff = (failures: number, first: number, most: number): number =>
  Math.min(first * 2 ** Math.min(failures, 16), most);

/** Of attempts that began at `start` and fail, each a pause after the other, the first at or after `time` (ms). */
export function nextAttempt(start: number, time: number, first: number, most: number): number {
  let attempt = start;
  for (let failures = 0; attempt < time; failures++) {
    const pause = Math.max(1, backoff(failures, first, most));
    const last = pause >= most || failures >= 16;
    attempt += last ? Math.ceil((time - attempt) / pause) * pause : pause;
  }
  return attempt;
}
