/**
 * Timed runs as a fast-check arbitrary: a fault schedule, a workload and small variations of the configuration. Values
 * shrink to fewer faults, that come earlier, last less and are plainer, under the configuration that was asked for.
 */
import fc from 'fast-check';
import {
  CONTROLLER,
  consumerParty,
  flappingLeader,
  flappingLink,
  producerParty,
  RELEASES,
  rollingKill,
  rollingRestart,
  SHAPE_NAMES,
  swizzle,
  wholeClusterPowerLoss,
  type FaultKind,
  type FaultSettings,
  type KafkaSettings,
  type LatableMessage,
  type LatencyRange,
  type LosableMessage,
  type Schedule,
  type Settings,
  type Target,
  type TimedFault,
  type Workload,
} from '../../model/index.ts';

/** Everything that decides a timed run. */
export interface TimedCase {
  /** Seed of the streams that latencies and phases are drawn from. */
  readonly seed: number;
  readonly settings: Settings;
  readonly schedule: Schedule;
  readonly workload: Workload;
}

export interface TimedCaseOptions {
  /** What the run is about. Its fault budgets say which kinds of fault a schedule has, and how many of each. */
  readonly settings: Settings;
  /** Whether brokers, clients and timeouts vary a little from run to run. */
  readonly varies: boolean;
  /** The faults of a varied configuration, where they depend on `min.insync.replicas`. */
  readonly faultsFor?: (minInsyncReplicas: number) => FaultSettings;
  /** At most so many faults besides those of a named pattern. */
  readonly faults: number;
  /** Faults begin before this time (ms). */
  readonly horizon: number;
  /** Whether every schedule has a named pattern, and not only one in seven. */
  readonly named?: boolean;
}

const LOSABLE: readonly LosableMessage[] = [
  'Fetch',
  'FetchResponse',
  'Produce',
  'ProduceResponse',
  'AlterPartition',
  'AlterPartitionResponse',
];
const LATABLE: readonly LatableMessage[] = ['Fetch', 'Produce', 'AlterPartition'];

const MAX_BROKERS = 5;

/** A busy site; between sites; and a network in which next to everything overtakes everything. */
const BAD_NETWORKS: readonly LatencyRange[] = [
  { least: 1, spread: 200, tailOneIn: 10, tail: 1_000 },
  { least: 20, spread: 60, tailOneIn: 10, tail: 2_000 },
  { least: 1, spread: 1_500, tailOneIn: 4, tail: 8_000 },
];

/** Short ones come and go before a session ends, long ones outlast the lag limit (ms). */
const duration = fc.oneof(fc.nat(2_000), fc.nat(12_000), fc.nat(60_000));

/** Plain ids first: a counterexample that names brokers is easier to follow than one that names roles. */
const target = (brokers: number): fc.Arbitrary<Target> =>
  fc.oneof({ withCrossShrink: true }, fc.nat(brokers - 1), fc.constantFrom<Target>('leader', 'follower'));

/** Every link that there is, named from one end. */
function linksOf({ brokers, producers, consumers }: Settings): (readonly [number, number])[] {
  const ids = Array.from({ length: brokers }, (_, id) => id);
  const others = [
    CONTROLLER,
    ...Array.from({ length: producers }, (_, id) => producerParty(id)),
    ...Array.from({ length: consumers }, (_, id) => consumerParty(id)),
  ];
  return ids.flatMap((a) => [...ids.filter((b) => b > a), ...others].map((b) => [a, b] as const));
}

/** A link, named from either end. */
const links = (settings: Settings): fc.Arbitrary<readonly [number, number]> =>
  fc
    .tuple(fc.constantFrom(...linksOf(settings)), fc.boolean())
    .map(([[a, b], turned]) => (turned ? ([b, a] as const) : ([a, b] as const)));

/** Some links that are cut one by one, and the order in which they heal. */
const swizzles = (settings: Settings): fc.Arbitrary<readonly [(readonly [number, number])[], number[]]> =>
  fc
    .shuffledSubarray(linksOf(settings), { minLength: 1, maxLength: 5 })
    .chain((cut) =>
      fc.shuffledSubarray([...cut.keys()], { minLength: cut.length }).map((healed) => [cut, healed] as const),
    );
/** Any client; where there is none the fault finds nobody. */
function clientOf({ producers, consumers }: Settings) {
  const ids = (client: 'producer' | 'consumer', count: number) =>
    Array.from({ length: count }, (_, id) => ({ client, id }));
  const all = [...ids('producer', producers), ...ids('consumer', consumers)];
  return fc.constantFrom(...(all.length === 0 ? ids('producer', 1) : all));
}

