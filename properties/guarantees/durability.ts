/**
 * A committed record is not lost while one replica that had it lives: three readings of "lives", kept apart.
 * They show truncation, election and ISR bugs. None of them speaks of records that were never committed.
 */
import { newestImage, type Commit } from '../../model/index.ts';
import { assigned, firstLost, holdersNamed, mayBeLost } from '../lost.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

/** The first lost commit that `premise` speaks of, as evidence. */
function lostDespite(
  moment: Moment,
  premise: (commit: Commit) => boolean,
  because: (commit: Commit) => string,
): Evidence | undefined {
  if (!mayBeLost(moment)) return undefined;
  const { after, seen } = moment;
  const lost = firstLost(after, seen, premise);
  if (lost === undefined) return undefined;
  const { leader, commit } = lost;
  const { leaderEpoch } = at(newestImage(after.metadata).partitions, 0);
  return {
    says:
      `record ${commit.record} was committed at offset ${commit.offset} in leader epoch ${commit.leaderEpoch}; ` +
      `broker ${leader} leads in epoch ${leaderEpoch} without it, although ${because(commit)}`,
    offset: commit.offset,
    record: commit.record,
  };
}

const common = {
  kind: 'guarantee',
  vacuousWithout: ['commit', 'leader-change'],
  onEvents: [],
  onChange: ['logs', 'replicas', 'metadata'],
} as const;

/** Kafka's documentation: as long as at least one in-sync replica is alive at all times. */
export const inSync: Property = {
  ...common,
  id: 'durability/in-sync',
  promise: 'A committed record is not lost while at every moment some member of ISR or ELR ran undamaged.',
  source: 'Kafka documentation, design, replication',
  check: (moment) =>
    lostDespite(
      moment,
      (commit) => commit.inSyncLived,
      () => 'at every moment some undamaged member of ISR or ELR was running',
    ),
};

/** Not promised by the documentation; ELR (KIP-966) aims at it. Off with more losses than min.insync.replicas bears. */
export const holder: Property = {
  ...common,
  id: 'durability/holder',
  promise:
    'A committed record is not lost while one assigned replica that had it has lost nothing to its disk.',
  source: 'KIP-966, motivation',
  check: (moment) =>
    lostDespite(
      moment,
      ({ holders }) => assigned(moment.after, holders) !== 0,
      ({ holders }) =>
        `broker ${holdersNamed(assigned(moment.after, holders))} had it and lost nothing to a storage fault`,
    ),
};

/** Crashes alone lose nothing. Says nothing once a disk lost something or an election was unclean. */
export const noStorageFault: Property = {
  ...common,
  id: 'durability/no-storage-fault',
  promise: 'Without storage fault and without unclean election no committed record is ever lost.',
  source: 'Kafka documentation, design, replication',
  check: (moment) =>
    moment.seen.storageFault || moment.seen.uncleanElection
      ? undefined
      : lostDespite(
          moment,
          () => true,
          () => 'no disk lost anything and no election was unclean',
        ),
};
