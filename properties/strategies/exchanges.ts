/**
 * Random runs in which an exchange mostly goes through at once: what is under way is handled, and who owes a step does
 * it, before anything else begins. Now and then something is split off, and left under way while the rest goes on: a
 * late message, or a broker that has not heard yet. Few such delays, among many exchanges that are whole, are what bugs
 * of replication take; where every message is as likely to be late as any other, hardly a follower ever catches up.
 * The exhaustive search in exchange grain goes the same way, in every order; this one draws.
 */
import {
  ACTIONS,
  drive,
  type ActionCode,
  type Chooser,
  type Machine,
  type Picker,
} from '../../model/index.ts';
import { debtorsOf } from '../explore/debtors.ts';
import { drawWeights } from '../generate/walks.ts';
import type { Schedule } from './schedules.ts';

/** Of so many things that could go on at once, one is split off. */
const SPLIT_ONE_IN = [6, 20, 60];
/** How much less likely than other beginnings it is that something split off goes on. */
const HELD_BACK = [1, 8, 32];
/** Few things begin in a run, so that faults weigh more than where every message is a choice. */
const FAULT_FACTOR = [4, 16];
/** Four runs of five are short: what it takes has happened by then, or the faults are used up. */
const SHORT_ONE_IN = 5;
const SHORT = 4;

const NOBODY = -1;

/** By code: what goes on with an action. A message is told by its channel, an owed step by who owes it. */
class Things {
  private readonly machine: Machine;
  private readonly settles: (code: ActionCode) => number;
  private readonly known = new Map<ActionCode, number>();
  /** Behind them come the debtors. */
  private readonly channels: number;

  constructor(machine: Machine) {
    this.machine = machine;
    this.settles = debtorsOf(machine).settles;
    this.channels = machine.initial.channels.length;
  }

  of(code: ActionCode): number {
    let thing = this.known.get(code);
    if (thing === undefined) {
      const channel = this.machine.handledChannel(code);
      const debtor = channel >= 0 ? NOBODY : this.settles(code);
      thing = channel >= 0 ? channel : debtor < 0 ? NOBODY : this.channels + debtor;
      this.known.set(code, thing);
    }
    return thing;
  }
}

const pickOf = (values: readonly number[], chooser: Chooser): number =>
  values[chooser.below(values.length)] ?? 1;

class ExchangePicker implements Picker {
  private readonly things: Things;
  private readonly chooser: Chooser;
  private readonly weights: Int32Array;
  private readonly splitOneIn: number;
  private readonly heldBack: number;
  /** What was split off and has not gone on since. */
  private readonly late = new Set<number>();
  /** What can go on at once. */
  private readonly going: ActionCode[] = [];
  /** By kind of action: how many of it could begin, and what they weigh together. */
  private readonly counts = new Int32Array(ACTIONS.length);
  private readonly drawn = new Int32Array(ACTIONS.length);

  constructor(machine: Machine, things: Things, chooser: Chooser) {
    this.things = things;
    this.chooser = chooser;
    const factor = pickOf(FAULT_FACTOR, chooser);
    this.weights = drawWeights(chooser, machine).map((weight, kind) =>
      ACTIONS[kind]?.role === 'perturbation' ? weight * factor : weight,
    );
    this.splitOneIn = pickOf(SPLIT_ONE_IN, chooser);
    this.heldBack = pickOf(HELD_BACK, chooser);
  }

  pick(enabled: readonly ActionCode[]): ActionCode {
    const { things, chooser, late, going } = this;
    going.length = 0;
    for (const code of enabled) {
      const thing = things.of(code);
      if (thing !== NOBODY && !late.has(thing)) going.push(code);
    }
    while (going.length > 0) {
      const code = going[chooser.below(going.length)] ?? 0;
      if (chooser.below(this.splitOneIn) > 0) return code;
      const thing = things.of(code);
      late.add(thing);
      let left = 0;
      for (const other of going) if (things.of(other) !== thing) going[left++] = other;
      going.length = left;
    }
    const code = this.begin(enabled);
    late.delete(things.of(code));
    return code;
  }

  /** A kind by weight, then one of its choices; what was split off weighs less. */
  private begin(enabled: readonly ActionCode[]): ActionCode {
    const { things, chooser, counts, drawn, weights } = this;
    counts.fill(0);
    let total = 0;
    for (const code of enabled) {
      const kind = code & 0xff;
      const weight = weights[kind] ?? 0;
      if (weight === 0) continue;
      if (counts[kind] === 0) {
        drawn[kind] = things.of(code) === NOBODY ? weight : Math.ceil(weight / this.heldBack);
        total += drawn[kind] ?? 0;
      }
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    if (total === 0) return enabled[chooser.below(enabled.length)] ?? 0;
    let left = chooser.below(total);
    let kind = -1;
    while (left >= 0) {
      kind++;
      if ((counts[kind] ?? 0) > 0) left -= drawn[kind] ?? 0;
    }
    let place = chooser.below(counts[kind] ?? 1);
    for (const code of enabled) if ((code & 0xff) === kind && place-- === 0) return code;
    throw new RangeError('nothing to pick from');
  }
}

export function exchanges(machine: Machine): Schedule {
  const things = new Things(machine);
  return ({ chooser, actions, begin, watch }) => {
    begin();
    const most = chooser.below(SHORT_ONE_IN) === 0 ? actions : Math.ceil(actions / SHORT);
    return drive(machine, new ExchangePicker(machine, things, chooser), most, watch);
  };
}
