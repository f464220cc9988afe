/**
 * Numbers of the reference machine that its rules only compare: epochs, offsets in the metadata log, lives. Whether a
 * leader epoch is 2 or 5 makes no difference as long as it lies between the same others, so states that differ in
 * nothing else are one to the search. Every field of every component is classified here; while one is not, nothing is
 * renumbered. Sound because a renumbering keeps, on each scale, which of two numbers is larger or whether they are the
 * same, and every new number is one above the largest in use, which is renumbered too:
 *
 * - leader epochs and partition epochs are ranked. Epoch 0 stays 0: witnesses ask whether an epoch is the first.
 * - offsets in the metadata log from its start on move together, for a broker counts records from where it is. Of those
 *   below, only the order matters.
 * - epochs of one broker are never compared with those of another; from the start of the metadata log on they are
 *   offsets in it, and below it every offset that a broker has applied is larger.
 * - lives of a broker are compared with lives of the same broker.
 *
 * Numbers below 0 stand for something that is missing and stay.
 */
import type { List, Nullable, Shape, Struct, Union } from '../../protocol/base/shape.ts';
import { entry, epochOf, isFollowed, recordOf, stampOf } from '../../protocol/state/log.ts';
import { stateShape } from '../../protocol/state/state.ts';
import { observedShape } from '../../observer/observed.ts';
import type { Ranking, Renumbering, Slot } from './explorable.ts';

export const SCALES = [
  'leader-epoch',
  'partition-epoch',
  'metadata-offset',
  'broker-epoch',
  'incarnation',
] as const;
export type Scale = (typeof SCALES)[number];

/** An `entry` packs a leader epoch with what is no epoch of a leader. Of a broker: of the index in the innermost list, or of a sender. */
type Leaf = 'exact' | Scale | 'metadata-start' | 'entry';
export type Classes = Leaf | readonly [Classes] | { readonly [field: string]: Classes };

const proposal = {
  leaderEpoch: 'leader-epoch',
  partitionEpoch: 'partition-epoch',
  isr: 'exact',
  brokerEpochs: ['broker-epoch'],
} as const;
const batch = {
  record: 'exact',
  broker: 'exact',
  attempts: 'exact',
  numbered: { stamp: 'exact', renumbered: 'exact' },
  more: ['exact'],
} as const;
const fetch = {
  from: 'exact',
  to: 'exact',
  incarnation: 'incarnation',
  currentLeaderEpoch: 'leader-epoch',
  fetchOffset: 'exact',
  lastFetchedEpoch: 'leader-epoch',
  brokerEpoch: 'broker-epoch',
  logStart: 'exact',
  session: 'incarnation',
} as const;
const waitingProduce = { producer: 'exact', record: 'exact', requiredOffset: 'exact' } as const;
/** The metadata log of ZooKeeper mode starts at 0, so that no broker epoch moves; nor does any controller epoch. */
const controlRequest = {
  from: 'exact',
  to: 'exact',
  incarnation: 'exact',
  controllerEpoch: 'exact',
  brokerEpoch: 'exact',
} as const;
const epochStart = { epoch: 'leader-epoch', start: 'exact' } as const;
const commit = {
  record: 'exact',
  offset: 'exact',
  leaderEpoch: 'leader-epoch',
  holders: 'exact',
  inSyncLived: 'exact',
  delivered: 'exact',
} as const;

