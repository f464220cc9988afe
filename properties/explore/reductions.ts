/** What the search need not tell apart in the reference machine. */
import {
  channelOf,
  isAwake,
  isUp,
  producerParty,
  UNCOUNTED,
  type DeadPart,
  type Machine,
  type Observed,
  type Slot,
  type State,
} from '../../model/index.ts';
import type { Property, RarelyNeeded } from '../property.ts';
import type { BoundSettings } from './bounds.ts';
import { mayLagAgain, mayStopAgain, onlyStopsMakeLag } from './pointless.ts';

type Process = State['processes'][number];
type Log = State['logs'][number];
type Replica = State['replicas'][number];
type Remote = NonNullable<Replica['leading']>['remotes'][number];
type Producer = State['producers'][number];

const NO_CHECKPOINT: readonly number[] = [0];

const slotNamed = (slots: readonly Slot[], name: string): number =>
  slots.findIndex((slot) => slot.name === name);

/** What the names of the slots end in that one partition has of its own. */
type Of = '' | ` ${number}`;

/** Where the checkpoint of a broker stands: in its log, or in a slot of its own that holds all that it may be. */
function checkpointOf(slots: readonly Slot[], broker: number, of: Of): Pick<DeadPart, 'slot' | 'without'> {
  const values = slotNamed(slots, `checkpoints ${broker}${of}`);
  if (values >= 0) return { slot: values, without: () => NO_CHECKPOINT };
  return {
    slot: slotNamed(slots, `logs ${broker}${of}`),
    without: (value) => {
      const log = value as Log;
      return log.highWatermarkCheckpoint === 0 ? log : { ...log, highWatermarkCheckpoint: 0 };
    },
  };
}

/** Parts of a state that no rule, bound, property or witness reads any more. */
export function deadParts(
  machine: Machine,
  slots: readonly Slot[],
  bounds: BoundSettings,
  wanted: readonly Property[],
): DeadPart[] {
  const parts = [machine.config.assignment, ...machine.config.otherAssignments].map((_, partition): Of =>
    partition === 0 ? '' : ` ${partition}`,
  );
  return parts.flatMap((of) => [
    ...checkpoints(machine, slots, of),
    ...(bounds.retries === undefined ? attempts(machine, slots, of) : []),
    ...fetchTimes(machine, slots, of),
    ...rarelyNeeded(slots, wanted, of),
  ]);
}

const brokersOf = ({ config }: Machine): number[] =>
  Array.from({ length: config.brokers }, (_, broker) => broker);

/** A broker that is up reads its checkpoint never again once it stops no more. */
const checkpoints = (machine: Machine, slots: readonly Slot[], of: Of): DeadPart[] =>
  brokersOf(machine).map((broker) => ({
    ...checkpointOf(slots, broker, of),
    whenever: [
      {
        slot: slotNamed(slots, 'environment'),
        holds: (value) => !mayStopAgain(machine, value as State['environment']),
      },
      {
        slot: slotNamed(slots, `processes ${broker}`),
        holds: (value) => isUp(value as Process) && (value as Process).offline === undefined,
      },
    ],
  }));

/** Whether a batch was sent again is asked when it is written, and where sequences are unresolved. */
const attempts = (machine: Machine, slots: readonly Slot[], of: Of): DeadPart[] =>
  machine.config.producers.flatMap(({ retries, idempotence }, id): DeadPart[] =>
    retries < UNCOUNTED || idempotence
      ? []
      : [
          {
            slot: slotNamed(slots, `producers ${id}${of}`),
            whenever: brokersOf(machine).map((broker) => ({
              slot: slotNamed(
                slots,
                `channels ${channelOf(machine.config.brokers, machine.config.producers.length, 'Produce', producerParty(id), broker)}${of}`,
              ),
              holds: (value) => (value as State['channels'][number]).every(({ kind }) => kind !== 'Produce'),
            })),
            without: (value) => {
              const producer = value as Producer;
              const once = (batches: Producer['inFlight']): Producer['inFlight'] =>
                batches.map((batch) => (batch.attempts === 1 ? batch : { ...batch, attempts: 1 }));
              return { ...producer, inFlight: once(producer.inFlight), retries: once(producer.retries) };
            },
          },
        ],
  );

