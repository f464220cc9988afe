/** What Kafka's meters and gauges see of a step, and of a state. No clock: that is `sampled.ts`. */
import {
  errorClassOf,
  honoursUncleanSetting,
  effectiveMinIsr,
  has,
  imageLedBy,
  isAwake,
  newestImage,
  NO_LEADER,
  partitionsOf,
  recordsOf,
  size,
  viewOf,
  viewsOf,
  type ErrorClass,
  type Event,
  type Model,
  type PartitionRegistration,
  type State,
} from '../../model/index.ts';
import { at } from '../property.ts';

/** One step of a run. */
export interface MetricStep {
  /** Kind of the action. */
  readonly kind: string;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
}

/** Records in batches that were finally given up, by producer. Kafka: Sender.failBatch, KafkaProducer.doSend. */
export const failedRecords = ({ events }: MetricStep, producer: number): number =>
  events.reduce((sum, event) => sum + (event.type === 'failed' && event.producer === producer ? 1 : 0), 0);

/** The same of all producers, with an error of this class. */
export const failedRecordsOf = ({ events }: Pick<MetricStep, 'events'>, name: ErrorClass): number =>
  events.filter((event) => event.type === 'failed' && errorClassOf(event.error) === name).length;

/** Records in batches that went back to be sent again. Kafka: Sender.reenqueueBatch. */
export const retriedRecords = ({ before, after }: MetricStep, producer: number): number =>
  Math.max(0, toBeSentAgain(after, producer) - toBeSentAgain(before, producer));

const toBeSentAgain = (state: State, producer: number): number =>
  sumOf(state, ({ producers }) =>
    at(producers, producer).retries.reduce((sum, batch) => sum + recordsOf(batch).length, 0),
  );

/** Over all partitions, each of which sees the state in its own way. */
const sumOf = (state: State, count: (view: State) => number): number =>
  viewsOf(state).reduce((sum, view) => sum + count(view), 0);

export type IsrMark = 'shrink' | 'expand';

/**
 * The ISR change of a leader that is known to be accepted by this step, with its leader. What the controller takes out
 * of an ISR, as it does with a broker that it fences, marks no meter; nor does a change that metadata tells of before
 * its answer comes. Kafka: Partition.handleAlterPartitionUpdate, PendingShrinkIsr and PendingExpandIsr.notifyListener.
 */
export function isrMark({ kind, before, after }: MetricStep): { leader: number; mark: IsrMark } | undefined {
  if (kind !== 'handle-alter-partition-response') return undefined;
  for (let partition = 0; partition < partitionsOf(after); partition++) {
    const mark = markIn(viewOf(before, partition), viewOf(after, partition));
    if (mark !== undefined) return mark;
  }
  return undefined;
}

function markIn(before: State, after: State): { leader: number; mark: IsrMark } | undefined {
  const leader = after.replicas.findIndex((replica, broker) => replica !== before.replicas[broker]);
  const was = before.replicas[leader];
  const is = after.replicas[leader];
  if (!was?.leading?.pending || is?.leading?.pending !== null) return undefined;
  const { pending, committedIsr } = was.leading;
  // A refused change leaves epoch and ISR as they were.
  if (is.partitionEpoch === was.partitionEpoch && is.leading.committedIsr === committedIsr) return undefined;
  return { leader, mark: size(pending.isr) < size(committedIsr) ? 'shrink' : 'expand' };
}

/**
 * Leaders from outside the ISR before: an election from the ELR counts too. In KRaft mode since the controller honours
 * unclean.leader.election.enable (3.9), undefined before. Kafka: ControllerMetricsChanges.handlePartitionChange.
 */
export function uncleanElections(model: Model, { events }: Pick<MetricStep, 'events'>): number | undefined {
  if (!honoursUncleanSetting(model)) return undefined;
  return events.reduce((sum, event) => {
    if (event.type !== 'partition-changed' || event.election === undefined) return sum;
    const unclean = event.leader !== NO_LEADER && !has(event.isrBefore, event.leader);
    return sum + (unclean ? 1 : 0);
  }, 0);
}

/** What each leader's process answers, summed up; one that is down or pauses answers nothing. */
const leadersThat = (state: State, counts: (isr: number, known: PartitionRegistration) => boolean): number =>
  sumOf(state, ({ replicas, processes, metadata }) =>
    replicas.reduce((sum, { leading }, broker) => {
      const process = at(processes, broker);
      if (leading === null || !isAwake(process)) return sum;
      const known = at(imageLedBy(metadata, process.metadataOffset).partitions, 0);
      const seen = counts(leading.committedIsr, known);
      return sum + (seen ? 1 : 0);
    }, 0),
  );

/** Kafka: Partition.isUnderReplicated, by the last accepted ISR. A deposed leader that does not know it counts too. */
export const underReplicatedPartitions = (_model: Model, state: State): number =>
  leadersThat(state, (isr, { replicas, reassignment }) => {
    return size(isr) < replicas.length - size(reassignment?.adding ?? 0);
  });

/** Kafka: Partition.isUnderMinIsr, effectiveMinIsr. */
export const underMinIsrPartitionCount = (model: Model, state: State): number =>
  leadersThat(state, (isr, { replicas }) => size(isr) < effectiveMinIsr(model, replicas.length));

/** Partitions without a leader in the controller's metadata. Kafka: ControllerMetricsChanges, hasLeader. */
export const offlinePartitionsCount = (_model: Model, state: State): number =>
  newestImage(state.metadata).partitions.filter(
    ({ leader, replicas }) => leader === NO_LEADER && replicas.length > 0,
  ).length;
