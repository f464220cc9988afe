/**
 * What became of each mutant of the rules: a run under mutants/ that kills it, or, listed here, why none does. Killers were
 * found by random walks under `4.1-repaired` with small fault budgets, a few by directed search, and minimised.
 */
export const SURVIVORS: Readonly<Record<string, string>> = {
  'without: the ELR elects only when the ISR is empty':
    'an ELR member is complete, and the winner becomes the ISR: another leader, nothing lost',
  'without: a heartbeat counts only with the registered broker epoch':
    'unreachable: registration and heartbeat are single steps, so none of an earlier life is under way',
  'without: a broker may stop once it leads nothing':
    'a leader without successor stops earlier than it should: availability, which no step property watches',
  'without: a replica that joins the ISR is not fenced':
    'redundant: the controller refuses a fenced member as well',
  'without: a replica that joins the ISR is not in controlled shutdown':
    'redundant: the controller refuses a member that shuts down as well',
  'without: a replica that joins the ISR fetched with the broker epoch it is registered with':
    'redundant: the controller compares the broker epoch of each proposed member as well',
  'without: an ISR change is proposed only while none is pending':
    'redundant: the manager holds one change per partition and takes no second one',
  'without: acks=all succeeds only while the maximal ISR has min.insync.replicas members':
    'redundant from 3.7 on: the high watermark does not pass a record below min.insync.replicas',
  'without: a new leader forgets what it knew of its followers':
    'nothing to remember: a follower keeps no state of others, and a leader that stays is the matter of re-elected-leader-keeps-log-ends',
  'without: a registration waits until the session of the old incarnation has ended':
    'from 4.0 the registration itself takes the old incarnation out of ISRs and leaderships',
  'without: a consumer is served by a leader of the epoch that it knows':
    'reads are stale but committed, which is no break',
  'without: a fetch with a leader epoch above the leader’s is refused':
    'not killed by the searches made; the fence below the epoch catches what they reach',
  'without: only the leader answers a follower’s fetch':
    'redundant: a broker that does not lead records no progress, and the epochs agree',
  'without: an AlterPartition comes from the registered incarnation of its sender':
    'not killed by the searches made: leader epoch and partition epoch catch what they reach',
  'without: an AlterPartition carries the current leader epoch':
    'redundant: a higher leader epoch comes with a higher partition epoch, which is checked too',
  'without: an AlterPartition comes from the leader':
    'redundant: two brokers never lead in one epoch, and the epoch is checked',
  'without: the leader stays in the ISR that it proposes':
    'unreachable: a leader never proposes an ISR without itself',
  'without: a proposed ISR member is registered':
    'unreachable: every broker of the model registered before the run begins',
  'without: a proposed ISR member is not in controlled shutdown':
    'redundant: the leader does not propose a member that shuts down once it knows; not killed by the searches made',
  'without: the answer to an AlterPartition counts only for the change that is pending':
    'not killed by the searches made: leader epoch and partition epoch of the answer catch what they reach',
  'without: the answer to an AlterPartition counts only in the same leader epoch':
    'redundant: metadata of a newer epoch has replaced the pending change',
  'without: the answer to an AlterPartition counts only if its partition epoch is not older':
    'redundant: metadata of a newer partition epoch has replaced the pending change',
  'without: a diverging response truncates and does nothing else':
    'shows only to readers of followers, which are not modelled yet (KAFKA-14704)',
  'without: acks=all is refused while the committed ISR is below min.insync.replicas':
    'redundant from 3.7 on: the record is appended and waits, and is committed only once the ISR has grown',
  'without: the ISR shrinks only by members that lag':
    'an early shrink costs availability; the ISR change itself stays safe',
  'follower-restarts-fetching=leader-changed':
    'redundant with truncation on fetch and fencing by leader epoch, which detect the missed epoch',
  'follower-restarts-fetching=leader-changed-or-epoch-skipped':
    'redundant with truncation on fetch and fencing by leader epoch, which detect the missed epoch',
  'shrink-spares-equal-log-end=no':
    'a dead but complete member leaves the ISR earlier: availability, not safety',
  'leader-records-own-epoch=no':
    'not killed by the searches made: fencing by leader epoch and truncation on fetch leave no divergence that they reach',
  'high-watermark-waits-for-caught-up=no':
    'liveness only: without the wait a follower may never catch the moving high watermark (KAFKA-4485)',
  'high-watermark-waits-for-caught-up=any':
    'liveness only: the high watermark waits for a replica that may not join (KAFKA-15021)',
  'leader-state-resets=every-partition-change':
    'liveness only: caught-up times are reset too often (KAFKA-13790)',
  'min-isr-capped-by-replicas=no':
    'acts only where min.insync.replicas exceeds the replicas: acks=all becomes impossible, nothing is lost',
  'isr-shrink-bumps-leader-epoch=yes': 'a new epoch at every shrink is safe; it costs a round of fetches',
  'controller-honours-unclean-setting=no':
    'without the setting there is nothing to honour; with it the partition stays down instead',
  'unclean-shutdown-detected-by=any-new-incarnation':
    'stricter than the newer rule: clean stops cost ELR membership',
  'last-known-leader-election=always':
    'needs three unclean stops in one run; found under F1 by the catalogue entry last-known-leader-truncates',
  'follower-appends-newer-epochs=yes':
    'hidden: the next fetch carries the last fetched epoch, and the leader finds the divergence',
  'newer-alter-partition-answer=fenced':
    'unreachable: no controller is behind a broker, the quorum is one linear log here',
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
