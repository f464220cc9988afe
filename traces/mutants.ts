/**
 * What became of each mutant of the rules: a run under mutants/ that kills it, or, listed here, why none does. Killers were
 * found by random walks with small fault budgets, a few by directed search, and minimised: most under `4.1-repaired`,
 * those of ZooKeeper mode under `3.9-zk`, some where only an older release, another setting or unclean election lets the
 * condition matter.
 */

/** Why no single step of any run shows that a condition is missing. */
export type Survivor =
  | {
      /**
       * Others catch what it would. A run under mutants/together/ breaks once all of them are missing, and no longer
       * with any one of them back.
       */
      readonly why: 'redundant';
      readonly with: readonly string[];
      readonly says: string;
    }
  | {
      /** Something never comes about: timed runs show it, within so many from seed 1, where `with` is missing too. */
      readonly why: 'liveness';
      readonly property: string;
      readonly runs: number;
      readonly with: readonly string[];
      readonly says: string;
    }
  /** Nothing false happens without it: it saves work, time or availability. */
  | { readonly why: 'cost'; readonly says: string }
  /** What it guards against cannot come up here, because the model merges or leaves out what would bring it up. */
  | { readonly why: 'out of reach'; readonly says: string };

const redundant = (says: string, ...others: readonly string[]): Survivor => ({
  why: 'redundant',
  with: others,
  says,
});
const liveness = (property: string, runs: number, says: string, ...others: readonly string[]): Survivor => ({
  why: 'liveness',
  property,
  runs,
  says,
  with: others,
});
const cost = (says: string): Survivor => ({ why: 'cost', says });
const outOfReach = (says: string): Survivor => ({ why: 'out of reach', says });

