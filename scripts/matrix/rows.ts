/** What the matrix asks about: a row is a release or a configuration, and each is tried under every class of faults. */
import {
  configOf,
  defaultSettings,
  FAULT_CLASSES,
  RELEASE_NAMES,
  RELEASES,
  presetSettings,
  rulesOf,
  withIdempotence,
  type FaultClass,
  type KafkaKey,
  type KafkaValue,
  type Settings,
} from '../../model/index.ts';
import { unconfirmedRepaired } from '../../traces/index.ts';
import { underFaults } from '../fault-classes.ts';

export interface Row {
  readonly id: string;
  readonly group: string;
  readonly settings: Settings;
  /** Whether `--quick` has it, and whether it also searches it within small bounds. */
  readonly quick: boolean | 'searched';
}

const WITHOUT = 'without unconfirmed finds';
export const GROUPS = {
  releases: 'Releases, with replication factor 3, min.insync.replicas=2, acks=all',
  repaired: `The same, ${WITHOUT}: what they break is repaired`,
  grid: `Configurations of 4.1, ${WITHOUT}`,
  defaults: `Kafka’s own defaults (--preset kafka) with replication factor 3, ${WITHOUT}`,
} as const;

/** The axes of the grid: Kafka's keys with the values that are tried, and how a row is named by them. */
const AXES: readonly { readonly key: KafkaKey; readonly values: readonly KafkaValue[] }[] = [
  { key: 'acks', values: ['all', '1', '0'] },
  { key: 'min.insync.replicas', values: [2, 1] },
  { key: 'unclean.leader.election.enable', values: [false, true] },
  { key: 'default.replication.factor', values: [3, 2] },
  { key: 'enable.idempotence', values: [false, true] },
];
const isAxis = (key: KafkaKey): boolean => AXES.some((axis) => axis.key === key);
/** Keys as a row names them. */
const SHORT: Readonly<Partial<Record<KafkaKey, string>>> = {
  'min.insync.replicas': 'min',
  'unclean.leader.election.enable': 'unclean',
  'default.replication.factor': 'RF',
  'enable.idempotence': 'idempotence',
};

/** Rules that operators choose: features of the cluster. */
const FEATURES: readonly (readonly [string, Settings['rules'][string] | undefined])[] = [
  ['', undefined],
  ['without ELR', 'off'],
];
const GRID_RELEASE = '4.1';

/** Releases that `--quick` leaves out: the older ones, and those that differ little from a neighbour. */
const onlyInFull = (release: string): boolean =>
  /^[012]\./.test(release) || ['3.0-kraft', '3.5', '3.7-zk'].includes(release);

/** Rows of the grid that `--quick` has: those that differ from the first in one axis. */
const differsInOne = (values: readonly KafkaValue[], feature: string | undefined): boolean =>
  values.filter((value, i) => value !== AXES[i]?.values[0]).length + (feature === undefined ? 0 : 1) === 1;

export const ROWS: readonly Row[] = [
  ...RELEASE_NAMES.map((release): Row => ({
    id: release,
    group: GROUPS.releases,
    settings: { ...defaultSettings, release },
    quick: release === '4.1-repaired' ? 'searched' : !onlyInFull(release),
  })),
  ...RELEASE_NAMES.flatMap((release): Row[] => {
    const settings = unconfirmedRepaired({ ...defaultSettings, release });
    const alike = JSON.stringify(rulesOf(release, settings.rules)) === JSON.stringify(RELEASES[release]);
    const id = `${release}, ${WITHOUT}`;
    return alike ? [] : [{ id, group: GROUPS.repaired, settings, quick: release === GRID_RELEASE }];
  }),
  // As it is, the unconfirmed finds break nearly all of it, and nothing else shows.
  ...gridRows(),
  // With one replica, as Kafka has it, nothing is replicated.
  ...RELEASE_NAMES.map((release): Row => {
    const kafka = { ...presetSettings('kafka', release), 'default.replication.factor': 3 };
    const settings = unconfirmedRepaired({ ...defaultSettings, release, kafka });
    return { id: release, group: GROUPS.defaults, settings, quick: ['2.8', GRID_RELEASE].includes(release) };
  }),
];

function gridRows(): readonly Row[] {
  const combinations = AXES.reduce<readonly (readonly KafkaValue[])[]>(
    (some, { values }) => some.flatMap((chosen) => values.map((value) => [...chosen, value])),
    [[]],
  );
  return combinations.flatMap((chosen) =>
    FEATURES.flatMap(([name, elr]): Row[] => {
      const kafka = Object.fromEntries(AXES.map(({ key }, i) => [key, chosen[i]]));
      const settings = unconfirmedRepaired({
        ...defaultSettings,
        release: GRID_RELEASE,
        kafka: withIdempotence({ ...defaultSettings.kafka, ...kafka }, isAxis, RELEASES[GRID_RELEASE]),
        rules: elr === undefined ? {} : { 'eligible-leader-replicas': elr },
      });
      const said = AXES.map(({ key }, i) => `${SHORT[key] ?? key}=${String(chosen[i])}`);
      return 'error' in configOf(settings)
        ? []
        : [
            {
              id: [...said, ...(name === '' ? [] : [name])].join(' '),
              group: GROUPS.grid,
              settings,
              quick: differsInOne(chosen, elr),
            },
          ];
    }),
  );
}

export interface Asked {
  readonly row: Row;
  readonly faults: FaultClass;
  readonly settings: Settings;
  /** The same for whatever is the same run by run: class U of one row may be F0 of another. */
  readonly key: string;
}

/** Every row under every class of faults. */
export const askedOf = (rows: readonly Row[]): readonly Asked[] =>
  rows.flatMap((row) =>
    FAULT_CLASSES.map((faults) => {
      const settings = underFaults(row.settings, faults);
      return { row, faults, settings, key: JSON.stringify(settings) };
    }),
  );
