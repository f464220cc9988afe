/** Durations as people write them. */
import { UsageError } from './exit.ts';

const SCALE: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `30s`, `5m`, `1h` in ms. Throws a UsageError for anything else. */
export function duration(text: string): number {
  const [, amount, unit = ''] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const scale = SCALE[unit];
  if (amount !== undefined && scale !== undefined && Number(amount) > 0) return Number(amount) * scale;
  throw new UsageError(`--time ${text}: expected a duration such as 30s, 5m or 2h`);
}