const stateClasses = {
  metadata: {
    start: 'metadata-start',
    images: [
      {
        registrations: [
          {
            epoch: 'broker-epoch',
            incarnation: 'incarnation',
            fenced: 'exact',
            inControlledShutdown: 'exact',
            offline: 'exact',
          },
        ],
        partitions: [
          {
            replicas: ['exact'],
            isr: 'exact',
            elr: 'exact',
            lastKnownLeader: 'exact',
            leader: 'exact',
            leaderEpoch: 'leader-epoch',
            partitionEpoch: 'partition-epoch',
            leaderRecoveryState: 'exact',
            reassignment: { adding: 'exact', removing: 'exact' },
          },
        ],
      },
    ],
  },
  controller: {
    active: 'exact',
    heartbeats: [
      {
        sessionValid: 'exact',
        metadataOffset: 'metadata-offset',
        controlledShutdownOffset: 'metadata-offset',
      },
    ],
  },
  processes: [
    {
      status: 'exact',
      paused: 'exact',
      stalled: 'exact',
      offline: 'exact',
      incarnation: 'incarnation',
      brokerEpoch: 'broker-epoch',
      metadataOffset: 'metadata-offset',
      alterPartition: proposal,
    },
  ],
  disks: [{ cleanShutdownEpoch: 'broker-epoch' }],
  logs: [
    {
      entries: ['entry'],
      recoveryPoint: 'exact',
      epochs: [epochStart],
      highWatermarkCheckpoint: 'exact',
      logStart: 'exact',
      logStartCheckpoint: 'exact',
      unsyncedTail: { start: 'exact', entries: ['entry'] },
      staleEpochs: [epochStart],
    },
  ],
  replicas: [
    {
      leader: 'exact',
      leaderEpoch: 'leader-epoch',
      partitionEpoch: 'partition-epoch',
      highWatermark: 'exact',
      leading: {
        epochStart: 'exact',
        committedIsr: 'exact',
        pending: proposal,
        remotes: [
          {
            logEndOffset: 'exact',
            lastFetchLeaderLogEndOffset: 'exact',
            caughtUpRecently: 'exact',
            fetchedRecently: 'exact',
            brokerEpoch: 'broker-epoch',
            logStart: 'exact',
          },
        ],
        waiting: [waitingProduce],
      },
      fetcher: {
        state: 'exact',
        leader: 'exact',
        leaderEpoch: 'leader-epoch',
        session: 'incarnation',
        divergence: epochStart,
      },
      outlived: [waitingProduce],
    },
  ],
  channels: [
    [
      {
        Fetch: fetch,
        DelayedFetch: fetch,
        FetchResponse: {
          from: 'exact',
          to: 'exact',
          error: 'exact',
          requestOffset: 'exact',
          requestEpoch: 'leader-epoch',
          entries: ['entry'],
          highWatermark: 'exact',
          logStart: 'exact',
          diverging: [epochStart],
          session: 'incarnation',
        },
        AlterPartition: {
          from: 'exact',
          to: 'exact',
          incarnation: 'incarnation',
          brokerEpoch: 'broker-epoch',
          proposal,
        },
        AlterPartitionResponse: {
          from: 'exact',
          to: 'exact',
          error: 'exact',
          isr: 'exact',
          leaderEpoch: 'leader-epoch',
          partitionEpoch: 'partition-epoch',
        },
        OffsetsForLeaderEpoch: {
          from: 'exact',
          to: 'exact',
          incarnation: 'incarnation',
          currentLeaderEpoch: 'leader-epoch',
          leaderEpoch: 'leader-epoch',
        },
        OffsetsForLeaderEpochResponse: {
          from: 'exact',
          to: 'exact',
          error: 'exact',
          requestEpoch: 'leader-epoch',
          epochEnd: [epochStart],
        },
        // A producer has one life.
        Produce: {
          from: 'exact',
          to: 'exact',
          incarnation: 'exact',
          record: 'exact',
          stamp: 'exact',
          more: ['exact'],
        },
        ProduceResponse: {
          from: 'exact',
          to: 'exact',
          error: 'exact',
          record: 'exact',
          offset: 'exact',
          logStart: 'exact',
        },
        LeaderAndIsr: {
          ...controlRequest,
          leader: 'exact',
          leaderEpoch: 'leader-epoch',
          isr: 'exact',
          partitionEpoch: 'partition-epoch',
          decidedIn: 'exact',
        },
        UpdateMetadata: { ...controlRequest, live: 'exact', leader: 'exact', leaderEpoch: 'leader-epoch' },
        StopReplica: { ...controlRequest, leaderEpoch: 'leader-epoch' },
      },
    ],
  ],
  links: { cut: ['exact'] },
  producers: [
    {
      leader: 'exact',
      leaderEpoch: 'leader-epoch',
      sent: 'exact',
      inFlight: [batch],
      retries: [batch],
      idempotence: {
        producerId: 'exact',
        producerEpoch: 'exact',
        nextSequence: 'exact',
        lastAcked: 'exact',
        lastAckedOffset: 'exact',
        unresolved: 'exact',
      },
      buffer: ['exact'],
      fatal: 'exact',
      stopped: 'exact',
    },
  ],
  consumers: [
    {
      leader: 'exact',
      leaderEpoch: 'leader-epoch',
      position: 'exact',
      offsetEpoch: 'leader-epoch',
      unset: 'exact',
      preferredReadReplica: 'exact',
      stopped: 'exact',
    },
  ],
  environment: { budgets: ['exact'], lossy: 'exact', uncleanStops: 'exact' },
  zookeeper: { controllerEpoch: 'exact', controller: 'exact', decidedIn: 'exact' },
  controllers: [
    {
      active: 'exact',
      epoch: 'exact',
      live: ['exact'],
      shuttingDown: 'exact',
      leadership: {
        leader: 'exact',
        leaderEpoch: 'leader-epoch',
        isr: 'exact',
        version: 'partition-epoch',
        controllerEpoch: 'exact',
      },
      online: 'exact',
    },
  ],
  caches: [
    {
      controllerEpoch: 'exact',
      controller: 'exact',
      decidedIn: 'exact',
      image: {
        registrations: [
          {
            epoch: 'exact',
            incarnation: 'exact',
            fenced: 'exact',
            inControlledShutdown: 'exact',
            offline: 'exact',
          },
        ],
        partitions: [
          {
            replicas: ['exact'],
            isr: 'exact',
            elr: 'exact',
            lastKnownLeader: 'exact',
            leader: 'exact',
            leaderEpoch: 'leader-epoch',
            partitionEpoch: 'exact',
            leaderRecoveryState: 'exact',
            reassignment: { adding: 'exact', removing: 'exact' },
          },
        ],
      },
    },
  ],
} as const;