type ScheduledKind = FaultKind | 'slow';

/** Which partition a fault concerns; with one there is nothing to draw. */
function partitionOf({ kafka, faults }: Settings): { readonly partition?: fc.Arbitrary<number> } {
  const most = Number(kafka['num.partitions']) + faults.budgets['add-partition'];
  return most === 1 ? {} : { partition: fc.nat(most - 1) };
}

/** Faults by kind, the plainest first. */
function faultsOf(settings: Settings): Readonly<Record<ScheduledKind, fc.Arbitrary<TimedFault>>> {
  const broker = target(settings.brokers);
  const link = links(settings);
  const extra = fc.oneof(fc.nat(100), fc.nat(5_000));
  const partition = partitionOf(settings);
  const of = <K extends TimedFault['kind']>(kind: K): fc.Arbitrary<{ kind: K; broker: Target }> =>
    fc.record({ kind: fc.constant(kind), broker });
  return {
    kill: of('kill'),
    'power-loss': fc.record({
      kind: fc.constant('power-loss' as const),
      broker,
      lost: fc.integer({ min: 1, max: 5 }),
    }),
    'stale-file': fc.record({
      kind: fc.constant('stale-file' as const),
      broker,
      records: fc.nat(3),
      ...partition,
    }),
    rack: fc.record({
      kind: fc.constant('rack' as const),
      broker,
      lost: fc.integer({ min: 1, max: 5 }),
    }),
    wipe: of('wipe'),
    'clean-stop': of('clean-stop'),
    pause: of('pause'),
    'disk-stall': of('disk-stall'),
    'disk-error': of('disk-error'),
    retention: fc.record({
      kind: fc.constant('retention' as const),
      broker,
      records: fc.integer({ min: 1, max: 5 }),
      ...partition,
    }),
    'delete-records': fc.record({
      kind: fc.constant('delete-records' as const),
      records: fc.integer({ min: 1, max: 5 }),
      ...partition,
    }),
    cut: fc.oneof(
      fc.record({ kind: fc.constant('cut' as const), shape: fc.constantFrom(...SHAPE_NAMES) }),
      fc.tuple(link, fc.boolean()).map(([[from, to], both]) => ({ kind: 'cut' as const, from, to, both })),
    ),
    slow: fc.oneof(
      fc.record({ kind: fc.constant('slow' as const), broker, extra }),
      fc.tuple(link, extra).map(([[from, to], ms]) => ({ kind: 'slow' as const, from, to, extra: ms })),
      fc.record({ kind: fc.constant('slow' as const), network: fc.constantFrom(...BAD_NETWORKS) }),
    ),
    fence: of('fence'),
    move: fc.constant({ kind: 'move' } as const),
    reassign: fc.record({
      kind: fc.constant('reassign' as const),
      replicas: fc.shuffledSubarray(
        Array.from({ length: settings.brokers }, (_, id) => id),
        { minLength: 1 },
      ),
      cancelled: fc.boolean(),
      ...partition,
    }),
    'add-partition': fc.constant({ kind: 'add-partition' } as const),
    shrink: of('shrink'),
    lost: fc.oneof(
      fc.record({ kind: fc.constant('lost' as const), message: fc.constantFrom(...LOSABLE) }),
      fc.record({
        kind: fc.constant('lost' as const),
        message: fc.constantFrom(...LATABLE),
        late: fc.integer({ min: 1, max: 30_000 }),
      }),
    ),
    lag: of('lag'),
    ctrl: fc.constant({ kind: 'ctrl' } as const),
    'client-kill': clientOf(settings).map((client) => ({ kind: 'client-kill' as const, ...client })),
    refused: fc.record({ kind: fc.constant('refused' as const), fatal: fc.boolean() }),
    'bad-record': fc.record({
      kind: fc.constant('bad-record' as const),
      producer: fc.nat(Math.max(settings.producers - 1, 0)),
    }),
  };
}

/** Slow links need no budget; they do nothing that another latency would not do. */
const kindsOf = ({ faults }: Settings): readonly ScheduledKind[] => [
  ...(Object.keys(faults.budgets) as FaultKind[]).filter((kind) => faults.budgets[kind] > 0),
  'slow',
];