export const SURVIVORS: Readonly<Record<string, Survivor>> = {
  'without: the ELR elects only when the ISR is empty': redundant(
    'whoever is in the ELR has everything committed, because nothing is committed while the ISR is too small; its election ' +
      'only throws the members of the ISR out',
    'without: the high watermark moves only while the ISR has min.insync.replicas members',
  ),
  'without: a heartbeat counts only with the registered broker epoch': outOfReach(
    'registration and heartbeat are single steps here, so that no heartbeat of an earlier life is ever under way',
  ),
  'without: a replica that joins the ISR is not fenced': redundant(
    'the controller refuses a fenced member as well, and a fenced broker has no broker epoch that would match: the leader ' +
      'only saves a request that would be refused',
    'without: a replica that joins the ISR fetched with the broker epoch it is registered with',
    'without: a proposed ISR member is not fenced',
  ),
  'without: a replica that joins the ISR is not in controlled shutdown': redundant(
    'the controller refuses such a member as well: the leader only saves a request that would be refused',
    'without: a proposed ISR member is not in controlled shutdown',
  ),
  'without: a replica that joins the ISR fetched with the broker epoch it is registered with': redundant(
    'a fetch of an earlier life does not count in the first place, and the controller compares the broker epoch of each ' +
      'proposed member with the registered one',
    'without: a proposed ISR member is the incarnation that the leader saw',
    'without: a fetch of an earlier incarnation does not count as progress',
  ),
  'without: an ISR change is proposed only while none is pending': redundant(
    'AlterPartitionManager takes no second change of a partition while it holds one',
    'without: the manager of ISR changes takes one only while it holds none',
  ),
  'without: the manager of ISR changes takes one only while it holds none': redundant(
    'the leader proposes nothing while a change of its own is pending',
    'without: an ISR change is proposed only while none is pending',
  ),
  'without: only the leader answers a follower’s fetch': outOfReach(
    'the epoch is compared first, each epoch has one leader, and a follower fetches from it alone: who does not lead in ' +
      'the epoch of the fetch never gets it, unless another partition’s fetch brings it along',
  ),
  'without: an AlterPartition comes from the registered incarnation of its sender': redundant(
    'a leader that comes back in a new life has been taken out of leadership, which moved both epochs; shown by the rules ' +
      'of 3.3, where no broker epochs of members are compared either',
    'without: an AlterPartition carries the current leader epoch',
    'without: an AlterPartition carries the current partition epoch',
  ),
  'without: an AlterPartition carries the current leader epoch': redundant(
    'a higher leader epoch comes with a higher partition epoch, which is compared too',
    'without: an AlterPartition carries the current partition epoch',
  ),
  'without: an AlterPartition comes from the leader': redundant(
    'two brokers never lead in one epoch, and both epochs are compared',
    'without: an AlterPartition carries the current leader epoch',
    'without: an AlterPartition carries the current partition epoch',
  ),
  'without: the leader stays in the ISR that it proposes': outOfReach(
    'no leader of Kafka proposes an ISR without itself; the controller guards against a request that nobody sends',
  ),
  'without: a proposed ISR member is registered': outOfReach(
    'every broker of the model was registered before the run begins, and nobody unregisters one',
  ),
  'without: the answer to an AlterPartition counts only for the change that is pending': redundant(
    'an answer with an older partition epoch is dropped too, and nothing else answers a change that is no longer pending',
    'without: the answer to an AlterPartition counts only if its partition epoch is not older',
  ),
  'without: the answer to an AlterPartition counts only in the same leader epoch': redundant(
    'metadata of another leader epoch has replaced the pending change and brought a higher partition epoch',
    'without: the answer to an AlterPartition counts only for the change that is pending',
    'without: the answer to an AlterPartition counts only if its partition epoch is not older',
  ),
  'without: the answer to an AlterPartition counts only if its partition epoch is not older': redundant(
    'metadata of a newer partition epoch has replaced the pending change',
    'without: the answer to an AlterPartition counts only for the change that is pending',
  ),
  'without: a broker may stop once it leads nothing': redundant(
    'the step in which a broker enters controlled shutdown takes the lead from it, and a broker that shuts down is not ' +
      'elected',
    'without: a clean leader is registered, unfenced and not shutting down',
  ),
  'without: a fetch response counts only at the offset that was asked for': redundant(
    'within one leader epoch only an answer moves the log end of a follower, and one fetch is outstanding at a time',
    'fetch-answer-counts=in-any-epoch',
  ),
  'without: a fetch response counts only while its partition is still fetched from that leader': redundant(
    'another leader has another epoch, and what ends the fetching within an epoch is an answer itself',
    'fetch-answer-counts=in-any-epoch',
  ),
  'without: a diverging response truncates and does nothing else': outOfReach(
    'it brings the high watermark after the truncation, in the same step; that it came before is the rule ' +
      'diverging-answer-moves-high-watermark',
  ),
  'without: the ISR shrinks only by members that lag': liveness(
    'eventually/isr-change',
    60,
    'members that do not lag leave and join for ever: safe, and never at rest',
  ),
  'follower-truncation=epoch-and-end': cost(
    'a follower asks one question more before it fetches: KIP-595 took that away, and what the answer leads to is the same',
  ),
  'follower-restarts-fetching=leader-changed': redundant(
    'the answer to the next fetch tells where the logs part: only a follower that fetches without saying what it fetched ' +
      'last keeps what its leader has truncated meanwhile (KAFKA-7164)',
    'follower-truncation=epoch-and-end',
  ),
  'follower-restarts-fetching=leader-changed-or-epoch-skipped': cost(
    'a leader that is named again in the very next epoch has truncated nothing meanwhile, so that its followers have ' +
      'nothing to cut either: the newest rule needs no such argument',
  ),
  'follower-ahead-of-leader=exits': liveness(
    'eventually/isr',
    90,
    'the broker stops again after each start; shown where a follower learns only from its offset that it is ahead, and ' +
      'where the last member of the ISR may come back with less than others have',
    'follower-truncation=high-watermark',
    'eligible-leader-replicas=off',
  ),
  'fenced-answer-counts=in-any-epoch': liveness(
    'eventually/high-watermark',
    130,
    'a follower that has heard of the new epoch meanwhile gives its fetching up for good; shown where a leader often gets a ' +
      'new epoch, because only then it fetches from the same one on both sides of it, and where no other answer of an earlier epoch is dropped',
    'isr-shrink-bumps-leader-epoch=yes',
    'fetch-answer-counts=in-any-epoch',
  ),
  'truncation-to-log-end=does-nothing': cost(
    'a follower that led without writing anything is told to truncate again and again, until it starts anew: shown by a run ' +
      'made by hand, and by no timed run, since producers there write in every epoch',
  ),
  'failed-directory=not-told': cost(
    'a leader whose log directory has failed leads on in the metadata, and serves nobody, until its broker is restarted',
  ),
  'log-start-in-fetch=no': cost(
    'followers keep what their leader has deleted until their own retention finds it (before 0.11)',
  ),
  'repeated-alter-partition=accepted-if-equal': cost(
    'the leader gets the answer that was lost; else it learns the same from the metadata',
  ),
  'isr-answer-advances-high-watermark=no': cost(
    'the high watermark waits for the next fetch of somebody whose log end has moved (KAFKA-13091): acks=all times out as ' +
      'long as nobody comes, and somebody does once all is healed',
  ),
  'high-watermark-answers-waiting-fetch=yes': cost(
    'followers fetch more often to hear of the high watermark sooner',
  ),
  'shrink-spares-equal-log-end=no': cost(
    'a member that is complete and quiet leaves the ISR and joins again (KAFKA-7152): availability',
  ),
  'high-watermark-waits-for-caught-up=no': cost(
    'under a load that never ends a follower may never catch the moving high watermark (KAFKA-4485); the loads here end',
  ),
  'high-watermark-waits-for-caught-up=any': cost(
    'the high watermark waits for a replica that may not join, until that replica lags (KAFKA-15021): latency',
  ),
  'leader-state-resets=every-partition-change': cost(
    'caught-up times start anew with each change, so that a dead member stays in the ISR for longer (KAFKA-13790)',
  ),
  'without: a reassignment completes only if a member of the ISR stays': redundant(
    'all that stay must be in the ISR, so that some do; shown without ELR, where the ISR then names nobody who is assigned',
    'without: a reassignment completes only once what it asks for is in the ISR',
  ),
  'without: a reassignment completes only once what it asks for is in the ISR': cost(
    'the old replicas go before the new ones are complete: fewer copies, though those in the ISR have everything',
  ),
  'reassignment-completes-when=adding-in-isr': cost(
    'it completes with an ISR that is smaller than what was asked for (KAFKA-15665): availability',
  ),
  'min-isr-capped-by-replicas=no': cost(
    'acts only where min.insync.replicas exceeds the replicas: acks=all is refused for ever, as the setting says',
  ),
  'isr-shrink-bumps-leader-epoch=yes': cost(
    'every shrink costs followers and clients a round of requests in a new epoch; KAFKA-15021 took that away',
  ),
  'controller-honours-unclean-setting=no': cost(
    'with the setting on, the partition stays down instead of losing records; eventually/leader knows that of such releases',
  ),
  'unclean-shutdown-detected-by=any-new-incarnation': cost(
    'clean stops cost membership of the ELR too: fewer brokers may be elected',
  ),
  'follower-appends-newer-epochs=yes': outOfReach(
    'an answer holds what the leader read in the epoch of the request; in Kafka the bytes may have been replaced between ' +
      'the read and the sending (KAFKA-18723), which is one step here',
  ),
  'without: a numbered batch is sent again only once every earlier one is decided': cost(
    'the leader refuses what comes before its turn, and it is sent once more',
  ),
  'without: a producer sends nothing new while it does not know whether an expired batch was written': cost(
    'what follows a batch that was not written is refused, and the producer starts over then; without waiting for it, more ' +
      'is refused',
  ),
  'without: a producer takes no more records than its buffer holds': cost(
    'memory: records wait in the producer that would otherwise wait in the application',
  ),
  'without: a consumer is sent only to a replica whose log reaches its position': cost(
    'the follower calls the position out of range, and the consumer comes back to its leader; a member of the ISR has what ' +
      'is committed anyway',
  ),
  'followers-serve-consumers=no': cost('all consumers read from the leader, wherever they stand'),
  'preferred-replica-must-be-in-sync=no': cost(
    'a follower that lags is named again and again, and the consumer lags with it (KAFKA-14372)',
  ),
  'preferred-replica-must-be-unfenced=no': cost(
    'a broker that is fenced leaves the ISR in the same change; without KAFKA-14372 consumers are sent to a dead replica',
  ),
  'preferred-replica-given-up-on=out-of-range': cost(
    'a consumer stays with a dead follower for up to metadata.max.age.ms (KAFKA-14379)',
  ),
  'unknown-producer-with-sequence=out-of-order': cost('0.11 answers as the repair does'),
  'unknown-producer-with-sequence=unknown-producer-id': cost(
    'the batch is refused too; by the name of the error the producer starts over at once',
  ),
  'producer-batches-remembered=0': cost(
    'no producer can be idempotent (up to 0.10.2); settings that ask for it are refused',
  ),
  'producer-batches-remembered=1': cost(
    'an idempotent producer may have no more in flight than its leader remembers: throughput (KAFKA-5494)',
  ),
  'idempotent-producer-starts-over-with=new-producer-id': cost(
    'what carries the old producer id can not be sent again after a gap, so it is reported as failed (KIP-360)',
  ),
  'without: a request of a controller counts only if its controller epoch is not older': redundant(
    'what an earlier controller has decided has an older leader epoch too, and a StopReplica of it names its own',
    'without: a LeaderAndIsr counts only with a newer leader epoch',
  ),
  'without: a broker registers only once the znode of its former life is gone': redundant(
    'a controller that sees one znode follow the other knows by the broker epoch that the broker was gone',
    'broker-epoch-in-control-requests=no',
  ),
  'without: a replica follows only a leader that it knows to be alive': cost(
    'it asks a broker that is down until it hears of another leader, and hears of that one as soon as without it',
  ),
  'without: a controller does not write over what a later controller decided': cost(
    'one that was replaced reads the ISR before it elects, and nobody hears of what it writes; from 2.1 on it writes nothing',
  ),
  'controller-writes-fenced-by=partition-state': cost(
    'what a replaced controller writes nobody hears of, and its successor takes no notice: ZooKeeper names a leader that does ' +
      'not know of it (KAFKA-6082); `explore --can-recover` shows it, and no timed run does, where a controller soon hears ' +
      'that it was replaced',
  ),
  'stop-replica-fenced-by=controller-epoch': outOfReach(
    'StopReplica goes only to who shuts down here, and what is under way to a process ends with it: without reassignment no ' +
      'late copy meets a replica that is wanted again (KAFKA-9539)',
  ),
  'isr-change-goes-through=zookeeper': cost(
    'a leader writes what it would ask for, over the version that it knows; it waits for ZooKeeper meanwhile',
  ),
  'failover-removes-dead-replicas=no': cost(
    'a follower that died with the controller stays in the ISR until it lags: acks=all waits (KAFKA-3143)',
  ),
  'epoch-checkpoint-after-truncation=synced': cost(
    'each truncation waits for the disk while it holds the lock of the partition: KAFKA-15046 took that away',
  ),
  'epoch-checkpoint-after-truncation=unsynced': outOfReach(
    'a write in the background takes milliseconds, and the operating system writes within half a minute: here both may be ' +
      'undone for as long as nothing else writes the file',
  ),
  'newer-alter-partition-answer=fenced': outOfReach(
    'no controller is behind a broker: the quorum is one linear log here',
  ),
};

