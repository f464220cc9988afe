/** Faults of machines and of the network. Each has a budget; what undoes it has none. */
import { has, isSubset, NO_BROKERS, setOf, size, withBroker, type BrokerSet } from '../base/broker-set.ts';
import type { Model } from '../config.ts';
import { producerOf } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import {
  defineAction,
  ownBroker,
  ownBrokerIf,
  whereBudgeted,
  world,
  type ActionDefinition,
  type Choices,
  type Guard,
} from '../define-action.ts';
import {
  brokerAwake,
  connected,
  eachMessage,
  inFlight,
  logOf,
  messageAt,
  processOf,
  servesRequests,
} from '../look.ts';
import { endSession } from '../rules/fetch-session.ts';
import { endProcess, forgetCleanShutdown, loseDirectory } from '../rules/process.ts';
import { asksForEpochEnd, epochCheckpointAfterTruncation } from '../rules/shared-switches.ts';
import { isAwake, isUp } from '../state/broker.ts';
import { UNLIMITED } from '../state/environment.ts';
import { EMPTY_LOG, endOfBatches, isFollowed, logEnd, type Log } from '../state/log.ts';
import { viewsOf } from '../state/partitions.ts';
import { ABANDONED, type AbandonableKind, type Message } from '../state/message.ts';
import type { State } from '../state/state.ts';

const isUpGuard = world('the broker is up', (_m, s, broker) => isUp(processOf(s, broker)));

/** The fault class bounds unclean stops until the cluster is whole again. */
const stopAllowed = world('the fault class allows one more unclean stop', (m, s, broker) => {
  return !isUp(processOf(s, broker)) || s.environment.uncleanStops < m.config.faults.maxUncleanStops;
});

/** The fault class bounds brokers that lose records until the cluster is whole again. */
const lossAllowed = world('the fault class allows this broker to lose records', (m, s, broker) => {
  return size(withBroker(s.environment.lossy, broker)) <= m.config.faults.maxLossyBrokers;
});

function stopUncleanly(
  draft: Draft,
  broker: number,
  how: 'kill' | 'power-loss' | 'wipe' | 'disk-error',
): void {
  if (isUp(draft.process(broker))) {
    // Where nothing bounds them, nothing asks how many there were.
    if (draft.model.config.faults.maxUncleanStops < UNLIMITED) {
      draft.environment = { ...draft.environment, uncleanStops: draft.environment.uncleanStops + 1 };
    }
    endProcess(draft, broker);
  }
  forgetCleanShutdown(draft, broker);
  draft.emit({ type: 'broker-stopped', broker, how });
}

/** The process dies; the page cache stays, so everything written survives. */
export const kill = defineAction({
  kind: 'kill',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'kill',
  params: ['broker'],
  choices: ownBroker,
  guards: [isUpGuard, stopAllowed],
  effect: (draft, broker) => {
    stopUncleanly(draft, broker, 'kill');
  },
});

function takePower(draft: Draft, broker: number, lost: number, spared: number): void {
  stopUncleanly(draft, broker, 'power-loss');
  draft.forEachPartition(() => {
    if (has(spared, draft.partition)) return;
    const log = draft.log(broker);
    const from = logEnd(log);
    // What is left of a batch goes as well: its checksum is wrong.
    const end = endOfBatches(log, from - Math.min(lost, from - log.recoveryPoint));
    if (end === from) return;
    draft.setLog(broker, { ...log, entries: log.entries.slice(0, end) });
    destroyed(draft, broker, end, log.entries.slice(end));
  });
}

/** The most unflushed records that the broker has of a partition that is not spared. */
function mostUnflushed(state: State, broker: number, spared: number): number {
  if (state.others === undefined) return unflushed(logOf(state, broker));
  const open = viewsOf(state).filter((_, partition) => !has(spared, partition));
  return Math.max(0, ...open.map((view) => unflushed(logOf(view, broker))));
}