/** Patterns that are unlikely to come about fault by fault. */
function patterns(settings: Settings, horizon: number): fc.Arbitrary<Schedule> {
  const kinds = kindsOf(settings);
  const brokers = Array.from({ length: settings.brokers }, (_, id) => id);
  const at = fc.nat(horizon);
  const pace = fc.record({
    at,
    down: fc.integer({ min: 1, max: 15_000 }),
    every: fc.integer({ min: 1, max: 15_000 }),
  });
  const times = fc.integer({ min: 1, max: 4 });
  const found: fc.Arbitrary<Schedule>[] = [];
  if (kinds.includes('clean-stop')) found.push(pace.map((when) => rollingRestart(brokers, when)));
  if (kinds.includes('kill')) found.push(pace.map((when) => rollingKill(brokers, when)));
  if (kinds.includes('power-loss')) {
    const lost = fc.integer({ min: 1, max: 5 });
    found.push(
      fc.tuple(pace, lost).map(([when, most]) => wholeClusterPowerLoss(brokers, { ...when, lost: most })),
    );
  }
  if (kinds.includes('clean-stop') && kinds.includes('move')) {
    found.push(fc.tuple(pace, times).map(([when, often]) => flappingLeader(0, { ...when, times: often })));
  }
  if (kinds.includes('cut')) {
    found.push(
      fc
        .tuple(links(settings), pace, times)
        .map(([link, when, often]) => flappingLink(link, { ...when, times: often })),
      fc
        .tuple(swizzles(settings), pace, fc.boolean())
        .map(([[cut, healed], when, both]) => swizzle(cut, healed, { ...when, both })),
    );
  }
  return fc.oneof(...found, fc.constant([]));
}

const byTime = (schedule: Schedule): Schedule =>
  schedule
    .map((scheduled, index) => ({ scheduled, index }))
    .sort((a, b) => a.scheduled.at - b.scheduled.at || a.index - b.index)
    .map(({ scheduled }) => scheduled);

/** Leaves out what goes beyond the budget of its kind. */
function withinBudgets(schedule: Schedule, { faults }: Settings): Schedule {
  const left: Record<string, number> = { ...faults.budgets };
  return schedule.filter(({ fault: { kind } }) => {
    if (kind === 'slow') return true;
    const some = left[kind] ?? 0;
    left[kind] = some - 1;
    return some > 0;
  });
}

/**
 * When faults begin: they crowd around a few moments, and around the times at which what happened there runs into a
 * timeout. Faults that have nothing to do with each other seldom break anything.
 */
interface Beginning {
  readonly moment: number;
  readonly timeout: number;
  readonly jitter: number;
}

const MOMENTS = 3;

/** How long the silence of a broker is borne, under the name that the controller in force has for it. */
const sessionKey = ({
  release,
  rules,
}: Settings): 'broker.session.timeout.ms' | 'zookeeper.session.timeout.ms' =>
  (rules.controller ?? RELEASES[release].controller) === 'zookeeper'
    ? 'zookeeper.session.timeout.ms'
    : 'broker.session.timeout.ms';

function beginnings(settings: Settings): fc.Arbitrary<Beginning> {
  const { kafka } = settings;
  const timeouts = [0, 0, 0, kafka[sessionKey(settings)], kafka['replica.lag.time.max.ms']];
  return fc.record({
    moment: fc.nat(MOMENTS - 1),
    timeout: fc.constantFrom(...timeouts.map(Number)),
    jitter: fc.oneof(fc.nat(20), fc.nat(500), fc.nat(10_000)),
  });
}

/** A network that is bad for the whole of the faults, in a third of the runs. */
const weather = (horizon: number): fc.Arbitrary<Schedule> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant<Schedule>([]) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...BAD_NETWORKS)
        .map((network): Schedule => [{ at: 0, for: horizon, fault: { kind: 'slow', network } }]),
    },
  );

/**
 * Schedules of at most `faults` faults, now and then with a named pattern, or in bad weather. Faults begin around
 * moments before `horizon` (ms).
 */
export function schedules(
  settings: Settings,
  faults: number,
  horizon: number,
  named = false,
): fc.Arbitrary<Schedule> {
  const byKind = faultsOf(settings);
  const single = fc.record({
    at: beginnings(settings),
    for: duration,
    fault: fc.oneof(...kindsOf(settings).map((kind) => byKind[kind])),
  });
  const pattern = fc.oneof(
    { withCrossShrink: true },
    { weight: named ? 0 : 6, arbitrary: fc.constant<Schedule>([]) },
    { weight: 1, arbitrary: patterns(settings, horizon) },
  );
  return fc
    .record({
      moments: fc.array(fc.nat(horizon), { minLength: MOMENTS, maxLength: MOMENTS }),
      singles: fc.array(single, { maxLength: faults, size: 'max' }),
      pattern,
      sky: weather(horizon),
    })
    .map(({ moments, singles, pattern: shape, sky }) => {
      const placed = singles.map(({ at: { moment, timeout, jitter }, ...rest }) => ({
        ...rest,
        at: (moments[moment] ?? 0) + timeout + jitter,
      }));
      return byTime([...sky, ...shape, ...placed]);
    });
}

