/** Durations as people write them. */
import { UsageError } from './exit.ts';

const SCALE: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Reads the value of an option, `30s`, `5m`, `1h`, as ms. Throws a UsageError for anything else. */
const durationOf =
  (option: string) =>
  (text: string): number => {
    const [, amount, unit = ''] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
    const scale = SCALE[unit];
    if (amount !== undefined && scale !== undefined && Number(amount) > 0) return Number(amount) * scale;
    throw new UsageError(`${option} ${text}: expected a duration such as 30s, 5m or 2h`);
  };

export const duration = durationOf('--time');
export const calibrationTime = durationOf('--calibrate');