const unflushed = (log: Log): number => logEnd(log) - log.recoveryPoint;

/** Sets of partitions that a power loss may spare: each but those in which nothing would be lost anyway. */
function eachSpared(state: State, broker: number, visit: (spared: number) => void): void {
  let dirty = 0;
  for (const [partition, view] of viewsOf(state).entries()) {
    if (unflushed(logOf(view, broker)) > 0) dirty |= 1 << partition;
  }
  for (let spared = 0; spared < dirty; spared = (spared - dirty) & dirty) visit(spared);
}

/**
 * Power goes: of the records above the recovery point the last `lost` are gone, with several partitions in each but those
 * of the set `sparing`. The epoch checkpoint may be ahead.
 */
export const powerLoss = defineAction({
  kind: 'power-loss',
  reads: [],
  readsOwn: ['logs', 'lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'power-loss',
  params: ['broker', 'lost'],
  severalParams: ['sparing'],
  choices: (_model, state, visit, own) => {
    if (state.others === undefined) {
      for (let lost = 1; lost <= mostUnflushed(state, own, 0); lost++) visit(own, lost, 0);
      return;
    }
    eachSpared(state, own, (spared) => {
      for (let lost = 1; lost <= mostUnflushed(state, own, spared); lost++) visit(own, lost, spared);
    });
  },
  guards: [
    world('so many records are unflushed', (_m, s, broker, lost, spared) => {
      return lost > 0 && lost <= mostUnflushed(s, broker, spared);
    }),
    stopAllowed,
    lossAllowed,
  ],
  effect: takePower,
});

/** Whether only a power loss leaves the leader-epoch checkpoint as it was before a truncation. */
const staysInPageCache = (model: Model): boolean => epochCheckpointAfterTruncation(model) === 'unsynced';

/**
 * A broker stops before what a truncation did to its files has reached the disk. Of the log everything from there on is
 * gone, and the first `records` of what was truncated are there again; with `epochs` the leader-epoch checkpoint is the one
 * of before. A write in the background that was not made yet is undone by a kill as well. POSIX allows all of it, also that
 * the files of other partitions are whole; file systems that write in order do not.
 */
export const stopBeforeSync = defineAction({
  kind: 'stop-before-sync',
  reads: [],
  readsOwn: ['logs', 'lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'stale-file',
  under: whereBudgeted('stale-file'),
  ofPartition: true,
  params: ['broker', 'records', 'epochs'],
  choices: (_model, state, visit, own) => {
    const { unsyncedTail, staleEpochs } = logOf(state, own);
    const most = unsyncedTail?.entries.length ?? 0;
    for (let records = 0; records <= most; records++) {
      if (records > 0) visit(own, records, 0);
      if (staleEpochs !== undefined) visit(own, records, 1);
    }
  },
  guards: [
    isUpGuard,
    world('so many truncated records may be there again', (_m, s, broker, records, epochs) => {
      const { unsyncedTail, staleEpochs } = logOf(s, broker);
      if (records > (unsyncedTail?.entries.length ?? 0) || epochs > 1) return false;
      // A part of a batch has no valid checksum.
      if (records > 0 && isFollowed(unsyncedTail?.entries[records - 1] ?? 0)) return false;
      return epochs === 1 ? staleEpochs !== undefined : records > 0;
    }),
    stopAllowed,
    world('the fault class allows this broker to lose records', (m, s, broker, records) => {
      const log = logOf(s, broker);
      const loses = records > 0 && logEnd(log) > (log.unsyncedTail?.start ?? 0);
      return !loses || lossAllowed.test(m, s, broker, 0, 0);
    }),
  ],
  effect: (draft, broker, records, epochs) => {
    const { unsyncedTail, staleEpochs } = draft.log(broker);
    const back = unsyncedTail?.entries.slice(0, records) ?? [];
    if (unsyncedTail !== undefined && back.length > 0) {
      const others = ~(1 << draft.partition);
      takePower(draft, broker, logEnd(draft.log(broker)) - unsyncedTail.start, others);
    } else stopUncleanly(draft, broker, staysInPageCache(draft.model) ? 'power-loss' : 'kill');
    const log = draft.log(broker);
    const offset = logEnd(log);
    draft.setLog(broker, {
      ...log,
      entries: [...log.entries, ...back],
      epochs: epochs === 1 && staleEpochs !== undefined ? staleEpochs : log.epochs,
    });
    draft.emit({ type: 'truncation-undone', broker, offset, entries: back });
  },
});

const inRack = (model: Model, rack: number): readonly number[] =>
  model.config.racks.flatMap((other, broker) => (other === rack ? [broker] : []));

/** What a broker loses when its rack does: the last `lost` unflushed records, or nothing where it is `spared`. */
function losesWithRack(state: State, broker: number, lost: number, spared: number): number {
  return has(spared, broker) ? 0 : Math.min(lost, mostUnflushed(state, broker, 0));
}

/** The brokers of a rack that lose records when each loses up to `lost`. */
const losing = (model: Model, state: State, rack: number, lost: number): BrokerSet =>
  setOf(inRack(model, rack).filter((broker) => losesWithRack(state, broker, lost, NO_BROKERS) > 0));

/**
 * Power goes in a whole rack: every broker in it stops at once. Of the unflushed records of each the last `lost` are
 * gone, but for the brokers whose page cache had just been written out.
 */
export const rackPowerLoss = defineAction({
  kind: 'rack-power-loss',
  reads: ['logs', 'lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'rack',
  under: whereBudgeted('rack'),
  params: ['rack', 'lost', 'spared'],
  choices: (model, state, visit) => {
    const { racks } = model.config;
    for (let rack = 0; rack < racks.length; rack++) {
      if (!racks.includes(rack)) continue;
      visit(rack, 0, NO_BROKERS);
      for (let lost = 1; ; lost++) {
        const losers = losing(model, state, rack, lost);
        if (!inRack(model, rack).some((broker) => losesWithRack(state, broker, lost, NO_BROKERS) === lost))
          break;
        // Every subset but the whole: then nothing would be lost.
        for (let spared = NO_BROKERS; spared < losers; spared = (spared - losers) & losers) {
          visit(rack, lost, spared);
        }
      }
    }
  },
  guards: [
    world('a broker of the rack is up', (m, s, rack) =>
      inRack(m, rack).some((broker) => isUp(processOf(s, broker))),
    ),
    world(
      'some broker loses as many records, and only one that does is spared',
      (m, s, rack, lost, spared) => {
        const losses = inRack(m, rack).map((broker) => losesWithRack(s, broker, lost, spared));
        return Math.max(...losses) === lost && isSubset(spared, losing(m, s, rack, lost));
      },
    ),
    world('the fault class allows so many more unclean stops', (m, s, rack) => {
      const stopped = inRack(m, rack).filter((broker) => isUp(processOf(s, broker)));
      return s.environment.uncleanStops + stopped.length <= m.config.faults.maxUncleanStops;
    }),
    world('the fault class allows these brokers to lose records', (m, s, rack, lost, spared) => {
      const lossy = losing(m, s, rack, lost) & ~spared;
      return size(s.environment.lossy | lossy) <= m.config.faults.maxLossyBrokers;
    }),
  ],
  effect: (draft, rack, lost, spared) => {
    for (const broker of inRack(draft.model, rack)) {
      const records = losesWithRack(draft.base, broker, lost, spared);
      if (records > 0 || isUp(draft.process(broker))) takePower(draft, broker, records, 0);
    }
  },
});

/** The disk is replaced by an empty one. */
export const wipe = defineAction({
  kind: 'wipe-disk',
  reads: [],
  readsOwn: ['logs', 'lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'wipe',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    world('there is something on the disk', (_m, s, broker) =>
      viewsOf(s).some((view) => {
        const log = logOf(view, broker);
        return logEnd(log) > 0 || log.epochs.length > 0;
      }),
    ),
    stopAllowed,
    lossAllowed,
  ],
  effect: (draft, broker) => {
    stopUncleanly(draft, broker, 'wipe');
    draft.forEachPartition(() => {
      const { entries } = draft.log(broker);
      draft.setLog(broker, EMPTY_LOG);
      if (entries.length > 0) destroyed(draft, broker, 0, entries);
    });
  },
});

function destroyed(draft: Draft, broker: number, end: number, lost: readonly number[]): void {
  const { brokers, faults } = draft.model.config;
  if (faults.maxLossyBrokers < brokers) {
    draft.environment = { ...draft.environment, lossy: withBroker(draft.environment.lossy, broker) };
  }
  draft.emit({ type: 'destroyed', broker, from: end + lost.length, to: end, lost });
}

/** A garbage-collection stop: nothing runs, messages wait, sessions may end. */
export const pause = defineAction({
  kind: 'pause',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'pause',
  params: ['broker'],
  choices: ownBroker,
  guards: [isUpGuard, world('it is not paused', (_m, s, broker) => !processOf(s, broker).paused)],
  effect: (draft, broker) => {
    draft.setProcess(broker, { ...draft.process(broker), paused: true });
  },
});

export const resume = defineAction({
  kind: 'resume',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'healing',
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).paused),
  guards: [world('it is paused', (_m, s, broker) => processOf(s, broker).paused)],
  effect: (draft, broker) => {
    draft.setProcess(broker, { ...draft.process(broker), paused: false });
  },
});

