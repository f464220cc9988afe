/**
 * Why a run breaks: because of an older rule, or because it goes beyond what eligible leader replicas are meant to bear.
 * A run that still breaks under the newest rules and within those bounds has no cause that is known here.
 */
import {
  configOf,
  RELEASES,
  rulesOf,
  SWITCH_NAMES,
  UNLIMITED,
  type ReleaseName,
  type Rules,
  type Settings,
  type SwitchName,
} from '../model/index.ts';
import type { Trace } from './format.ts';
import type { Cure } from './oracle.ts';
import { replayTrace } from './replay.ts';

/** Rules with every repair that is known. */
const REPAIRED: ReleaseName = '4.1-repaired';

/** The settings without what makes a run break: the single rule, repaired, that takes its break away, if one does. */
export function cureOf({ settings, property, ...trace }: Trace): Cure | undefined {
  if (property === null) return undefined;
  const name = olderRules(settings).find((older) => {
    const changed = { ...trace, property, settings: withRepairs(settings, [older]), digests: undefined };
    return !replayTrace(changed, { lenient: true }).broken.includes(property);
  });
  return name === undefined ? undefined : (others) => withRepairs(others, [name]);
}

/** What takes the break away, as in `eligible-leader-replicas=on`; undefined where nothing known does. */
export function causeOf(trace: Trace): string | undefined {
  const { settings, property } = trace;
  if (property === null) return undefined;
  const breaks = (changed: Settings): boolean =>
    replayTrace({ ...trace, settings: changed, digests: undefined }, { lenient: true }).broken.includes(
      property,
    );

  const older = olderRules(settings);
  for (const name of older) if (!breaks(withRepairs(settings, [name]))) return repairSays(name);
  const all = withRepairs(settings, older);
  if (older.length > 1 && !breaks(all)) return older.map(repairSays).join(' and ');
  return beyondBearing(all, breaks);
}

function rulesInForce({ release, rules }: Settings): Rules {
  const inForce = rulesOf(release, rules);
  if ('error' in inForce) throw new RangeError(inForce.error);
  return inForce;
}

const repairs: Readonly<Record<SwitchName, string>> = RELEASES[REPAIRED];
const repairSays = (name: SwitchName): string => `${name}=${repairs[name]}`;

const withRepairs = (settings: Settings, names: readonly SwitchName[]): Settings => ({
  ...settings,
  rules: { ...settings.rules, ...Object.fromEntries(names.map((name) => [name, repairs[name]])) },
});

/**
 * Rules that are not yet the repaired ones and could be. Under the other kind of controller most actions of a run cannot
 * be taken, so that it would break nothing; and ZooKeeper mode does not have all rules.
 */
function olderRules(settings: Settings): readonly SwitchName[] {
  const inForce = rulesInForce(settings);
  return SWITCH_NAMES.filter(
    (name) =>
      name !== 'controller' &&
      inForce[name] !== repairs[name] &&
      !('error' in configOf(withRepairs(settings, [name]))),
  );
}

/** The settings with every repair that their kind of controller can have; undefined where they have them all. */
export function repaired(settings: Settings): Settings | undefined {
  const older = olderRules(settings);
  return older.length === 0 ? undefined : withRepairs(settings, older);
}

/** KIP-966 bears fewer unclean stops than min.insync.replicas until the cluster is whole again; without it, none. */
function beyondBearing(settings: Settings, breaks: (changed: Settings) => boolean): string | undefined {
  const { faults, kafka } = settings;
  const bearsAny = rulesInForce(settings)['eligible-leader-replicas'] === 'on';
  const bearable = bearsAny ? Math.max(Number(kafka['min.insync.replicas']) - 1, 0) : 0;
  if (faults.maxUncleanStops <= bearable) return undefined;
  const limited = { ...settings, faults: { ...faults, maxUncleanStops: Math.min(bearable, UNLIMITED) } };
  if (breaks(limited)) return undefined;
  return bearable === 0 ? 'no unclean stop' : `at most ${bearable} unclean stops at a time`;
}
