/** What ZooKeeper mode has of its own, and what runs of KRaft do not show there: no action of one controller is one of the other. */
import { settingsOf, type CatalogEntry } from './catalog-entry.ts';

export const ZOOKEEPER_RUNS: readonly CatalogEntry[] = [
  {
    name: 'restart-between-controllers',
    title:
      'a leader comes back without its records while there is no controller, and the next one takes it for one that never left',
    ref: 'R57, V11, X3',
    source: 'KafkaController.initializeControllerContext, PartitionStateMachine.initializePartitionState',
    settings: settingsOf({
      release: '3.9-zk',
      // Else the shortest run commits on what a leader knew before, which is another find.
      rules: { 're-elected-leader-keeps-log-ends': 'no' },
      consumers: 0,
      records: 1,
      faults: 'power-loss:1,fence:2',
      maxLossyBrokers: 1,
    }),
    property: 'durability/in-sync',
    broken: ['durability/in-sync', 'durability/holder'],
    actions: 120,
    by: 'walk',
  },
  {
    name: 'restart-between-controllers-diverges',
    title:
      'the same, and it writes on in its old leader epoch: logs differ in one epoch, and nothing finds that out',
    ref: 'R57, V11, X3',
    source: 'KafkaController.initializeControllerContext, PartitionStateMachine.initializePartitionState',
    settings: settingsOf({
      release: '3.9-zk',
      consumers: 0,
      records: 2,
      faults: 'power-loss:1,fence:2',
      maxLossyBrokers: 1,
    }),
    property: 'log-matching',
    broken: ['durability/in-sync', 'durability/holder', 'acked-durable', 'log-matching'],
    actions: 160,
    by: 'walk',
  },
  {
    name: 'unclean-election-zookeeper',
    title:
      'a replica outside the ISR is elected in ZooKeeper mode, and readers get two records at one offset',
    ref: 'V12, T03',
    source: 'KIP-106; PartitionLeaderElectionAlgorithms.offlinePartitionLeaderElection',
    settings: settingsOf({
      release: '3.9-zk',
      kafka: { 'unclean.leader.election.enable': true },
      consumers: 2,
      records: 2,
      faults: 'shrink:4,kill:2,fence:1',
    }),
    property: 'consistent-reads',
    broken: [
      'agreement',
      'durability/in-sync',
      'durability/holder',
      'consistent-reads',
      'visible-stays',
      'acked-durable',
    ],
    actions: 250,
    by: 'walk',
  },
];