/**
 * The disk answers no more, without an error: handlers wait under the lock of the partition, and so do the fetcher, the
 * metadata that is applied and the check of the ISR. Heartbeats have a thread of their own. Kafka: BrokerLifecycleManager.
 */
export const stallDisk = defineAction({
  kind: 'stall-disk',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'disk-stall',
  under: whereBudgeted('disk-stall'),
  params: ['broker'],
  choices: ownBroker,
  guards: [isUpGuard, world('its disk answers', (_m, s, broker) => processOf(s, broker).stalled !== true)],
  effect: (draft, broker) => {
    draft.setProcess(broker, { ...draft.process(broker), stalled: true });
  },
});

/** A disk that answers again; it also does to the next life of the broker. */
export const unstallDisk = defineAction({
  kind: 'unstall-disk',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'healing',
  under: whereBudgeted('disk-stall'),
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).stalled === true),
  guards: [world('its disk is stalled', (_m, s, broker) => processOf(s, broker).stalled === true)],
  effect: (draft, broker) => {
    const { stalled: _, ...process } = draft.process(broker);
    draft.setProcess(broker, process);
  },
});

const failedDirectories = (state: State, broker: number): number => processOf(state, broker).offline ?? 0;

/** Whether a broker that loses this directory too has none left. */
const isLastDirectory = ({ config }: Model, state: State, broker: number, directory: number): boolean =>
  size(failedDirectories(state, broker) | (1 << directory)) === config.logDirs;

