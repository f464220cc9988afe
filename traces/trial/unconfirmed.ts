/**
 * Finds that are readings of Kafka's source, and that nobody has shown on a running cluster. They break every release,
 * so what else there is to know of one shows only where they are repaired.
 */
import { SWITCHES, type Settings, type SwitchName } from '../../model/index.ts';

/** Rules whose newest value repairs such a find. */
export const UNCONFIRMED: readonly SwitchName[] = [
  're-elected-leader-keeps-log-ends',
  'metadata-refused-by-partition-epoch',
  'late-alter-partition-copy',
  'unknown-producer-with-sequence',
  'elr-keeps-dropped-replicas',
];

/** The settings with these finds repaired; rules that were set stay. */
export function unconfirmedRepaired(settings: Settings): Settings {
  const repairs = UNCONFIRMED.flatMap((name) => {
    const newest = SWITCHES[name].values.at(-1);
    return newest === undefined ? [] : [[name, newest] as const];
  });
  return { ...settings, rules: { ...Object.fromEntries(repairs), ...settings.rules } };
}
