import { SWITCHES, SWITCH_NAMES, type Rules } from './switches.ts';

/** Every rule at the newest value that a release has shipped. */
const newestShipped: Rules = {
  ...(Object.fromEntries(SWITCH_NAMES.map((name) => [name, SWITCHES[name].values.at(-1)])) as Rules),
  'last-known-leader-election': 'always',
  're-elected-leader-keeps-log-ends': 'yes',
  'metadata-refused-by-partition-epoch': 'older',
  'elr-keeps-dropped-replicas': 'yes',
  'late-alter-partition-copy': 'handled',
  'unknown-producer-with-sequence': 'accepted',
};

const v4_1 = newestShipped;
const v4_0_elr: Rules = { ...v4_1, 'last-known-leader-must-be-alive': 'no' };
const v4_0: Rules = { ...v4_0_elr, 'eligible-leader-replicas': 'off' };
const v3_9: Rules = {
  ...v4_0,
  'registration-removes-old-incarnation': 'no',
  // From 3.9 any new incarnation counts as unclean, but only where the metadata version supports ELR, which no
  // production version of 3.9 does.
  'unclean-shutdown-detected-by': 'nothing',
  'follower-appends-newer-epochs': 'yes',
};
const v3_7: Rules = {
  ...v3_9,
  'controller-honours-unclean-setting': 'no',
  'reassignment-completes-when': 'adding-in-isr',
};
const v3_6: Rules = {
  ...v3_7,
  'high-watermark-needs-min-isr': 'no',
  'min-isr-capped-by-replicas': 'no',
  'broker-epoch-checked-in': 'isr-expansion',
};
const v3_3: Rules = {
  ...v3_6,
  'high-watermark-waits-for-caught-up': 'any',
  'broker-epoch-checked-in': 'nothing',
  'isr-shrink-bumps-leader-epoch': 'yes',
};

/**
 * ZooKeeper mode, where it differs from KRaft mode of the same release: leaders are not told of broker epochs, the
 * controller honours the unclean setting, and an ISR shrink leaves the leader epoch.
 */
const inZooKeeperMode = {
  controller: 'zookeeper',
  'broker-epoch-checked-in': 'nothing',
  'controller-honours-unclean-setting': 'yes',
  'isr-shrink-bumps-leader-epoch': 'no',
  'controlled-shutdown-kept-in': 'controller-memory',
} as const satisfies Partial<Rules>;
const v3_9_zk: Rules = { ...v3_9, ...inZooKeeperMode };
const v3_6_zk: Rules = { ...v3_6, ...inZooKeeperMode };
const v3_3_zk: Rules = { ...v3_3, ...inZooKeeperMode };
const v3_0: Rules = {
  ...v3_3_zk,
  'fenced-replicas-kept-out': 'no',
  'leader-state-resets': 'every-partition-change',
  'metadata-refused-by-partition-epoch': 'never',
  'newer-alter-partition-answer': 'fenced',
  'isr-answer-advances-high-watermark': 'no',
};

/** Named releases, oldest first; up to 3.0 in ZooKeeper mode, from 3.3 on in KRaft mode but where the name says `-zk`. `4.1-repaired` adds repairs of finds that no release has. */
export const RELEASES = {
  '3.0': v3_0,
  '3.3': v3_3,
  '3.3-zk': v3_3_zk,
  '3.6': v3_6,
  '3.6-zk': v3_6_zk,
  '3.7': v3_7,
  '3.9': v3_9,
  '3.9-zk': v3_9_zk,
  '4.0': v4_0,
  '4.0+elr': v4_0_elr,
  '4.1': v4_1,
  '4.1-repaired': {
    ...v4_1,
    're-elected-leader-keeps-log-ends': 'no',
    'metadata-refused-by-partition-epoch': 'older-or-equal',
    'elr-keeps-dropped-replicas': 'no',
    'last-known-leader-election': 'if-unclean-allowed',
    'late-alter-partition-copy': 'refused',
    'unknown-producer-with-sequence': 'refused',
  },
} as const satisfies Record<string, Rules>;

export type ReleaseName = keyof typeof RELEASES;
export const RELEASE_NAMES = Object.keys(RELEASES) as readonly ReleaseName[];