/**
 * An I/O error, as when the disk is full: the append or the checkpoint that met it fails, and the log directory is
 * offline, with every partition in it. A broker that has no other one halts. Kafka: LogDirFailureChannel, LogManager.handleLogDirFailure.
 */
export const failLogDirectory = defineAction({
  kind: 'fail-log-directory',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'disk-error',
  under: whereBudgeted('disk-error'),
  params: ['broker'],
  severalParams: ['directory'],
  choices: (model, state, visit, own) => {
    const { logDirs } = model.config;
    const most = state.others === undefined ? 1 : logDirs;
    for (let directory = 0; directory < most; directory++) visit(own, directory, 0);
  },
  guards: [
    world('the broker is awake', brokerAwake),
    world('a partition is in the log directory', (m, _s, broker, directory) =>
      m.directories.some((of) => of[broker] === 1 << directory),
    ),
    world('its log directory is online', (_m, s, broker, directory) => {
      return !has(failedDirectories(s, broker), directory);
    }),
    world('the fault class allows one more unclean stop', (m, s, broker, directory) => {
      return !isLastDirectory(m, s, broker, directory) || stopAllowed.test(m, s, broker, 0, 0);
    }),
  ],
  effect: (draft, broker, directory) => {
    if (isLastDirectory(draft.model, draft.base, broker, directory))
      stopUncleanly(draft, broker, 'disk-error');
    else loseDirectory(draft, broker, directory);
  },
});