/** Each producer has its own pace; a quick one has several records between two faults, a slow one none. */
export const workloads = (producers: number): fc.Arbitrary<Workload> =>
  fc.array(
    fc.record({
      start: fc.nat(2_000),
      every: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 5_000 })),
    }),
    { minLength: producers, maxLength: producers },
  );

/** The asked-for value first: what varies shrinks back to it. */
const around = <T>(base: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(base) },
    { weight: 1, arbitrary: fc.constantFrom(base, ...others) },
  );

function variations({ settings, faultsFor }: TimedCaseOptions): fc.Arbitrary<Settings> {
  const { kafka, brokers } = settings;
  const int = (key: keyof KafkaSettings): number => kafka[key] as number;
  const session = sessionKey(settings);
  const varied = fc.record({
    more: around(0, 1, 2),
    producers: around(settings.producers, 1, 2),
    consumers: around(settings.consumers, 1, 2),
    records: around(settings.records, 3, 10, 40),
    lag: around(int('replica.lag.time.max.ms'), 1_000, 10_000),
    session: around(int(session), 3_000, 30_000),
    checkpoint: around(int('replica.high.watermark.checkpoint.interval.ms'), 100, 60_000),
    request: around(int('request.timeout.ms'), 1_000, 5_000),
    flush: around(int('flush.messages'), 1, 3),
    inFlight: around(int('max.in.flight.requests.per.connection'), 1),
  });
  return varied.map(({ more, producers, consumers, records, ...ms }) => ({
    ...settings,
    brokers: Math.min(MAX_BROKERS, brokers + more),
    producers,
    consumers,
    records,
    faults: faultsFor?.(int('min.insync.replicas')) ?? settings.faults,
    kafka: {
      ...kafka,
      'replica.lag.time.max.ms': ms.lag,
      [session]: ms.session,
      'replica.high.watermark.checkpoint.interval.ms': ms.checkpoint,
      'request.timeout.ms': ms.request,
      'flush.messages': ms.flush,
      'max.in.flight.requests.per.connection': ms.inFlight,
    },
  }));
}

/** A schedule for more brokers and clients than there are, made to fit: ids wrap around, other links go. */
function fitting(schedule: Schedule, settings: Settings): Schedule {
  const { brokers, producers, consumers } = settings;
  const parties = new Set([
    ...Array.from({ length: brokers }, (_, id) => id),
    CONTROLLER,
    ...Array.from({ length: producers }, (_, id) => producerParty(id)),
    ...Array.from({ length: consumers }, (_, id) => consumerParty(id)),
  ]);
  return schedule.flatMap((scheduled) => {
    const { fault } = scheduled;
    if ('from' in fault) return parties.has(fault.from) && parties.has(fault.to) ? [scheduled] : [];
    if ('replicas' in fault) {
      const replicas = [...new Set(fault.replicas.map((id) => id % brokers))];
      return [{ ...scheduled, fault: { ...fault, replicas } }];
    }
    if (!('broker' in fault) || typeof fault.broker !== 'number') return [scheduled];
    return [{ ...scheduled, fault: { ...fault, broker: fault.broker % brokers } }];
  });
}

/** Timed runs around a configuration. */
export function timedCases(options: TimedCaseOptions): fc.Arbitrary<TimedCase> {
  const { settings: base, varies, faults, horizon, named } = options;
  // Drawn for the largest variation and made to fit, so that no part is drawn anew when another one shrinks.
  const { producers } = base;
  const largest = varies
    ? { ...base, brokers: MAX_BROKERS, producers: Math.max(producers, 2), consumers: 2 }
    : base;
  return fc
    .record({
      // Another seed is another run, not a smaller one.
      seed: fc.noShrink(fc.nat()),
      settings: varies ? variations(options) : fc.constant(base),
      schedule: schedules(largest, faults, horizon, named),
      workload: workloads(largest.producers),
    })
    .map(({ seed, settings, schedule, workload }) => ({
      seed,
      settings,
      schedule: withinBudgets(fitting(schedule, settings), settings),
      workload: workload.slice(0, settings.producers),
    }));
}