/**
 * When a follower fetched last is asked at its next fetch, if that does not reach the log end: it counts as caught up if
 * it was before, or if it has what the leader had at the fetch before and that was within the lag limit.
 *
 * - Who is caught up, and cannot come to lag any more, stays caught up whatever it was at the fetch before.
 * - Who neither is caught up nor has fetched within the limit becomes caught up only at the log end, wherever that was at
 *   the fetch before. It is noted anew at each fetch, as the log end then, which is never below what was noted before: a
 *   leader's log only grows.
 * - No fetch lies below offset 0, so what was noted as "none" is as good as 0.
 */
function fetchTimes(machine: Machine, slots: readonly Slot[], of: Of): DeadPart[] {
  const ids = brokersOf(machine);
  const remotes = (value: unknown, change: (remote: Remote, follower: number) => Remote): unknown => {
    const replica = value as Replica;
    const { leading } = replica;
    if (leading === null) return replica;
    const changed = leading.remotes.map(change);
    return changed.every((remote, i) => remote === leading.remotes[i])
      ? replica
      : { ...replica, leading: { ...leading, remotes: changed } };
  };
  const nothingNoted = (remote: Remote): Remote =>
    remote.lastFetchLeaderLogEndOffset === 0 ? remote : { ...remote, lastFetchLeaderLogEndOffset: 0 };
  const lagging = ids.map((leader): DeadPart => ({
    slot: slotNamed(slots, `replicas ${leader}${of}`),
    whenever: [],
    without: (value) =>
      remotes(value, (remote) =>
        remote.lastFetchLeaderLogEndOffset < 0 || !(remote.caughtUpRecently || remote.fetchedRecently)
          ? nothingNoted(remote)
          : remote,
      ),
  }));
  if (!onlyStopsMakeLag(machine)) return lagging;
  const caughtUp = ids.flatMap((leader) =>
    ids.flatMap((follower): DeadPart[] =>
      leader === follower
        ? []
        : [
            {
              slot: slotNamed(slots, `replicas ${leader}${of}`),
              whenever: [
                {
                  slot: slotNamed(slots, 'environment'),
                  holds: (value) => !mayLagAgain(machine, value as State['environment']),
                },
                {
                  slot: slotNamed(slots, `processes ${follower}`),
                  holds: (value) => goesOn(value as Process),
                },
              ],
              without: (value) =>
                remotes(value, (remote, id) =>
                  id === follower && remote.caughtUpRecently && !remote.fetchedRecently
                    ? nothingNoted({ ...remote, fetchedRecently: true })
                    : id === follower && remote.caughtUpRecently
                      ? nothingNoted(remote)
                      : remote,
                ),
            },
          ],
    ),
  );
  return [...lagging, ...caughtUp];
}

/** Awake, and not about to stop. */
const goesOn = (process: Process): boolean =>
  isAwake(process) &&
  process.offline === undefined &&
  (process.status === 'running' || process.status === 'starting');

/** What the observer remembers for properties that are not looked at. */
function rarelyNeeded(slots: readonly Slot[], wanted: readonly Property[], of: Of): DeadPart[] {
  const needs = (part: RarelyNeeded): boolean => wanted.some(({ restsOn }) => restsOn === part);
  const epochs = needs('commit-epochs');
  const incomplete = needs('incomplete');
  const inNoEpoch = (commits: Observed['commits']): Observed['commits'] =>
    epochs || commits.every(({ leaderEpoch }) => leaderEpoch === 0)
      ? commits
      : commits.map((commit) => ({ ...commit, leaderEpoch: 0 }));
  if (epochs && incomplete) return [];
  return [
    {
      slot: slotNamed(slots, `observed${of}`),
      whenever: [],
      without: (value) => {
        const seen = value as Observed;
        return {
          ...seen,
          commits: inNoEpoch(seen.commits),
          conflicts: inNoEpoch(seen.conflicts),
          incomplete: incomplete ? seen.incomplete : 0,
        };
      },
    },
  ];
}
