import { SWITCHES, SWITCH_NAMES, type Rules, type SwitchInfo } from './switches.ts';

/** The newest value that a release has shipped. */
function newestShipped({ values, since }: SwitchInfo): string | undefined {
  return values.findLast((_, i) => since[i] !== null);
}

const v4_1 = Object.fromEntries(SWITCH_NAMES.map((name) => [name, newestShipped(SWITCHES[name])])) as Rules;
const v4_1_repaired: Rules = {
  ...v4_1,
  're-elected-leader-keeps-log-ends': 'no',
  'metadata-refused-by-partition-epoch': 'older-or-equal',
  'elr-keeps-dropped-replicas': 'no',
  'last-known-leader-election': 'if-unclean-allowed',
  'late-alter-partition-copy': 'refused',
  'unknown-producer-with-sequence': 'refused',
  'recovery-believes': 'batches',
};
const v4_0_elr: Rules = {
  ...v4_1,
  'last-known-leader-must-be-alive': 'no',
  'fetch-answer-counts': 'in-any-epoch',
};
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
  'epoch-checkpoint-after-truncation': 'unsynced',
  'controller-honours-unclean-setting': 'no',
  'reassignment-completes-when': 'adding-in-isr',
};
const v3_6: Rules = {
  ...v3_7,
  'epoch-checkpoint-after-truncation': 'synced',
  'high-watermark-needs-min-isr': 'no',
  'min-isr-capped-by-replicas': 'no',
  'preferred-replica-must-be-unfenced': 'no',
  'failed-directory': 'not-told',
  'broker-epoch-checked-in': 'isr-expansion',
};
const v3_5: Rules = {
  ...v3_6,
  'high-watermark-waits-for-caught-up': 'any',
  'isr-shrink-bumps-leader-epoch': 'yes',
};
const v3_3: Rules = {
  ...v3_5,
  'diverging-answer-moves-high-watermark': 'yes',
  'broker-epoch-checked-in': 'nothing',
  'preferred-replica-must-be-in-sync': 'no',
  'preferred-replica-given-up-on': 'out-of-range',
};

/**
 * ZooKeeper mode, where it differs from KRaft mode of the same release: leaders are not told of broker epochs, the
 * controller honours the unclean setting, an ISR shrink leaves the leader epoch, and may be asked for again.
 */
const inZooKeeperMode = {
  controller: 'zookeeper',
  'broker-epoch-checked-in': 'nothing',
  'controller-honours-unclean-setting': 'yes',
  'isr-shrink-bumps-leader-epoch': 'no',
  'controlled-shutdown-kept-in': 'controller-memory',
  'repeated-alter-partition': 'accepted-if-equal',
  'preferred-replica-must-be-unfenced': 'yes',
} as const satisfies Partial<Rules>;
const v3_9_zk: Rules = { ...v3_9, ...inZooKeeperMode };
const v3_7_zk: Rules = { ...v3_7, ...inZooKeeperMode };
const v3_6_zk: Rules = { ...v3_6, ...inZooKeeperMode };
const v3_3_zk: Rules = { ...v3_3, ...inZooKeeperMode };

/** What 3.3 changed in either mode. */
const before3_3 = {
  'fenced-replicas-kept-out': 'no',
  'leader-state-resets': 'every-partition-change',
  'metadata-refused-by-partition-epoch': 'never',
  'newer-alter-partition-answer': 'fenced',
  'isr-answer-advances-high-watermark': 'no',
} as const satisfies Partial<Rules>;
const v3_0: Rules = { ...v3_3_zk, ...before3_3 };
const v3_0_kraft: Rules = {
  ...v3_3,
  ...before3_3,
  'controlled-shutdown-kept-in': 'controller-memory',
  'metadata-without-leader': 'skipped',
};

// From here on back there is only ZooKeeper. What a release has no use for keeps the value of the next.
const v2_8: Rules = { ...v3_0, 'diverging-answer-counts': 'whenever-it-comes' };
const v2_7: Rules = { ...v2_8, 'follower-truncation': 'epoch-and-end' };
const v2_4: Rules = {
  ...v2_7,
  'fetch-session-keeps-epoch': 'no',
  'isr-change-goes-through': 'zookeeper',
  'stop-replica-fenced-by': 'controller-epoch',
  'high-watermark-answers-waiting-fetch': 'yes',
  'truncation-to-log-end': 'does-nothing',
  'full-truncation-moves': 'log-start',
  'unknown-producer-with-sequence': 'unknown-producer-id',
  'idempotent-producer-starts-over-with': 'new-producer-id',
};
const v2_1: Rules = {
  ...v2_4,
  'deleted-batches-leave-producer-state': 'no',
  'followers-serve-consumers': 'no',
  'high-watermark-answers-waiting-fetch': 'no',
  'broker-epoch-in-control-requests': 'no',
  'failover-removes-dead-replicas': 'no',
  'latest-offset-waits-for-epoch-start': 'no',
  'consumer-validates-position': 'no',
  'fenced-answer-counts': 'in-any-epoch',
};
const v2_0_1: Rules = {
  ...v2_1,
  'fetch-fences-leader-epoch': 'no',
  'follower-restarts-fetching': 'leader-changed-or-epoch-skipped',
  'shrink-spares-equal-log-end': 'no',
  'controller-writes-fenced-by': 'partition-state',
};
const v2_0: Rules = {
  ...v2_0_1,
  'follower-restarts-fetching': 'leader-changed',
  'expansion-needs-epoch-start': 'no',
  'leader-records-own-epoch': 'no',
  'follower-ahead-of-leader': 'exits',
};
const v1_1: Rules = { ...v2_0, 'follower-truncation': 'epoch-end' };
const v0_11_0: Rules = {
  ...v1_1,
  'expired-controller': 'goes-on',
  'last-isr-member-retained': 'unless-unclean',
  'retention-bounded-by': 'log-end',
  'producer-batches-remembered': '1',
  'unknown-producer-with-sequence': 'out-of-order',
};
const v0_10_2: Rules = {
  ...v0_11_0,
  'follower-truncation': 'high-watermark',
  'log-start-in-fetch': 'no',
  'producer-batches-remembered': '0',
};

/**
 * Named releases, oldest first; two numbers stand for the first release that begins with them. Up to 3.0 in ZooKeeper
 * mode, from 3.3 on in KRaft mode, where the name does not say otherwise; in ZooKeeper mode 3.5 has the rules of 3.3. `4.1-repaired` adds repairs of finds that no
 * release has.
 */
export const RELEASES = {
  '0.10.2': v0_10_2,
  '0.11.0': v0_11_0,
  '1.1': v1_1,
  '2.0': v2_0,
  '2.0.1': v2_0_1,
  '2.1': v2_1,
  '2.4': v2_4,
  '2.7': v2_7,
  '2.8': v2_8,
  '3.0': v3_0,
  '3.0-kraft': v3_0_kraft,
  '3.3': v3_3,
  '3.3-zk': v3_3_zk,
  '3.5': v3_5,
  '3.6': v3_6,
  '3.6-zk': v3_6_zk,
  '3.7': v3_7,
  '3.7-zk': v3_7_zk,
  '3.9': v3_9,
  '3.9-zk': v3_9_zk,
  '4.0': v4_0,
  '4.0+elr': v4_0_elr,
  '4.1': v4_1,
  '4.1-repaired': v4_1_repaired,
} as const satisfies Record<string, Rules>;

export type ReleaseName = keyof typeof RELEASES;
export const RELEASE_NAMES = Object.keys(RELEASES) as readonly ReleaseName[];