/** The directory is repaired, and the broker stopped: it finds it when it starts again. */
export const repairLogDirectory = defineAction({
  kind: 'repair-log-directory',
  reads: [],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'healing',
  under: ({ config }) => config.faults.budgets['disk-error'] > 0 && config.logDirs > 1,
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => failedDirectories(s, broker) !== 0),
  guards: [world('its log directory is offline', (_m, s, broker) => failedDirectories(s, broker) !== 0)],
  effect: (draft, broker) => {
    stopUncleanly(draft, broker, 'disk-error');
  },
});

const eachLink: Choices = ({ links }, _state, visit) => {
  for (let i = 0; i < links.length; i += 2) visit(at(links, i), at(links, i + 1), 0);
};

const eachLinkBothWays: Choices = ({ links }, _state, visit) => {
  for (let i = 0; i < links.length; i += 2) {
    visit(at(links, i), at(links, i + 1), 0);
    visit(at(links, i + 1), at(links, i), 0);
  }
};

const isCut = (state: State, from: number, to: number): boolean => has(at(state.links.cut, from), to);

function setCut(draft: Draft, from: number, to: number, cut: boolean): void {
  const rows = draft.allCut().slice();
  const row = at(rows, from);
  rows[from] = cut ? row | (1 << to) : row & ~(1 << to);
  draft.setCut(rows);
}

const linkExists: Guard = world(
  'there is such a link',
  (m, _s, from, to) => from < m.linked.length && has(at(m.linked, from), to),
);

/** Nothing that `from` sends reaches `to` any more; what is under way waits. */
export const cutOneWay = defineAction({
  kind: 'cut-one-way',
  reads: ['links'],
  who: 'network',
  role: 'perturbation',
  fault: 'cut',
  params: ['from', 'to'],
  choices: eachLinkBothWays,
  guards: [linkExists, world('the link is not cut', (_m, s, from, to) => !isCut(s, from, to))],
  effect: (draft, from, to) => {
    setCut(draft, from, to, true);
  },
});

export const cutBothWays = defineAction({
  kind: 'cut-both-ways',
  reads: ['links'],
  who: 'network',
  role: 'perturbation',
  fault: 'cut',
  params: ['a', 'b'],
  choices: eachLink,
  guards: [linkExists, world('neither way is cut', (_m, s, a, b) => !isCut(s, a, b) && !isCut(s, b, a))],
  effect: (draft, a, b) => {
    setCut(draft, a, b, true);
    setCut(draft, b, a, true);
  },
});

/** Heals both ways of a link. */
export const heal = defineAction({
  kind: 'heal',
  reads: ['links'],
  who: 'network',
  role: 'healing',
  params: ['a', 'b'],
  choices: (model, state, visit, own) => {
    const { cut } = state.links;
    for (let i = 0; i < cut.length; i++) {
      if (cut[i] !== 0) {
        eachLink(model, state, visit, own);
        return;
      }
    }
  },
  guards: [linkExists, world('the link is cut', (_m, s, a, b) => isCut(s, a, b) || isCut(s, b, a))],
  effect: (draft, a, b) => {
    setCut(draft, a, b, false);
    setCut(draft, b, a, false);
  },
});

const kebab = (kind: Message['kind']): string => kind.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();

