/**
 * High-watermark checkpoints without their moments. A broker that runs may write its high watermark to its disk at any
 * time, and only its next start reads what was written last. So it makes no difference when that was: a state stands for
 * all states that differ in nothing but these checkpoints, and tells by broker which values each may have. Writing one is
 * no transition; a start is tried with each value there may be.
 *
 * Nothing is lost and nothing made up. The action is enabled whenever the broker is awake and its log directory is online,
 * and changes the checkpoint alone; no other rule, property, witness or bound reads one, so it commutes with every other
 * action but those that move the high watermark or write a checkpoint too. Right after the high watermark has moved the
 * new value may be written, or not: the values that are possible are those of before and the new one. Who writes a
 * checkpoint otherwise, as a clean stop does, leaves one value. In a run that is told the actions that were left out stand
 * where they belong.
 */
import {
  int,
  isAwake,
  list,
  type ActionCode,
  type Layout,
  type Machine,
  type Read,
  type Slot,
  type State,
} from '../../model/index.ts';

type Log = State['logs'][number];
type Replica = State['replicas'][number];
type Process = State['processes'][number];

/** In a log: the slot of its broker tells. */
const TOLD_APART = 0xffff;
const CHECKPOINT = 'checkpoint-high-watermark';
const START = 'start-broker';

/** A start has one parameter, so that there is room for the value that it reads, plus one. */
const VALUE_SHIFT = 17;
const LARGEST = 0x1fe;

const valueIn = (label: number): number => ((label >>> VALUE_SHIFT) & 0x1ff) - 1;

export interface Checkpoints {
  readonly slots: readonly Slot[];
  readonly initial: readonly unknown[];
  /** The components of the first state, with logs that do not tell their checkpoint. */
  hidden(components: readonly unknown[]): unknown[];
  /** Calls `offer` with what stands for an action: nothing, itself, or a start with each value. */
  each(read: Read, code: ActionCode, offer: (label: number) => void): void;
  /** The machine's action of a label. */
  codeOf(label: number): ActionCode;
  /** What an action reads. */
  readingOf(read: Read, label: number): Read;
  /** Goes over what an action writes, by slot: hides checkpoints, and adds the values that they may have. */
  settle(label: number, read: Read, written: Map<number, unknown>): void;
  /** The run that labels stand for, with the checkpoints that were left out. */
  runOf(labels: readonly number[]): number[];
  /** Where the values of a broker stand. */
  slotOf(broker: number): number;
}

/** A broker that holds no replica compares its log with one that was never written, and so reads its checkpoint. */
export const mayHideCheckpoints = ({ config, model }: Machine): boolean =>
  !model.reassigns && config.otherAssignments.length === 0 && config.assignment.length === config.brokers;