const observedClasses = {
  commits: [commit],
  conflicts: [commit],
  acks: [{ record: 'exact', offset: 'exact', acks: 'exact', holders: 'exact' }],
  deliveries: [['exact']],
  lastDelivered: ['exact'],
  firstOffset: [['exact']],
  lostTails: [['entry']],
  damagedFrom: ['exact'],
  incomplete: 'exact',
  storageFault: 'exact',
  uncleanElection: 'exact',
  failed: ['exact'],
  deletedBelow: 'exact',
} as const;

const { logs, replicas, channels, producers, consumers } = stateClasses;
/** What a partition but the first has under another name than the first has. */
const alterPartitions = [proposal] as const;
const partitionClasses = {
  logs,
  replicas,
  alterPartitions,
  channels,
  producers,
  consumers,
} as const;

/** By field of the state, and of what is observed. */
export const CLASSES: Classes = { ...stateClasses, others: [partitionClasses], observed: observedClasses };
/** What is classified. */
export const CLASSIFIED: Readonly<Record<string, Shape<unknown>>> = {
  ...stateShape.fields,
  observed: observedShape,
};

const isStruct = (shape: Shape<unknown>): shape is Struct<unknown> => 'fields' in shape;
const isList = (shape: Shape<unknown>): shape is List<unknown> => 'item' in shape;
const isNullable = (shape: Shape<unknown>): shape is Nullable<unknown> => 'inner' in shape;
const isUnion = (shape: Shape<unknown>): shape is Union<unknown> => 'members' in shape;
const isLeaf = (classes: Classes): classes is Leaf => typeof classes === 'string';
const isListed = (classes: Classes): classes is readonly [Classes] =>
  typeof classes === 'object' && '0' in classes;
const within = (classes: Classes, field: string): Classes | undefined =>
  isLeaf(classes) || isListed(classes)
    ? undefined
    : (classes as { readonly [field: string]: Classes | undefined })[field];

