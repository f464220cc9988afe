/** The metrics of a run, under the names that JMX has for them. */

export type MetricName =
  | 'record-error-rate'
  | 'record-retry-rate'
  | 'records-lag-max'
  | 'UnderReplicatedPartitions'
  | 'UnderMinIsrPartitionCount'
  | 'OfflinePartitionsCount'
  | 'UncleanLeaderElectionsPerSec'
  | 'IsrShrinksPerSec'
  | 'IsrExpandsPerSec';

export interface MetricInfo {
  readonly name: MetricName;
  /** The MBean that has it. */
  readonly bean: string;
  /** Of a meter the samples are its OneMinuteRate. */
  readonly kind: 'gauge' | 'rate' | 'max' | 'meter';
  /** What a run that is summed up counts, where the metric counts something: a client's total, a meter's Count. */
  readonly total?: string;
}

const client = (side: 'producer' | 'consumer', group: string): string =>
  `kafka.${side}:type=${group},client-id=*`;

export const METRICS: readonly MetricInfo[] = [
  {
    name: 'record-error-rate',
    bean: client('producer', 'producer-metrics'),
    kind: 'rate',
    total: 'record-error-total',
  },
  {
    name: 'record-retry-rate',
    bean: client('producer', 'producer-metrics'),
    kind: 'rate',
    total: 'record-retry-total',
  },
  { name: 'records-lag-max', bean: client('consumer', 'consumer-fetch-manager-metrics'), kind: 'max' },
  {
    name: 'UnderReplicatedPartitions',
    bean: 'kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions',
    kind: 'gauge',
  },
  {
    name: 'UnderMinIsrPartitionCount',
    bean: 'kafka.server:type=ReplicaManager,name=UnderMinIsrPartitionCount',
    kind: 'gauge',
  },
  {
    name: 'OfflinePartitionsCount',
    bean: 'kafka.controller:type=KafkaController,name=OfflinePartitionsCount',
    kind: 'gauge',
  },
  {
    name: 'UncleanLeaderElectionsPerSec',
    bean: 'kafka.controller:type=ControllerStats,name=UncleanLeaderElectionsPerSec',
    kind: 'meter',
    total: 'Count',
  },
  {
    name: 'IsrShrinksPerSec',
    bean: 'kafka.server:type=ReplicaManager,name=IsrShrinksPerSec',
    kind: 'meter',
    total: 'Count',
  },
  {
    name: 'IsrExpandsPerSec',
    bean: 'kafka.server:type=ReplicaManager,name=IsrExpandsPerSec',
    kind: 'meter',
    total: 'Count',
  },
];
