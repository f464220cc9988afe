/** The only door of the model: the machine, its configuration, the observer and the drivers. */
export {
  createMachine,
  type Action,
  type ActionCode,
  type Machine,
  type Refusal,
  type Step,
} from './protocol/machine.ts';
export {
  AFTER_FAILURE,
  compile,
  configFault,
  isOffline,
  mayReadFollowers,
  NO_FAULTS,
  type AfterFailure,
  type Config,
  type ConsumerConfig,
  type FaultPlan,
  type Model,
  type ProducerConfig,
} from './protocol/config.ts';
export { ACTIONS } from './protocol/actions/index.ts';
export { isKnownUnder, type ActionDefinition } from './protocol/define-action.ts';
export { eventsOf, type ElectionKind, type Event } from './protocol/events.ts';
export { alterPartitionOf } from './protocol/look.ts';
export { MAX_PARTITIONS, partitionsOf, viewOf, viewsOf } from './protocol/state/partitions.ts';
export { controllerMinIsr, effectiveMinIsr } from './protocol/rules/assignment.ts';
export { ERROR_CLASSES, errorClassOf, type ErrorClass } from './protocol/rules/produce-errors.ts';
export { allClauses, type Clause } from './protocol/rules/clauses.ts';
export { RELEASES, RELEASE_NAMES, type ReleaseName } from './protocol/rules/releases.ts';
export {
  asksControllerForIsr,
  commitNeedsMinIsr,
  comparesLeaderEpochs,
  honoursUncleanSetting,
  keepsDroppedEligible,
  keepsEligibleLeaders,
  recordsOwnEpoch,
  refusesMetadata,
  restartsFetchingAt,
  sessionForgetsEpoch,
  takesLastKnownLeaderBack,
  tellsOfFailedDirectory,
  uncleanShutdownSign,
  preferredReplicaIsInSync,
  preferredReplicaIsUnfenced,
  usesZooKeeper,
} from './protocol/rules/shared-switches.ts';
export {
  SWITCHES,
  SWITCH_NAMES,
  withRule,
  type ControllerKind,
  type Rules,
  type SwitchInfo,
  type SwitchName,
} from './protocol/rules/switches.ts';
export { FAULT_KINDS, mayHappen, UNLIMITED, type FaultKind } from './protocol/state/environment.ts';
export { digestState, showState, stateShape, type State } from './protocol/state/state.ts';
export {
  imageLedBy,
  isActive,
  newestImage,
  newestOffset,
  type PartitionRegistration,
} from './protocol/state/metadata.ts';
export {
  endOffsetFor,
  entry,
  epochOf,
  isDeleted,
  isFollowed,
  latestEpoch,
  logEnd,
  logStart,
  recordOf,
  stampOf,
  type Log,
} from './protocol/state/log.ts';
export { nextSequence, NO_STAMP, producerEpochOf, producerIdOf, sequenceOf } from './protocol/state/stamp.ts';
export { ERRORS, type ErrorCode, type Message } from './protocol/state/message.ts';
export { NO_LEADER, NO_REPLICA, replicaShape, type Leading, type Replica } from './protocol/state/replica.ts';
export {
  has,
  isSubset,
  members,
  NO_BROKERS,
  setOf,
  size,
  withBroker,
  type BrokerSet,
} from './protocol/base/broker-set.ts';
export { readsFrom, recordsOf } from './protocol/state/clients.ts';
export {
  CONTROLLER,
  consumerParty,
  idOfParty,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  PARTIES,
  partyName,
  producerParty,
  sortOfParty,
} from './protocol/base/party.ts';
export { digestOf } from './protocol/base/digest.ts';
export { int, list, type Json } from './protocol/base/shape.ts';
export { maximalIsr } from './protocol/rules/isr.ts';
export { nothingObserved, observe } from './observer/observe.ts';
export { NONE, observedShape, UNDAMAGED, type Ack, type Commit, type Observed } from './observer/observed.ts';
export type {
  DeadPart,
  Exchange,
  Explorable,
  Happening,
  Judgement,
  Recovery,
  ShapeBound,
  Slot,
} from './drivers/search/explorable.ts';
export {
  control,
  Hand,
  type Break,
  type Control,
  type HandOptions,
  type HandReport,
  type Stopped,
} from './drivers/search/hand.ts';
export { RecoveryCheck, type RecoveryResult, type Stuck } from './drivers/search/recovery.ts';
export { BestFirst, type BestFirstOptions } from './drivers/search/best-first.ts';
export { BitSearch, type BitBreak, type BitEnd, type BitTotals } from './drivers/search/bitstate.ts';
export { words, type Words } from './drivers/search/words.ts';
export { answersMemory, type AnswersMemory } from './drivers/search/answers.ts';
export { maySleep, sleepMemory, type SleepMemory } from './drivers/search/sleep.ts';
export {
  storeMemory,
  type Store,
  type StoreMemory,
  type StorePlaces,
  type StoreSizes,
} from './drivers/search/store.ts';
export { brokerSymmetry } from './drivers/search/brokers.ts';
export { clientSymmetry } from './drivers/search/clients.ts';
export { explorableSpace } from './drivers/search/spec.ts';
export {
  Search,
  type Others,
  type SearchEnd,
  type SearchLimits,
  type SearchProgress,
  type SearchTotals,
} from './drivers/search/search.ts';
export { rankingOf, type Scale } from './drivers/search/scales.ts';
export {
  layoutOf,
  componentsOf,
  assemble,
  isSeenBy,
  Tracked,
  type Layout,
} from './drivers/search/tracked.ts';
export { walk, type Chooser, type WalkPlan, type Watcher } from './drivers/walk.ts';
export { Actors } from './drivers/strategies/actors.ts';
export { drive, type Picker } from './drivers/strategies/drive.ts';
export { Pos } from './drivers/strategies/pos.ts';
export { abstractionOf } from './drivers/strategies/abstraction.ts';
export { replay, type Replayed } from './drivers/run.ts';
export {
  configOf,
  defaultSettings,
  FAULT_CLASSES,
  faultsOfClass,
  isReleaseName,
  KAFKA_KEY_NAMES,
  KAFKA_KEYS,
  parseFaults,
  parseKafkaValue,
  presetSettings,
  rulesOf,
  withIdempotence,
  type FaultClass,
  type FaultSettings,
  type KafkaKey,
  type KafkaSettings,
  type KafkaValue,
  type Preset,
  type Settings,
} from './settings.ts';
export { Clock } from './drivers/timed/clock.ts';
export { Latency, type LatencyRange, type Stream, type Streams } from './drivers/timed/latency.ts';
export { timingOf, type Timing } from './drivers/timed/timing.ts';
export {
  flappingLeader,
  flappingLink,
  partition,
  rollingKill,
  rollingRestart,
  scheduleEnd,
  swizzle,
  timedBudgets,
  wholeClusterPowerLoss,
  type Schedule,
  type ScheduledFault,
  type Target,
  type LatableMessage,
  type LosableMessage,
  type TimedFault,
} from './drivers/timed/schedule.ts';
export { cutsOf, SHAPE_NAMES, SHAPES, type Cast, type Cut, type ShapeName } from './drivers/timed/shapes.ts';
export type { FaultOutcome } from './drivers/timed/nemesis.ts';
export type { Overdue, Pace, Workload } from './drivers/timed/clients.ts';
export {
  simulate,
  Simulator,
  type SimulationPlan,
  type TimedEnd,
  type TimedRun,
  type TimedWatcher,
} from './drivers/timed/simulate.ts';
export { channelOf } from './protocol/state/channel.ts';
export { UNCOUNTED } from './protocol/state/clients.ts';
export { exitsWhereAhead } from './protocol/rules/shared-switches.ts';
export { isAwake, isUp } from './protocol/state/broker.ts';
export {
  createSpec,
  isSpecName,
  SPEC_NAMES,
  specFault,
  SPECS,
  type Spec,
  type SpecBounds,
  type SpecName,
  type SpecParameter,
} from './specs/index.ts';
export type { Read, Space, SpaceAction, SpaceInvariant, SpaceSlot, Symmetry, Write } from './specs/space.ts';
