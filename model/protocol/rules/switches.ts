/**
 * Rules that changed between Kafka releases: one switch per KIP or fix, values oldest first. A rule asks for its
 * switch by name; nothing asks which release it is.
 */
/** Who elects leaders: the quorum of KIP-500, or a broker elected in ZooKeeper. */
export type ControllerKind = 'zookeeper' | 'kraft';

export interface SwitchInfo {
  readonly values: readonly string[];
  /** By value: the first release that has it by default, or null where none has. In KRaft mode where the modes differ. */
  readonly since: readonly (string | null)[];
  /** What the rule decides, in one sentence. */
  readonly asks: string;
  /** KIP, JIRA or class, with the first release of the newest value. */
  readonly source: string;
  /** Number of the switch in the project's protocol notes; used only in tables. */
  readonly ref: string;
  /** Known bugs and scenarios that an older value brings back. */
  readonly bugs: readonly string[];
  /** Set where only one kind of controller has the rule. */
  readonly only?: ControllerKind;
  /** Nobody could read the rule in a released tag when this was written. */
  readonly unverified?: string;
}

export const SWITCHES = {
  'follower-truncation': {
    values: ['high-watermark', 'epoch-end', 'epoch-and-end', 'on-fetch'],
    since: ['0.8.0', '0.11.0', '2.0.0', '2.8.0'],
    asks: 'Where does a follower that starts over cut its log?',
    source:
      'KIP-101 (0.11.0), KIP-279 (2.0.0), KIP-595 with KAFKA-10554 (2.8.0), AbstractFetcherThread.maybeTruncate',
    ref: 'S1',
    bugs: ['KAFKA-1211', 'KAFKA-6361'],
  },
  'diverging-answer-counts': {
    values: ['whenever-it-comes', 'while-still-fetching'],
    since: ['2.8.0', '2.8.1'],
    asks: 'When does a follower act on an answer that tells it to truncate?',
    source: 'KAFKA-13207 (2.8.1, 3.0.0), AbstractFetcherThread.truncateOnFetchResponse',
    ref: 'R12',
    bugs: ['KAFKA-13207'],
  },
  'follower-restarts-fetching': {
    values: ['leader-changed', 'leader-changed-or-epoch-skipped', 'epoch-grew'],
    since: ['0.8.0', '2.0.1', '2.1.0'],
    asks: 'When does new metadata make a follower start over and truncate?',
    source: 'KAFKA-7164 (2.0.1), KAFKA-7395 (2.1.0), Partition.makeFollower',
    ref: 'S3',
    bugs: ['KAFKA-7164'],
  },
  'fetch-fences-leader-epoch': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.1.0'],
    asks: 'Are leader epochs compared: by the leader with that of a fetch or a query, by the follower with that it asked in?',
    source: 'KIP-320, KAFKA-7395 (2.1.0), Partition.checkCurrentLeaderEpoch',
    ref: 'S2',
    bugs: ['KAFKA-6880', 'KIP-320 first try'],
  },
  'shrink-spares-equal-log-end': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.1.0'],
    asks: 'Does a member whose log end equals the leader’s stay in the ISR however long ago it fetched?',
    source: 'KAFKA-7152 (2.1.0), Replica.isCaughtUp',
    ref: 'S4',
    bugs: [],
  },
  'expansion-needs-epoch-start': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.0.1'],
    asks: 'Must a replica reach the start of the leader’s epoch before it joins the ISR?',
    source: 'KAFKA-7128 (2.0.1, 2.1.0), Partition.isFollowerInSync',
    ref: 'S5',
    bugs: ['KAFKA-7128'],
  },
  'leader-records-own-epoch': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.0.1'],
    asks: 'Does a new leader cache (epoch, log end offset) before it appends anything?',
    source: 'KAFKA-7415 (2.0.1, 2.1.0), Partition.makeLeader',
    ref: 'S6',
    bugs: ['KAFKA-7415'],
  },
  'high-watermark-waits-for': {
    values: ['committed-isr', 'maximal-isr'],
    since: [null, '2.7.0'],
    asks: 'Which ISR holds the high watermark back while an ISR change is pending?',
    source: 'KIP-497 (2.7.0), PartitionState.maximalIsr',
    ref: 'S7',
    bugs: ['KIP-497'],
  },
  'high-watermark-waits-for-caught-up': {
    values: ['no', 'any', 'eligible'],
    since: ['0.8.0', '0.10.2', '3.6.0'],
    asks: 'Does the high watermark also wait for caught-up replicas outside the ISR?',
    source: 'KAFKA-4485 (0.10.2), KAFKA-15021 (3.6.0), Partition.maybeIncrementLeaderHW',
    ref: 'S9',
    bugs: ['KAFKA-15021'],
  },
  'high-watermark-needs-min-isr': {
    values: ['no', 'yes'],
    since: ['0.8.0', '3.7.0'],
    asks: 'Does the high watermark stand still while the ISR is below min.insync.replicas?',
    source: 'KAFKA-15583 (3.7.0), Partition.maybeIncrementLeaderHW',
    ref: 'S8',
    bugs: ['KAFKA-15583'],
  },
  'leader-state-resets': {
    values: ['every-partition-change', 'leader-epoch-grew'],
    since: ['0.8.0', '3.3.0'],
    asks: 'Which metadata makes a leader reset caught-up times and its epoch start offset?',
    source: 'KAFKA-13790 (3.3.0), Partition.makeLeader',
    ref: 'S10',
    bugs: ['KAFKA-13790'],
  },
  'fenced-replicas-kept-out': {
    values: ['no', 'yes'],
    since: ['0.8.0', '3.3.0'],
    asks: 'Are fenced and shutting-down brokers refused as ISR members, and shutting-down ones as leaders?',
    source:
      'KIP-841 (3.3.0), Partition.isReplicaIsrEligible, ReplicationControlManager.ineligibleReplicasForIsr',
    ref: 'S11',
    bugs: ['KAFKA-13916'],
  },
  'broker-epoch-checked-in': {
    values: ['nothing', 'isr-expansion', 'isr-expansion-and-fetch-state'],
    since: ['0.8.0', '3.5.0', '3.7.0'],
    asks: 'Where is the broker epoch of a fetch compared with the registered one?',
    source: 'KIP-903 (3.5.0), KAFKA-15221 (3.7.0), Replica.updateFetchStateOrThrow',
    ref: 'S12',
    bugs: ['KAFKA-14139', 'KAFKA-15221'],
  },
  'min-isr-capped-by-replicas': {
    values: ['no', 'yes'],
    since: ['0.8.0', '3.7.0'],
    asks: 'Is min.insync.replicas capped by the number of replicas?',
    source: 'KAFKA-15583 (3.7.0), Partition.effectiveMinIsr',
    ref: 'S14',
    bugs: [],
  },
  'eligible-leader-replicas': {
    values: ['off', 'on'],
    since: ['0.8.0', '4.1.0'],
    asks: 'Does the controller keep replicas that left an ISR below min.insync.replicas as electable?',
    source: 'KIP-966 (4.0 opt-in, 4.1 default), PartitionChangeBuilder.maybePopulateTargetElr',
    ref: 'S15',
    bugs: ['KAFKA-15332'],
    unverified: 'default of 4.1 taken from its documentation',
  },
  'isr-shrink-bumps-leader-epoch': {
    values: ['yes', 'no'],
    since: ['3.0.0', '3.6.0'],
    asks: 'Does an ISR shrink move the leader epoch?',
    source: 'KAFKA-15021 (metadata.version 3.6-IV0), PartitionChangeBuilder',
    ref: 'S16',
    bugs: [],
  },
  'controller-honours-unclean-setting': {
    values: ['no', 'yes'],
    since: ['3.0.0', '3.9.0'],
    asks: 'Does the controller act on unclean.leader.election.enable?',
    source: 'KAFKA-12670 (3.9.0), ReplicationControlManager',
    ref: 'S17',
    bugs: [],
  },
  'registration-removes-old-incarnation': {
    values: ['no', 'yes'],
    since: ['3.0.0', '4.0.0'],
    asks: 'Does the registration of a new incarnation take the old one out of ISRs and leaderships?',
    source: 'KAFKA-18106 (4.0), ClusterControlManager.registerBroker',
    ref: 'S20',
    bugs: ['KAFKA-18106'],
    unverified: 'first release taken from the pull request',
  },
  'unclean-shutdown-detected-by': {
    values: ['nothing', 'any-new-incarnation', 'broker-epoch'],
    since: ['0.8.0', null, '4.0.0'],
    asks: 'What makes the controller treat a restart as unclean?',
    source: 'KAFKA-15586 (3.8), KAFKA-16952 (3.9), KAFKA-18635 (4.0)',
    ref: 'S21',
    bugs: [],
    unverified: '4.0 taken from the pull request',
  },
  'last-known-leader-must-be-alive': {
    values: ['no', 'yes'],
    since: ['4.0.0', '4.1.0'],
    asks: 'Does the election of the last known leader look whether that broker is alive?',
    source: 'KAFKA-19522 (4.1.0), PartitionChangeBuilder.canElectLastKnownLeader',
    ref: 'S23',
    bugs: ['KAFKA-19522'],
    unverified: 'fix release taken from the pull request',
  },
  'last-known-leader-election': {
    values: ['always', 'if-unclean-allowed'],
    since: ['4.0.0', null],
    asks: 'May the last known leader be elected although unclean election is disabled?',
    source: 'PartitionChangeBuilder.canElectLastKnownLeader; the newer value is our repair, in no release',
    ref: 'R35',
    bugs: [],
  },
  'follower-appends-newer-epochs': {
    values: ['yes', 'no'],
    since: ['0.8.0', '4.0.0'],
    asks: 'May a follower append batches of a higher leader epoch than its request carried?',
    source: 'KAFKA-18723 (4.0), ReplicaFetcherThread.processPartitionData',
    ref: 'S24',
    bugs: ['KAFKA-18723'],
    unverified: 'fix release taken from the pull request',
  },
  'fetch-answer-counts': {
    values: ['in-any-epoch', 'in-the-epoch-it-was-asked-in'],
    since: ['0.8.0', '4.1.0'],
    asks: 'Must the leader epoch of a follower be that of its fetch when the answer comes?',
    source: 'KAFKA-18991 (4.1.0), AbstractFetcherThread.processFetchRequest',
    ref: 'X7',
    bugs: ['KAFKA-18991'],
    unverified: 'fix release taken from the pull request, which also asks for 3.9 and 4.0',
  },
  'last-isr-member-retained': {
    values: ['unless-unclean', 'always'],
    since: ['0.8.0', '1.1.0'],
    asks: 'May the ISR become empty when eligible leader replicas are off?',
    source: 'PartitionChangeBuilder.build, ReplicationControlManager (1.1)',
    ref: 'S25',
    bugs: [],
  },
  'reassignment-completes-when': {
    values: ['adding-in-isr', 'target-in-isr'],
    since: ['3.0.0', '3.8.0'],
    asks: 'Which replicas must be in sync for a reassignment to complete?',
    source: 'KAFKA-15665 (3.8.0), PartitionReassignmentReplicas.maybeCompleteReassignment',
    ref: 'S34',
    bugs: ['KAFKA-15665'],
  },
  'elr-keeps-dropped-replicas': {
    values: ['yes', 'no'],
    since: ['4.0.0', null],
    asks: 'Does a replica that is no longer assigned stay among the eligible leader replicas?',
    source: 'PartitionChangeBuilder.maybePopulateTargetElr; the newer value is our repair, in no release',
    ref: 'R36',
    bugs: ['dropped eligible leader'],
    unverified: 'read in trunk of October 2024; no release known to change it',
  },
  'controlled-shutdown-kept-in': {
    values: ['controller-memory', 'metadata'],
    since: ['0.8.0', '3.3.0'],
    asks: 'Does a controlled shutdown survive a controller failover?',
    source: 'KIP-841 (3.3.0), BrokerRegistrationChangeRecord',
    ref: 'S35',
    bugs: [],
  },
  'newer-alter-partition-answer': {
    values: ['fenced', 'not-controller'],
    since: ['2.7.0', '3.3.0'],
    asks: 'What does a controller answer to an AlterPartition with epochs above its own?',
    source: 'KAFKA-14154 (3.3.0), ReplicationControlManager.validateAlterPartitionData',
    ref: 'S39',
    bugs: ['KAFKA-14154'],
  },
  're-elected-leader-keeps-log-ends': {
    values: ['yes', 'no'],
    since: ['0.8.0', null],
    asks: 'Does a leader that skipped an epoch keep what it knew of its followers?',
    source: 'Replica.resetReplicaState; the newer value is our repair, in no release',
    ref: 'S44',
    bugs: ['re-elected leader'],
    unverified: 'read in trunk of October 2024; no release known to change it',
  },
  'metadata-refused-by-partition-epoch': {
    values: ['never', 'older', 'older-or-equal'],
    since: ['0.8.0', '3.3.0', null],
    asks: 'Which partition metadata does a replica refuse by its partition epoch?',
    source: 'KAFKA-13790 (3.3.0), Partition.makeLeader; older-or-equal is our repair, in no release',
    ref: 'S45',
    bugs: ['KAFKA-13790', 'equal partition epoch'],
    unverified: 'read in trunk of October 2024',
  },
  'late-alter-partition-copy': {
    values: ['handled', 'refused'],
    since: ['2.7.0', null],
    asks: 'Is an AlterPartition handled that its sender sent before one that was answered already?',
    source:
      'Partition.handleAlterPartitionError, NodeToControllerRequestThread; refused is our repair, in no release',
    ref: 'X5',
    bugs: ['late copy of an AlterPartition'],
    unverified: 'read in trunk of October 2024',
  },
  'consumer-validates-position': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.3.0'],
    asks: 'Does a consumer ask a new leader whether its log still holds what the consumer read last?',
    source: 'KIP-320, KAFKA-7440 (2.3.0), SubscriptionState.maybeCompleteValidation',
    ref: 'S32',
    bugs: ['KAFKA-7747'],
  },
  'latest-offset-waits-for-epoch-start': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.2.0'],
    asks: 'Does a new leader keep its latest offset to itself until its high watermark reaches its epoch start?',
    source: 'KIP-207 (2.2.0), Partition.fetchOffsetForTimestamp',
    ref: 'S26',
    bugs: ['KAFKA-2334'],
  },
  'followers-serve-consumers': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.4.0'],
    asks: 'May a consumer read from a follower?',
    source: 'KIP-392, KAFKA-8443 (2.4.0), ReplicaManager.findPreferredReadReplica',
    ref: 'S33',
    bugs: [],
  },
  'out-of-range-at-a-follower': {
    values: ['resets', 'asks-the-leader'],
    since: [null, '2.4.0'],
    asks: 'What does a consumer make of OFFSET_OUT_OF_RANGE from a follower?',
    source: 'KIP-392, KAFKA-8443 (2.4.0), FetchCollector.handleInitializeErrors',
    ref: 'R60',
    bugs: ['KIP-392'],
  },
  'preferred-replica-must-be-in-sync': {
    values: ['no', 'yes'],
    since: ['2.4.0', '3.4.0'],
    asks: 'Is only a member of the ISR named as the replica to read from?',
    source: 'KAFKA-14372 (3.3.2, 3.4.0), ReplicaManager.findPreferredReadReplica',
    ref: 'R61',
    bugs: ['KAFKA-14372'],
  },
  'preferred-replica-must-be-unfenced': {
    values: ['no', 'yes'],
    since: ['3.0.0', '3.7.0'],
    asks: 'Must the broker of a replica that a leader names to consumers be unfenced?',
    source: 'KAFKA-15390 (3.7.0; ZooKeeper mode never named one), MetadataCache.getPartitionReplicaEndpoints',
    ref: 'R58',
    bugs: ['KAFKA-15390'],
  },
  'preferred-replica-given-up-on': {
    values: ['out-of-range', 'any-error'],
    since: ['2.4.0', '3.4.0'],
    asks: 'After which errors does a consumer go back to the leader?',
    source: 'KAFKA-14379 (3.3.2, 3.4.0), FetchUtils.requestMetadataUpdate, AbstractFetch.handleFetchFailure',
    ref: 'R59',
    bugs: ['KAFKA-14379'],
  },
  'producer-batches-remembered': {
    values: ['0', '1', '5'],
    since: ['0.8.0', '0.11.0', '1.0.0'],
    asks: 'How many batches of an idempotent producer does a leader know again, and may be in flight?',
    source: 'KIP-98 (0.11.0), KAFKA-5494 (1.0.0), ProducerStateEntry.NUM_BATCHES_TO_RETAIN',
    ref: 'S30',
    bugs: [],
  },
  'unknown-producer-with-sequence': {
    values: ['out-of-order', 'unknown-producer-id', 'accepted', 'refused'],
    since: ['0.11.0', '1.0.0', '2.5.0', null],
    asks: 'What does a leader that knows nothing of a producer make of a batch that is not its first?',
    source:
      'KAFKA-5793 (1.0.0), KIP-360 (2.5.0), ProducerAppendInfo.checkSequence; refused is our repair, in no release',
    ref: 'S31',
    bugs: ['KIP-360', 'second batch first'],
    unverified: 'accepted: read in trunk of October 2024',
  },
  'idempotent-producer-starts-over-with': {
    values: ['new-producer-id', 'new-epoch'],
    since: ['0.11.0', '2.5.0'],
    asks: 'With what does an idempotent producer go on after a gap in its sequences?',
    source: 'KIP-360 (2.5.0), TransactionManager.requestEpochBumpForPartition',
    ref: 'R64',
    bugs: ['KIP-360'],
  },
  'follower-ahead-of-leader': {
    values: ['exits', 'truncates'],
    since: ['0.8.0', '2.0.1'],
    asks: 'What does a follower do whose log ends above its leader’s, with unclean election disabled?',
    source: 'KAFKA-7414 (2.0.1, 2.1.0), ReplicaFetcherThread.handleOffsetOutOfRange',
    ref: 'S22',
    bugs: ['KAFKA-3410', 'KAFKA-3924'],
  },
  'repeated-alter-partition': {
    values: ['accepted-if-equal', 'refused'],
    since: ['2.7.0', '3.0.0'],
    asks: 'What does the controller answer to an AlterPartition whose ISR is the current one already?',
    source:
      'KIP-497 (2.7.0, ZooKeeper mode), KAFKA-14144 (3.3.0), LeaderAndIsr.equalsAllowStalePartitionEpoch',
    ref: 'S13',
    bugs: [],
  },
  'isr-answer-advances-high-watermark': {
    values: ['no', 'yes'],
    since: ['2.7.0', '3.1.0'],
    asks: 'Does the answer to an ISR change make the leader look at its high watermark again?',
    source: 'KAFKA-13091 (3.1.0), Partition.handleAlterPartitionUpdate',
    ref: 'R23',
    bugs: ['KAFKA-13091'],
  },
  'metadata-without-leader': {
    values: ['skipped', 'applied'],
    since: ['3.0.0', '3.3.0'],
    asks: 'Does a replica apply metadata that names no leader, or one that nobody has registered?',
    source: 'KIP-841 (3.3.0), ReplicaManager.applyLocalFollowersDelta',
    ref: 'R50',
    bugs: [],
  },
  'fenced-answer-counts': {
    values: ['in-any-epoch', 'in-the-epoch-it-was-asked-in'],
    since: ['2.1.0', '2.1.1'],
    asks: 'When does FENCED_LEADER_EPOCH end the fetching of a follower?',
    source: 'KAFKA-7786 (2.1.1), AbstractFetcherThread.onPartitionFenced',
    ref: 'R8',
    bugs: ['KAFKA-7786'],
  },
  'truncation-to-log-end': {
    values: ['does-nothing', 'cleans-epochs'],
    since: ['0.11.0', '2.6.1'],
    asks: 'Does a truncation that removes no record still remove epochs that start at the log end?',
    source: 'KAFKA-10706 (2.6.1, 2.7.0), UnifiedLog.truncateTo',
    ref: 'R30',
    bugs: ['KAFKA-10706'],
  },
  'epoch-checkpoint-after-truncation': {
    values: ['synced', 'unsynced', 'in-background'],
    since: ['0.11.0', '3.7.0', '3.8.0'],
    asks: 'Is the leader-epoch checkpoint fsynced when a truncation takes epochs away?',
    source: 'KAFKA-15046 (3.7.0), KAFKA-16541 (3.8.0), LeaderEpochFileCache.truncateFromEndAsyncFlush',
    ref: 'R77',
    bugs: ['KAFKA-16541'],
  },
  'recovery-believes': {
    values: ['epoch-checkpoint', 'batches'],
    since: ['0.11.0', null],
    asks: 'What holds after an unclean stop where a batch is of another epoch than the leader-epoch checkpoint says?',
    source: 'LogSegment.recover; batches is our repair, in no release',
    ref: 'X8',
    bugs: ['KAFKA-16541', 'truncated tail'],
    unverified: 'read in trunk of October 2024; no release known to change it',
  },
  'high-watermark-answers-waiting-fetch': {
    values: ['yes', 'no'],
    since: ['2.4.0', '2.6.0'],
    asks: 'Does a follower whose high watermark is behind get its waiting fetch answered at once?',
    source: 'KAFKA-8443 (2.4.0), KAFKA-9952 (2.6.0: no more; nor before 2.4), DelayedFetch.tryComplete',
    ref: 'S27',
    bugs: [],
  },
  'retention-bounded-by': {
    values: ['log-end', 'high-watermark'],
    since: ['0.8.0', '0.11.0.1'],
    asks: 'Up to where may retention delete a log?',
    source: 'KAFKA-5634 (0.11.0.1, 1.0.0), UnifiedLog.deletableSegments',
    ref: 'S37',
    bugs: ['KAFKA-5634'],
  },
  'failed-directory': {
    values: ['not-told', 'told'],
    since: ['3.0.0', '3.7.0'],
    asks: 'Does a broker tell the controller of a log directory that has failed?',
    source: 'KIP-858, KAFKA-14127 (3.7.0), ReplicationControlManager.handleDirectoriesOffline',
    ref: 'S38',
    bugs: [],
    only: 'kraft',
  },
  'log-start-in-fetch': {
    values: ['no', 'yes'],
    since: ['0.8.0', '0.11.0'],
    asks: 'Do fetches and their answers carry log starts, so that a follower deletes what its leader has deleted?',
    source: 'KIP-107, KAFKA-4586 (0.11.0), ReplicaFetcherThread.processPartitionData',
    ref: 'R75',
    bugs: [],
  },
  'full-truncation-moves': {
    values: ['log-start', 'log-start-and-high-watermark'],
    since: ['0.11.0', '2.4.1'],
    asks: 'What moves along when a follower drops its whole log and goes on where its leader’s starts?',
    source: 'KAFKA-9491 (2.4.1, 2.5.0), UnifiedLog.truncateFullyAndStartAt',
    ref: 'R31',
    bugs: ['KAFKA-9491'],
  },
  controller: {
    values: ['zookeeper', 'kraft'],
    since: ['0.8.0', '3.0.0'],
    asks: 'Is the controller a broker elected in ZooKeeper, or the quorum of KRaft?',
    source: 'KIP-500 (preview in 3.0), KIP-833 (3.3.0; ZooKeeper gone in 4.0)',
    ref: 'S40',
    bugs: [],
  },
  'isr-change-goes-through': {
    values: ['zookeeper', 'controller'],
    since: ['0.8.0', '2.7.0'],
    asks: 'Does a leader write its ISR to ZooKeeper itself, or ask the controller?',
    source: 'KIP-497 (2.7.0), Partition.expandIsr, shrinkIsr',
    ref: 'R24',
    bugs: [],
    only: 'zookeeper',
  },
  'broker-epoch-in-control-requests': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.2.0'],
    asks: 'Do requests of the controller name the life of the broker they are for, and is a quick restart seen?',
    source: 'KIP-380, KAFKA-7235 (2.2.0), KafkaController.processBrokerChange, KafkaApis.isBrokerEpochStale',
    ref: 'S18',
    bugs: ['KAFKA-1120'],
    only: 'zookeeper',
  },
  'controller-writes-fenced-by': {
    values: ['partition-state', 'controller-epoch'],
    since: ['0.8.0', '2.1.0'],
    asks: 'What stops a controller that was replaced from writing the state of a partition?',
    source: 'KAFKA-6082 (2.1.0), KafkaZkClient.retryRequestsUntilConnected',
    ref: 'S19',
    bugs: ['KAFKA-6082'],
    only: 'zookeeper',
  },
  'stop-replica-fenced-by': {
    values: ['controller-epoch', 'leader-epoch'],
    since: ['0.8.0', '2.6.0'],
    asks: 'What stops a late StopReplica from stopping a replica that is wanted again?',
    source: 'KIP-570, KAFKA-9539 (2.6.0), KafkaApis.handleStopReplicaRequest, ReplicaManager.stopReplicas',
    ref: 'R54',
    bugs: ['KAFKA-9539'],
    only: 'zookeeper',
  },
  'failover-removes-dead-replicas': {
    values: ['no', 'yes'],
    since: ['0.8.0', '2.3.0'],
    asks: 'Does a new controller take dead brokers out of the ISR when it starts?',
    source: 'KAFKA-3143 (2.3.0), ReplicaStateMachine.startup',
    ref: 'R57',
    bugs: [],
    only: 'zookeeper',
  },
} as const satisfies Record<string, SwitchInfo>;

export type SwitchName = keyof typeof SWITCHES;
export type Rules = { readonly [K in SwitchName]: (typeof SWITCHES)[K]['values'][number] };

export const SWITCH_NAMES = Object.keys(SWITCHES) as readonly SwitchName[];

/** The value that `name` takes in `rules` when set to `value`, or what is wrong with that. */
export function withRule(rules: Rules, name: string, value: string): Rules | { readonly error: string } {
  if (!Object.hasOwn(SWITCHES, name)) {
    return { error: `unknown rule "${name}"; known are ${SWITCH_NAMES.join(', ')}` };
  }
  const values: readonly string[] = SWITCHES[name as SwitchName].values;
  if (!values.includes(value)) {
    return { error: `rule ${name} cannot be "${value}"; it takes ${values.join(', ')}` };
  }
  return { ...rules, [name]: value };
}