/** A message never arrives because its connection dies. */
function lose(kind: Message['kind'], rules?: Pick<ActionDefinition, 'under'>): ActionDefinition {
  return defineAction({
    ...rules,
    kind: `lose-${kebab(kind)}`,
    reads: [],
    readsMessages: [kind],
    who: 'network',
    role: 'perturbation',
    fault: 'lost',
    ofPartition: true,
    params: ['from', 'to', 'nth'],
    choices: eachMessage(kind),
    guards: [world('the message is in flight', inFlight(kind))],
    effect: (draft, from, to, nth) => {
      const lost = draft.receive(kind, from, to, nth);
      // A producer may have more than one request on the connection.
      if (lost.kind === 'Produce' && lost.incarnation !== ABANDONED) {
        draft.breakConnection(producerOf(from), to, nth);
      } else if (lost.kind === 'ProduceResponse') {
        draft.breakConnection(producerOf(to), from);
      } else if (lost.kind === 'Fetch') {
        endSession(draft, from, to);
      } else if (lost.kind === 'FetchResponse') {
        endSession(draft, to, from);
      }
    },
  });
}

/** The requester gives its connection up, but the request is under way and may be handled later; nobody listens. */
function abandon(kind: AbandonableKind, rules?: Pick<ActionDefinition, 'under'>): ActionDefinition {
  return defineAction({
    ...rules,
    kind: `abandon-${kebab(kind)}`,
    reads: [],
    readsMessages: [kind],
    who: 'network',
    role: 'perturbation',
    fault: 'lost',
    ofPartition: true,
    params: ['from', 'to', 'nth'],
    choices: eachMessage(kind),
    guards: [
      world('the message is in flight', inFlight(kind)),
      world('its sender still waits', (_m, s, from, to, nth) => {
        return messageAt(s, kind, from, to, nth).incarnation !== ABANDONED;
      }),
    ],
    effect: (draft, from, to, nth) => {
      draft.abandon(kind, from, to, nth);
      if (kind === 'Produce') draft.breakConnection(producerOf(from), to);
      if (kind === 'Fetch') endSession(draft, from, to);
    },
  });
}

/**
 * A follower gives up a fetch that waits at the leader: no answer came within the broker's own `request.timeout.ms`, and
 * its connection is closed. Nobody reads what the leader would answer. It costs a fault only where the leader could
 * answer: a leader that is paused or cut off has cost its own. Kafka: BrokerBlockingSender.sendRequest,
 * NetworkClient.handleTimedOutRequests, AbstractFetcherThread.processFetchRequest; read in trunk of October 2024.
 */
export const abandonDelayedFetch = defineAction({
  kind: 'abandon-delayed-fetch',
  reads: ['processes', 'links'],
  readsMessages: ['DelayedFetch'],
  who: 'follower',
  role: 'perturbation',
  fault: 'lost',
  costs: (_m, s, from, to) => servesRequests(processOf(s, to)) && connected(s, from, to),
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('DelayedFetch'),
  guards: [
    world('the fetch waits', inFlight('DelayedFetch')),
    world('its sender is awake', (_m, s, from) => isAwake(processOf(s, from))),
  ],
  effect: (draft, from, to, nth) => {
    draft.receive('DelayedFetch', from, to, nth);
    endSession(draft, from, to);
  },
});

export const messageFaults: readonly ActionDefinition[] = [
  lose('Fetch'),
  lose('FetchResponse'),
  lose('AlterPartition'),
  lose('AlterPartitionResponse'),
  lose('Produce'),
  lose('ProduceResponse'),
  abandon('Fetch'),
  abandonDelayedFetch,
  abandon('AlterPartition'),
  abandon('Produce'),
  lose('OffsetsForLeaderEpoch', { under: asksForEpochEnd }),
  lose('OffsetsForLeaderEpochResponse', { under: asksForEpochEnd }),
  abandon('OffsetsForLeaderEpoch', { under: asksForEpochEnd }),
];