/** Paths of fields that are not classified. */
function unclassified(shape: Shape<unknown>, classes: Classes | undefined, path: string): string[] {
  if (classes === undefined) return [path];
  if (isStruct(shape)) {
    return Object.entries(shape.fields).flatMap(([key, field]) =>
      unclassified(field, within(classes, key), `${path}.${key}`),
    );
  }
  if (isUnion(shape)) {
    return Object.entries(shape.members).flatMap(([kind, member]) =>
      unclassified(member, within(classes, kind), `${path}.${kind}`),
    );
  }
  if (isList(shape)) return unclassified(shape.item, isListed(classes) ? classes[0] : undefined, `${path}[]`);
  if (isNullable(shape)) return unclassified(shape.inner, classes, path);
  return isLeaf(classes) ? [] : [path];
}

/** The same of all that is to be classified. */
export const unclassifiedFields = (classes: Classes): readonly string[] =>
  Object.entries(CLASSIFIED).flatMap(([key, shape]) => unclassified(shape, within(classes, key), key));

/** What becomes of a number of a class; of a broker's, `owner` says which. */
type Change = (of: Leaf, number: number, owner: number) => number;

/** A value with its numbers changed: the same object where nothing is. */
function changed(
  shape: Shape<unknown>,
  classes: Classes,
  value: unknown,
  owner: number,
  change: Change,
): unknown {
  // A field that only some configurations have.
  if (value === undefined) return value;
  if (isLeaf(classes)) {
    if (classes === 'exact' || isNullable(shape)) return value;
    return change(classes, value as number, owner);
  }
  if (value === null) return value;
  if (isNullable(shape)) return changed(shape.inner, classes, value, owner, change);
  if (isList(shape) && isListed(classes)) {
    const [inner] = classes;
    const before = value as readonly unknown[];
    if (inner === 'exact') return before;
    const after = before.map((item, index) => changed(shape.item, inner, item, index, change));
    return after.every((item, i) => item === before[i]) ? before : after;
  }
  if (isUnion(shape)) {
    const message = value as { readonly kind: string; readonly from: number };
    const member = shape.members[message.kind];
    const inner = within(classes, message.kind);
    if (member === undefined || inner === undefined) return value;
    return changed(member, inner, value, message.from, change);
  }
  if (!isStruct(shape)) return value;
  let after: Record<string, unknown> | undefined;
  for (const [key, field] of Object.entries(shape.fields)) {
    const inner = within(classes, key);
    if (inner === undefined || inner === 'exact') continue;
    const before = (value as Readonly<Record<string, unknown>>)[key];
    const now = changed(field, inner, before, owner, change);
    if (now !== before) (after ??= { ...(value as Readonly<Record<string, unknown>>) })[key] = now;
  }
  return after ?? value;
}

/** Numbers above this are too large to be told by a bit. */
export const LARGEST = 30;
const LEADER_EPOCH = 0;
const PARTITION_EPOCH = 1;
const OFFSET = 2;
const START = 3;
const FIRST_BROKER = 4;

/** The scale of a number, as it is told to the search. */
function scaleOf(of: Exclude<Leaf, 'exact'>, owner: number): number {
  switch (of) {
    case 'leader-epoch':
    case 'entry':
      return LEADER_EPOCH;
    case 'partition-epoch':
      return PARTITION_EPOCH;
    case 'metadata-offset':
      return OFFSET;
    case 'metadata-start':
      return START;
    case 'broker-epoch':
      return FIRST_BROKER + owner * 2;
    case 'incarnation':
      return FIRST_BROKER + owner * 2 + 1;
  }
}

const isIn = (mask: number, number: number): boolean => (mask & (1 << number)) !== 0;
const numbersIn = (mask: number): number[] =>
  Array.from({ length: LARGEST + 1 }, (_, number) => number).filter((number) => isIn(mask, number));

/** By number in use, its rank; counted from `first`. */
function ranks(numbers: readonly number[], first = 0): Map<number, number> {
  return new Map(numbers.map((number, i) => [number, first + i]));
}

/**
 * How the states of a machine are renumbered. Scales that something looks at as they are, as a bound on epochs does,
 * are `exact`. Undefined where a field is not classified: then every state is one by itself.
 */
