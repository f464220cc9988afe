/** The only door of the properties: what must hold, how a run is checked, and how runs are generated. */
import { agreement } from './guarantees/agreement.ts';
import { commitOnIsr } from './guarantees/commit-on-isr.ts';
import { committedReads, consistentReads, visibleStays } from './guarantees/committed-reads.ts';
import { holder, inSync, noStorageFault } from './guarantees/durability.ts';
import { ordering } from './guarantees/ordering.ts';
import { handedOverBeforeStop, unfencedIsInformed } from './lemmas/brokers.ts';
import { epochCacheInOrder, epochsOnlyGrow, metadataPrefix, oneLeaderPerEpoch } from './lemmas/epochs.ts';
import { highWatermarkCovers } from './lemmas/high-watermark.ts';
import { logStartBound } from './lemmas/log-start.ts';
import { latestCoversCommits } from './lemmas/latest-offset.ts';
import {
  expansionReachesCommits,
  fencedNotInIsr,
  leaderInIsr,
  offlineLeadsNothing,
  replicationQuorum,
  uncleanExcluded,
  validIsrAndElr,
} from './lemmas/isr.ts';
import {
  candidatesComplete,
  highWatermarkBound,
  leaderCompleteness,
  logMatching,
  strongIsr,
  weakIsr,
} from './lemmas/logs.ts';
import { sequencesConsecutive } from './lemmas/producer-state.ts';
import { ackedDurable } from './promises/acked-durable.ts';
import { errorIsUnknown } from './promises/error-is-unknown.ts';
import { noDuplicates } from './promises/no-duplicates.ts';
import { noSkip } from './promises/no-skip.ts';
import { positionValid } from './promises/position-valid.ts';
import { producerOrder } from './promises/producer-order.ts';
import type { Property } from './property.ts';

/** All properties, guarantees first: the order in which a finding is named. */
export { learnt, momentsOf, nothingSeen, type Seen } from './partitions.ts';
export const PROPERTIES: readonly Property[] = [
  ordering,
  agreement,
  commitOnIsr,
  inSync,
  holder,
  noStorageFault,
  committedReads,
  consistentReads,
  visibleStays,
  ackedDurable,
  errorIsUnknown,
  producerOrder,
  noDuplicates,
  noSkip,
  positionValid,
  oneLeaderPerEpoch,
  epochsOnlyGrow,
  logMatching,
  replicationQuorum,
  candidatesComplete,
  leaderCompleteness,
  weakIsr,
  strongIsr,
  leaderInIsr,
  validIsrAndElr,
  fencedNotInIsr,
  offlineLeadsNothing,
  uncleanExcluded,
  expansionReachesCommits,
  highWatermarkBound,
  highWatermarkCovers,
  logStartBound,
  latestCoversCommits,
  epochCacheInOrder,
  metadataPrefix,
  unfencedIsInformed,
  handedOverBeforeStop,
  sequencesConsecutive,
];

export { Checker, type Finding } from './checker.ts';
export type { Evidence, Moment, Property, PropertyKind, Violation } from './property.ts';
export { WITNESSES, type Witness } from './witnesses.ts';
export {
  runSeed,
  TimedCampaign,
  WalkCampaign,
  type Campaign,
  type Driver,
  type Found,
  type Runs,
  type Tally,
} from './campaign.ts';
export { Turns, type RunSource, type Turn } from './turns.ts';
export {
  DRIVERS,
  runsOf,
  STRATEGIES,
  STRATEGY_INFO,
  strategyRuns,
  type StrategyInfo,
  type StrategyName,
  type Starts,
  type StrategyRuns,
} from './strategies/index.ts';
export { drawWeights, walkOnce, walks, type OnStep, type Run, type StopsAt } from './generate/walks.ts';
export { mutantsOf, slug, type Mutant } from './mutants.ts';
export { EVENTUALLY, unmet, type EndOfRun, type EventualProperty, type Unmet } from './eventually.ts';
export { streamsOf } from './generate/streams.ts';
export {
  schedules,
  timedCases,
  workloads,
  type TimedCase,
  type TimedCaseOptions,
} from './generate/schedules.ts';
export {
  timedConfig,
  timedSettings,
  TimedRuns,
  TIMED_LIMITS,
  type TimedLimits,
  type TimedOutcome,
} from './timed.ts';
export { explorableMachine, type ExplorableOptions, type Grain } from './explore/reference.ts';
export { electionFault } from './explore/elections.ts';
export { DISTANCES } from './explore/towards.ts';
export { RECOVERIES, type RecoveryBy } from './explore/well.ts';
export { BOUND_NAMES, BOUNDS, type BoundInfo, type BoundName, type BoundSettings } from './explore/bounds.ts';
export { METRICS, type MetricInfo, type MetricName } from './metrics/names.ts';
export { SampledMetrics, type SampledSeries } from './metrics/sampled.ts';
export { totalsOf, type MetricTotals } from './metrics/totals.ts';
export { measure, type ClientTimes, type Measured } from './measure/index.ts';
export type { Fates } from './measure/fates.ts';
export { lengthOf, ORDINARY, type Standstill } from './measure/standstill.ts';