/** Mutants that a search kills within a moment: every test run searches for these anew, the full run for all. */
export const QUICK: readonly string[] = [
  'without: a clean leader comes from the ISR, or from the ELR when the ISR is empty',
  'without: a clean leader is registered, unfenced and not shutting down',
  'without: the ELR is emptied once the ISR reaches min.insync.replicas',
  'without: the last member of the ISR stays in it',
  'without: a broker is unfenced once it has applied its own registration',
  'without: a broker may stop once every active broker knows of its shutdown',
  'without: a replica that joins the ISR has reached the high watermark',
  'without: the high watermark moves only while the ISR has min.insync.replicas members',
  'without: the high watermark waits for every member of the maximal ISR',
  'without: acks=all is answered once the high watermark has passed the record',
  'without: a starting broker waits for the record of its own registration',
  'without: a consumer reads only below the high watermark',
  'without: a fetch whose last fetched epoch does not lie on the leader’s log is told to truncate',
  'without: a proposed ISR member is not fenced',
];

/**
 * Random walks meet these hardly once in 60,000 runs. The full test run walks on from somewhere within the first part of the
 * stored run, as far as `RARE_PREFIX` of it.
 */
export const RARE: readonly string[] = [
  'broker-epoch-checked-in=isr-expansion',
  'broker-epoch-checked-in=nothing',
  'consumer-validates-position=no',
  'diverging-answer-counts=whenever-it-comes',
  'expired-controller=goes-on',
  'fetch-answer-counts=in-any-epoch',
  'fetch-fences-leader-epoch=no',
  're-elected-leader-keeps-log-ends=yes',
  'recovery-believes=epoch-checkpoint',
  'without: a fetch of an earlier incarnation does not count as progress',
  'without: a fetch with a leader epoch below the leader’s is refused',
  'without: a follower serves a consumer only in the leader epoch that it knows',
  'without: a new leader forgets what it knew of its followers',
  'without: a proposed ISR member is the incarnation that the leader saw',
  'without: a reassignment is cancelled only if a member of the ISR stays, or unclean election is allowed',
  'without: an unclean election needs unclean.leader.election.enable',
];
export const RARE_PREFIX = 0.8;
