/**
 * Why a run breaks: because of an older rule, or because it goes beyond what eligible leader replicas are meant to bear.
 * A run that still breaks under the newest rules and within those bounds has no cause that is known here.
 */
import {
  RELEASES,
  rulesOf,
  SWITCH_NAMES,
  UNLIMITED,
  type ReleaseName,
  type Settings,
} from '../model/index.ts';
import type { Trace } from './format.ts';
import { replayTrace } from './replay.ts';

/** Rules with every repair that is known. */
export const REPAIRED: ReleaseName = '4.1-repaired';

/** What takes the break away, as in `eligible-leader-replicas=on`; undefined where nothing known does. */
export function causeOf(trace: Trace): string | undefined {
  const { settings, property } = trace;
  if (property === null) return undefined;
  const breaks = (changed: Settings): boolean =>
    replayTrace({ ...trace, settings: changed, digests: undefined }, { lenient: true }).broken.includes(
      property,
    );

  const inForce = rulesOf(settings.release, settings.rules);
  if ('error' in inForce) throw new RangeError(inForce.error);
  const repaired: Record<string, string> = RELEASES[REPAIRED];
  const older = SWITCH_NAMES.filter((name) => inForce[name] !== repaired[name]);
  const withRepairs = (names: readonly string[]): Settings => ({
    ...settings,
    rules: { ...settings.rules, ...Object.fromEntries(names.map((name) => [name, repaired[name] ?? ''])) },
  });
  for (const name of older) if (!breaks(withRepairs([name]))) return `${name}=${repaired[name] ?? ''}`;
  const all = withRepairs(older);
  if (older.length > 1 && !breaks(all))
    return older.map((name) => `${name}=${repaired[name] ?? ''}`).join(' and ');
  return beyondBearing(all, breaks);
}

/** KIP-966 bears fewer unclean stops than min.insync.replicas until the cluster is whole again. */
function beyondBearing(settings: Settings, breaks: (changed: Settings) => boolean): string | undefined {
  const { faults, kafka } = settings;
  const bearable = Math.max(Number(kafka['min.insync.replicas']) - 1, 0);
  if (faults.maxUncleanStops <= bearable) return undefined;
  const limited = { ...settings, faults: { ...faults, maxUncleanStops: Math.min(bearable, UNLIMITED) } };
  return breaks(limited) ? undefined : `at most ${bearable} unclean stops at a time`;
}
