/** What the search need not tell apart in the reference machine. */
import {
  channelOf,
  isUp,
  producerParty,
  UNCOUNTED,
  type DeadPart,
  type Machine,
  type Slot,
  type State,
} from '../../model/index.ts';
import type { BoundSettings } from './bounds.ts';
import { mayStopAgain } from './pointless.ts';

type Process = State['processes'][number];
type Log = State['logs'][number];
type Producer = State['producers'][number];

const slotNamed = (slots: readonly Slot[], name: string): number =>
  slots.findIndex((slot) => slot.name === name);

/** Parts of a state that no rule, bound, property or witness reads any more. */
export function deadParts(machine: Machine, slots: readonly Slot[], bounds: BoundSettings): DeadPart[] {
  const { brokers } = machine.config;
  const ids = Array.from({ length: brokers }, (_, broker) => broker);
  const slot = (name: string): number => slotNamed(slots, name);
  // A broker that is up reads its checkpoint never again once it stops no more.
  const checkpoints = ids.map((broker): DeadPart => ({
    slot: slot(`logs ${broker}`),
    whenever: [
      {
        slot: slot('environment'),
        holds: (value) => !mayStopAgain(machine, value as State['environment']),
      },
      {
        slot: slot(`processes ${broker}`),
        holds: (value) => isUp(value as Process) && (value as Process).offline !== true,
      },
    ],
    without: (value) => {
      const log = value as Log;
      return log.highWatermarkCheckpoint === 0 ? log : { ...log, highWatermarkCheckpoint: 0 };
    },
  }));
  if (bounds.retries !== undefined) return checkpoints;
  // Whether a batch was sent again is asked when it is written, and where sequences are unresolved.
  const attempts = machine.config.producers.flatMap(({ retries, idempotence }, id): DeadPart[] =>
    retries < UNCOUNTED || idempotence
      ? []
      : [
          {
            slot: slot(`producers ${id}`),
            whenever: ids.map((broker) => ({
              slot: slot(`channels ${channelOf(brokers, 'Produce', producerParty(id), broker)}`),
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
  return [...checkpoints, ...attempts];
}