export function rankingOf(
  slots: readonly Slot[],
  brokers: number,
  exact: readonly Scale[],
  classes: Classes = CLASSES,
): Ranking | undefined {
  if (unclassifiedFields(classes).length > 0) return undefined;
  const places = slots.map(({ name, shape }) => {
    const [field = '', index] = name.split(' ');
    const inner = within(classes, field);
    const item = index !== undefined && inner !== undefined && isListed(inner) ? inner[0] : inner;
    if (field === 'alterPartitions') return { shape, classes: alterPartitions, owner: 0 };
    return { shape, classes: item ?? 'exact', owner: Number(index ?? 0) };
  });
  const keeps = (scale: Scale): boolean => exact.includes(scale);
  const scaleCount = FIRST_BROKER + brokers * 2;
  return {
    scales: scaleCount,
    concerns: (slot) => places[slot]?.classes !== 'exact',
    uses: (slot, value, masks) => {
      const place = places[slot];
      if (place === undefined) return true;
      let largest = 0;
      changed(place.shape, place.classes, value, place.owner, (of, number, owner) => {
        if (of === 'exact' || number < 0) return number;
        const plain = of === 'entry' ? epochOf(number) : number;
        const scale = scaleOf(of, owner);
        largest = Math.max(largest, plain);
        if (plain <= LARGEST) masks[scale] = (masks[scale] ?? 0) | (1 << plain);
        return number;
      });
      if (slots[slot]?.name === 'metadata') {
        const { start, images } = value as { readonly start: number; readonly images: readonly unknown[] };
        largest = Math.max(largest, start + images.length - 1);
        for (let i = 0; i < images.length; i++) masks[OFFSET] = (masks[OFFSET] ?? 0) | (1 << (start + i));
      }
      return largest <= LARGEST;
    },
    plan: (masks) => planOf(masks, brokers, keeps),
    renumber: (slot, value, plan) => {
      const place = places[slot];
      if (place === undefined) return value;
      return changed(place.shape, place.classes, value, place.owner, (of, number, owner) => {
        if (of === 'exact' || number < 0) return number;
        const renumbered = (plain: number): number => plan[scaleOf(of, owner)]?.get(plain) ?? plain;
        if (of !== 'entry') return renumbered(number);
        return entry(recordOf(number), renumbered(epochOf(number)), stampOf(number), isFollowed(number));
      });
    },
  };
}

/** By scale, what to write for each number in use; undefined where every number stays. */
function planOf(
  masks: ArrayLike<number>,
  brokers: number,
  keeps: (scale: Scale) => boolean,
): Renumbering | undefined {
  const used = (scale: number): number[] => numbersIn(masks[scale] ?? 0);
  const plan = Array.from({ length: FIRST_BROKER + brokers * 2 }, () => new Map<number, number>());
  if (!keeps('leader-epoch')) {
    plan[LEADER_EPOCH] = ranks(
      used(LEADER_EPOCH).filter((number) => number > 0),
      1,
    );
  }
  if (!keeps('partition-epoch')) plan[PARTITION_EPOCH] = ranks(used(PARTITION_EPOCH));
  for (let broker = 0; broker < brokers; broker++) {
    const lives = FIRST_BROKER + broker * 2 + 1;
    if (!keeps('incarnation')) plan[lives] = ranks(used(lives));
  }
  if (!keeps('metadata-offset') && !keeps('broker-epoch')) {
    const [start = 0] = used(START);
    const before = (scale: number): number[] => used(scale).filter((number) => number < start);
    const epochs = Array.from({ length: brokers }, (_, broker) => FIRST_BROKER + broker * 2);
    const newStart = Math.max(...[OFFSET, ...epochs].map((scale) => before(scale).length));
    for (const scale of [OFFSET, START, ...epochs]) {
      plan[scale] = ranks(before(scale));
      for (const number of used(scale))
        if (number >= start) plan[scale].set(number, number - start + newStart);
    }
  }
  const stays = plan.every((scale) => [...scale].every(([number, renumbered]) => number === renumbered));
  return stays ? undefined : plan;
}