export function checkpointsOf(machine: Machine, layout: Layout, firstSlot: number): Checkpoints {
  const { brokers } = machine.config;
  const ids = Array.from({ length: brokers }, (_, broker) => broker);
  const fromOf = (key: string): number => {
    const field = layout.fields.find((known) => known.key === key);
    if (field === undefined) throw new Error(`a state without ${key}`);
    return field.from;
  };
  const [logs, replicas, processes] = [fromOf('logs'), fromOf('replicas'), fromOf('processes')];
  const shape = list(int(0, LARGEST));
  const slotOf = (broker: number): number => firstSlot + broker;
  const codeOf = (label: number): ActionCode =>
    startOf(label) === undefined ? label : label & ~(0x1ff << VALUE_SHIFT);
  /** The broker that starts with a label. */
  const starters = new Map<number, number | undefined>();
  function startOf(label: number): number | undefined {
    if (starters.has(label)) return starters.get(label);
    const { kind, ...params } = machine.decode(label);
    const broker = kind === START ? Number(Object.values(params)[0]) : undefined;
    starters.set(label, broker);
    return broker;
  }
  const checkpointOf = (broker: number): ActionCode => {
    const code = machine.encode({ kind: CHECKPOINT, broker });
    if (code === undefined) throw new Error('no such action');
    return code;
  };

  const hiding = (log: Log): Log => ({ ...log, highWatermarkCheckpoint: TOLD_APART });
  const valuesOf = (read: Read, broker: number): readonly number[] => read(slotOf(broker)) as number[];

  /** What a log looks like to a start. Reading functions are few, and each is asked again and again. */
  let starting = -1;
  let reads = 0;
  const openers = new Map<Read, Read>();
  const opened = (read: Read): Read => {
    let opener = openers.get(read);
    if (opener === undefined) {
      opener = (slot) => {
        const component = read(slot);
        return slot === logs + starting
          ? { ...(component as Log), highWatermarkCheckpoint: reads }
          : component;
      };
      openers.set(read, opener);
    }
    return opener;
  };

  return {
    slots: ids.map((broker) => ({ name: `checkpoints ${broker}`, shape })),
    initial: machine.initial.logs.map(({ highWatermarkCheckpoint }) => [highWatermarkCheckpoint]),
    hidden: (components) =>
      components.map((component, slot) =>
        slot >= logs && slot < logs + brokers ? hiding(component as Log) : component,
      ),
    codeOf,
    slotOf,
    each: (read, code, offer) => {
      const { kind } = machine.definition(code);
      if (kind === CHECKPOINT) return;
      const broker = kind === START ? startOf(code) : undefined;
      if (broker === undefined) {
        offer(code);
        return;
      }
      for (const value of valuesOf(read, broker)) offer(code | ((value + 1) << VALUE_SHIFT));
    },
    readingOf: (read, label) => {
      const broker = startOf(label);
      if (broker === undefined) return read;
      starting = broker;
      reads = valueIn(label);
      return opened(read);
    },
    settle: (label, read, written) => {
      const starter = startOf(label);
      for (const broker of ids) {
        const log = written.get(logs + broker) as Log | undefined;
        const replica = written.get(replicas + broker) as Replica | undefined;
        let values: readonly number[] | undefined;
        if (broker === starter) values = [valueIn(label)];
        if (log !== undefined) {
          const { highWatermarkCheckpoint } = log;
          if (highWatermarkCheckpoint !== TOLD_APART) values = [highWatermarkCheckpoint];
          written.set(logs + broker, hiding(log));
        }
        const moved =
          replica !== undefined &&
          replica.highWatermark !== (read(replicas + broker) as Replica).highWatermark;
        if (moved) {
          const process = (written.get(processes + broker) ?? read(processes + broker)) as Process;
          if (isAwake(process) && process.offline === undefined) {
            const { highWatermark } = replica;
            const before = values ?? valuesOf(read, broker);
            if (!before.includes(highWatermark)) {
              if (highWatermark > LARGEST)
                throw new RangeError('the log is too long to tell its checkpoints');
              values = [...before, highWatermark].sort((a, b) => a - b);
            }
          }
        }
        if (values !== undefined) written.set(slotOf(broker), values);
      }
    },
    runOf: (labels) => {
      const run: ActionCode[] = [];
      let { initial: state } = machine;
      /** By broker: after how many actions each high watermark was there last, since a checkpoint was written. */
      const since = ids.map(() => new Map<number, number>());
      for (const label of labels) {
        const broker = startOf(label);
        const wanted = valueIn(label);
        if (broker !== undefined && wanted >= 0 && checkpointIn(state, broker) !== wanted) {
          const place = since[broker]?.get(wanted);
          if (place === undefined) throw new Error('a checkpoint that was never written is read');
          run.splice(place, 0, checkpointOf(broker));
          for (const places of since)
            for (const [highWatermark, at] of places) if (at > place) places.set(highWatermark, at + 1);
          state = machine.initial;
          for (const code of run) ({ state } = machine.step(state, code));
        }
        const before = state;
        run.push(codeOf(label));
        ({ state } = machine.step(state, codeOf(label)));
        for (const id of ids) {
          if (id === broker || checkpointIn(state, id) !== checkpointIn(before, id)) since[id]?.clear();
          const process = state.processes[id];
          const replica = state.replicas[id];
          if (process === undefined || replica === undefined) continue;
          if (isAwake(process) && process.offline === undefined)
            since[id]?.set(replica.highWatermark, run.length);
        }
      }
      return run;
    },
  };
}

const checkpointIn = ({ logs }: State, broker: number): number => logs[broker]?.highWatermarkCheckpoint ?? 0;
