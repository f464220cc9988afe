/**
 * The project's list of known bugs, candidates and scenarios, and where each is shown: by a saved run, by the run of a
 * mutant, by what timed runs leave undone, or nowhere, for a reason. Groups and transactions are not part of it.
 */
import { BUGS_OF_RELEASES } from './bugs-of-releases.ts';
import { CATALOG } from './catalog.ts';
import type { CatalogEntry } from './catalog-entry.ts';

const numbered = (letter: string, from: number, to: number, digits: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${String(from + i).padStart(digits, '0')}`);

/** Every entry: bugs, candidates, scenarios. */
export const ENTRIES: readonly string[] = [
  ...numbered('B', 1, 41, 2),
  ...numbered('B', 52, 54, 2),
  ...numbered('X', 1, 7, 1),
  ...numbered('V', 1, 24, 1),
  'V26',
];

/** What saved runs do not show, or not in full. */
export interface Remark {
  readonly ref: string;
  /** Kafka's issue or proposal. */
  readonly source: string;
  /** A mutant of the table above: its run shows it, or timed runs that leave something undone. */
  readonly mutant?: string;
  readonly says: string;
}

const noted = (ref: string, source: string, says: string): Remark => ({ ref, source, says });
const mutated = (ref: string, source: string, mutant: string, says: string): Remark => ({
  ...noted(ref, source, says),
  mutant,
});

export const REMARKS: readonly Remark[] = [
  noted('B10', 'KAFKA-2477', 'an append is one step: nothing reads between the bytes and the published end'),
  noted(
    'B11',
    'KAFKA-2143',
    'the query for the leader’s end is one step with the answer that caused it: nothing is written between them',
  ),
  noted('B12', 'KAFKA-1647', 'the checkpoint of the high watermark is one per replica, and none is left out'),
  mutated(
    'B18',
    'KIP-380, KAFKA-1120',
    'broker-epoch-in-control-requests=no',
    'with all other rules as in ZooKeeper mode of 3.9; without a storage fault nobody leads any more, which `explore --can-recover` finds',
  ),
  mutated(
    'B21',
    'KAFKA-6082',
    'controller-writes-fenced-by=partition-state',
    'liveness; found by `explore --can-recover`',
  ),
  mutated(
    'B22',
    'KAFKA-9539, KIP-570',
    'stop-replica-fenced-by=controller-epoch',
    'needs reassignment in ZooKeeper mode, or the deletion of a topic',
  ),
  noted(
    'B23',
    'no issue',
    'a leader looks at an expansion only while it handles a fetch, and that tells it where the log ends by then: no release shows it',
  ),
  mutated(
    'B24',
    'KAFKA-13091',
    'isr-answer-advances-high-watermark=no',
    'liveness; found by `explore --can-recover survivors`, where nobody fetches any more',
  ),
  mutated(
    'B24',
    'KAFKA-14144',
    'repeated-alter-partition=accepted-if-equal',
    'in ZooKeeper mode, where the repeat is accepted; KRaft refuses it, and the leader learns the change from the metadata',
  ),
  mutated(
    'B24',
    'KAFKA-14154',
    'newer-alter-partition-answer=fenced',
    'no controller of KRaft mode is behind a broker here',
  ),
  noted(
    'B24',
    'KAFKA-12751, KAFKA-12686, KAFKA-15353',
    'a change always ends with an answer of equal partition epoch, a change that waits is not cleared, and a request that is repeated is the same',
  ),
  noted('B25', 'KAFKA-1382, KAFKA-2729', 'a leader always knows whether its write to ZooKeeper succeeded'),
  mutated('B26', 'KAFKA-7786', 'fenced-answer-counts=in-any-epoch', 'liveness'),
  mutated(
    'B26',
    'KAFKA-10706',
    'truncation-to-log-end=does-nothing',
    'liveness; found by `explore --can-recover`',
  ),
  noted('B26', 'KAFKA-9654', 'replicas do not move between log directories'),
  mutated('B27', 'KAFKA-3410, KAFKA-3924, KAFKA-7414', 'follower-ahead-of-leader=exits', 'liveness'),
  mutated(
    'B28',
    'KAFKA-4485',
    'high-watermark-waits-for-caught-up=no',
    'liveness under a load that never ends',
  ),
  mutated(
    'B28',
    'KAFKA-15021',
    'high-watermark-waits-for-caught-up=any',
    'latency: the replica that is waited for lags in the end',
  ),
  noted('B29', 'KAFKA-9835', 'a read is one step: it sees one end of the log'),
  noted('B30', 'KAFKA-9807', 'needs transactions'),
  noted(
    'B31',
    'KAFKA-14704',
    'no release by itself: it takes a consumer of before 2.3, or another client that names no leader epoch',
  ),
  noted('B34', 'KAFKA-9838', 'a read is one step: it sees one end of the log'),
  noted('B36', 'KAFKA-2960, KAFKA-1148', 'gone with 0.10.0, which is before every release named here'),
  mutated(
    'B37',
    'KAFKA-3197',
    'without: a producer with one request in flight has no other batch under way',
    'up to 0.9 the limit was one of the connection alone',
  ),
  noted(
    'B38',
    'KAFKA-8483, KAFKA-12152, KAFKA-13794',
    'batches that wait are in the order of their sequences',
  ),
  noted('B40', 'KAFKA-15552', 'needs the migration from ZooKeeper to KRaft'),
  noted('B52', 'KAFKA-10471', 'the start of a broker is one step'),
  mutated(
    'B53',
    'KAFKA-16541',
    'epoch-checkpoint-after-truncation=unsynced',
    'the fault `stale-file` takes such a file back, with a sync in the background (3.8) as well; what a truncated tail does that comes back is truncated-tail-returns',
  ),
  noted(
    'B54',
    'KAFKA-7866, KAFKA-10778',
    'an append is one step, and an I/O error takes the log directory offline before another',
  ),
  noted(
    'V24',
    'KAFKA-18723',
    'an answer holds what was read in the epoch of its request: reading and sending are one step',
  ),
];

const isOf = (ref: string, { ref: refs }: { readonly ref: string }): boolean =>
  refs.split(', ').includes(ref);

/** Runs of one older rule, or of one repair less, with all other rules as the run needs them. */
export const runsOf = (ref: string): readonly CatalogEntry[] => CATALOG.filter((entry) => isOf(ref, entry));
/** Runs under all rules of a release that had it. */
export const runsInReleases = (ref: string): readonly CatalogEntry[] =>
  BUGS_OF_RELEASES.filter((entry) => isOf(ref, entry));
export const remarksOn = (ref: string): readonly Remark[] => REMARKS.filter((remark) => isOf(ref, remark));
