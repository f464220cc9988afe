/** The transitions of one state after the other, for one thread: what was worked out once is looked up afterwards. */
import { CHOICE, OUTCOME, VERDICT, type Answers, type Listener, type Told } from './answers.ts';
import type { Explorable, Happening, Judgement, Read } from './explorable.ts';
import { Memo, Recorder } from './memo.ts';
import { Screens, type ScreenId } from './screen.ts';
import type { NextRow } from './next-row.ts';
import { Sequences } from './sequences.ts';
import { ShapeBounds } from './shape-bounds.ts';
import type { Footprint } from './sleep.ts';
import { ABOUT, FIRST_SLOT, READS } from './outcome-row.ts';
import type { ValueTable } from './value-table.ts';
import { word, item } from './words.ts';

/** Actions that a family offers, each with the tree of its outcomes. */
interface Choice {
  readonly labels: readonly number[];
  readonly trees: readonly number[];
  /** Who owes one of these steps, as bits. */
  readonly debts: number;
  /** Sifts the labels where many of them may turn out not to be enabled. */
  readonly screen: ScreenId | undefined;
  /** Slots on which it depends what is offered, as bits, where that is wanted. */
  readonly reads: number;
  readonly readsFar: number;
}

/** Where no row stands. */
const IMPOSSIBLE = 0;

const NOTHING: Judgement = { broken: [], met: [] };
const NO_CHOICE: Choice = { labels: [], trees: [], debts: 0, screen: undefined, reads: 0, readsFar: 0 };

/** Of these slots, those of the first 32, or those of the next 32, as bits. */
function bitsOf(slots: readonly number[], far: boolean): number {
  let bits = 0;
  for (const slot of slots) if (slot >= 32 === far) bits |= 1 << (slot & 31);
  return bits;
}

/** Called with each transition while `after` holds the next state. */
export type Visit = (label: number, judgement: Judgement) => void;

export interface ExpanderOptions {
  /** Whether the footprint of each transition is told. */
  readonly tellsFootprints?: boolean;
  /** What other threads have worked out. */
  readonly answers?: Answers | undefined;
}

export class Expander {
  private readonly machine: Explorable;
  private readonly values: ValueTable;
  private readonly slots: number;
  /** By slot: index of its shape among the shapes of the value table. */
  private readonly shapeOf: readonly number[];
  /** The state that is expanded, and behind it the next one. */
  private readonly both: Int32Array;
  private readonly recorder: Recorder;
  readonly bounds: ShapeBounds;

  private memo: Memo;
  private families: number[] = [];
  private checkTrees: number[] = [];
  private screens: Screens;
  private familyScreen: ScreenId;
  private debtScreen: ScreenId;
  private exchangeScreen: ScreenId;
  private checkScreen: ScreenId;
  private readonly choices: Choice[] = [NO_CHOICE];
  private outcomes = new Sequences();
  private readonly judgements: Judgement[] = [NOTHING];
  private readonly takeTrees = new Map<number, number>();
  private readonly happenings = new Map<string, { readonly tree: number; readonly happening: Happening }>();
  private readonly happeningOf = new Map<number, Happening>();

  private readonly readBefore: Read;
  private readonly readAfter: Read;
  /** Rows of the transition that is visited: what the action does, and what is judged, or 0. */
  private outcome = 0;
  private verdict = 0;
  /** The row that is being made. */
  private written: number[] = [];
  private offeredLabels: number[] = [];
  private offeredTrees: number[] = [];
  private visiting: Visit = () => undefined;
  private broken: readonly string[] = [];
  private readonly tellsFootprints: boolean;
  private readonly answers: Answers | undefined;
  /** By thread: the texts that it has told. */
  private readonly heard: string[][] = [];
  private readonly listener: Listener = {
    text: (thread, says) => {
      (this.heard[thread] ??= []).push(says);
    },
    answer: (thread, kind, asked, told) => {
      this.hear(thread, kind, asked, told);
    },
  };
  /** Where it is wanted: that of the transition that is visited. */
  readonly footprint: Footprint = {
    reads: 0,
    readsFar: 0,
    writes: 0,
    writesFar: 0,
    raises: 0,
    lowers: 0,
  };
  /** What the transition that is visited was offered with. */
  private offer: Choice = NO_CHOICE;

  constructor(
    machine: Explorable,
    values: ValueTable,
    shapeOf: readonly number[],
    { tellsFootprints = false, answers }: ExpanderOptions = {},
  ) {
    this.machine = machine;
    this.tellsFootprints = tellsFootprints;
    // Without knowing what happened, what was done cannot be judged.
    this.answers = machine.happeningOf === undefined || !machine.offersAreEnabled ? undefined : answers;
    this.values = values;
    this.shapeOf = shapeOf;
    this.slots = machine.slots.length;
    this.both = new Int32Array(this.slots * 2);
    this.memo = new Memo(this.slots * 2);
    this.screens = new Screens(this.memo);
    this.recorder = new Recorder(this.slots * 2);
    this.bounds = new ShapeBounds(machine.bounds, this.slots, values);
    [this.familyScreen, this.checkScreen, this.debtScreen, this.exchangeScreen] = this.plant();
    this.readBefore = (slot) => this.read(slot);
    this.readAfter = (slot) => this.read(this.slots + slot);
  }

  private plant(): [ScreenId, ScreenId, ScreenId, ScreenId] {
    const { machine, memo, screens } = this;
    this.families = Array.from({ length: machine.families }, () => memo.root());
    this.checkTrees = machine.checks.map(() => memo.root());
    const treesOf = (families: readonly number[] = []): number[] =>
      families.map((family) => item(this.families, family));
    const owed = treesOf(machine.exchange?.owed);
    const continuing = treesOf(machine.exchange?.continuing);
    return [
      screens.over({ trees: this.families, settled: 0, workOut: this.workOutChoices }),
      screens.over({ trees: this.checkTrees, settled: 1, workOut: this.workOutCheck }),
      screens.over({ trees: owed, settled: 0, workOut: this.workOutDebt }),
      screens.over({ trees: continuing, settled: 0, workOut: this.workOutContinuation }),
    ];
  }

  /** Words that the look-ups take. */
  get size(): number {
    return this.memo.size + this.screens.size + this.outcomes.size;
  }

  /** Forgets all answers: they can be worked out again. */
  forget(): void {
    this.memo = new Memo(this.slots * 2);
    this.screens = new Screens(this.memo);
    this.choices.length = 1;
    this.outcomes = new Sequences();
    this.judgements.length = 1;
    this.takeTrees.clear();
    this.happenings.clear();
    this.happeningOf.clear();
    [this.familyScreen, this.checkScreen, this.debtScreen, this.exchangeScreen] = this.plant();
  }

  private read(index: number): unknown {
    const number = word(this.both, index);
    this.recorder.note(index, number);
    return this.values.valueOf(number);
  }

  private numberOf(slot: number, value: unknown): number {
    return this.values.numberOf(item(this.shapeOf, slot), value);
  }

  /** Writes the numbers of the first state into `out`. */
  first(out: Int32Array): void {
    for (const [slot, value] of this.machine.initial.entries()) out[slot] = this.numberOf(slot, value);
  }

  /** The next state while a transition is visited; its words stand from `slots` on. */
  get next(): Int32Array {
    return this.both;
  }

  /** Writes what the transition that is visited changes. */
  changes(next: NextRow): void {
    next.reset();
    this.tell(this.outcome, next);
    if (this.verdict !== 0) this.tell(this.verdict, next);
  }

  private tell(row: number, next: NextRow): void {
    const { words } = this.outcomes;
    const end = row + 1 + word(words, row);
    for (let at = row + FIRST_SLOT; at < end; at += 2) next.write(word(words, at), word(words, at + 1));
  }

  /** Takes a state in hand as if a transition had led to it, so that it can be checked. */
  hold(state: Int32Array): void {
    const { both, slots } = this;
    // A loop: for so few words the method of typed arrays takes longer.
    for (let slot = 0; slot < slots; slot++) both[slot] = both[slots + slot] = word(state, slot);
  }

  /** Visits all transitions of a state, in one fixed order. Those beyond a bound are counted and left out. */
  expand(state: Int32Array, visit: Visit): void {
    if (this.memo.isFull) this.forget();
    this.hold(state);
    this.visiting = visit;
    const { screens } = this;
    const from = screens.list(this.familyScreen, this.both);
    const end = screens.listed;
    for (let at = from; at < end; at += 2) this.expandFamily(screens.question(at), screens.node(at));
    screens.drop(from);
  }

  /** Lists the actions that can continue an exchange in the state in hand, each with the tree of its outcomes. */
  offersOfExchange(labels: number[], trees: number[]): void {
    labels.length = 0;
    trees.length = 0;
    this.offeredLabels = labels;
    this.offeredTrees = trees;
    const { screens } = this;
    const from = screens.list(this.exchangeScreen, this.both);
    const end = screens.listed;
    for (let at = from; at < end; at += 2) this.listFamily(screens.question(at), screens.node(at));
    screens.drop(from);
  }

  private listFamily(index: number, node: number): void {
    let found = this.memo.find(node, this.both);
    if (found < 0) found = this.workOutContinuation(index);
    const { labels, trees } = this.choices[found] ?? NO_CHOICE;
    for (let i = 0; i < labels.length; i++) {
      this.offeredLabels.push(item(labels, i));
      this.offeredTrees.push(item(trees, i));
    }
  }

  /** Visits the transition of an action that was listed for the state in hand. */
  take(label: number, tree: number, visit: Visit): void {
    this.visiting = visit;
    this.transition(label, tree, tree);
  }

  private readonly workOutContinuation = (index: number): number =>
    this.workOutChoices(item(this.machine.exchange?.continuing ?? [], index));

  private expandFamily(family: number, node: number): void {
    let found = this.memo.find(node, this.both);
    if (found < 0) found = this.workOutChoices(family);
    const choice = this.choices[found] ?? NO_CHOICE;
    const { labels, trees, screen } = choice;
    this.offer = choice;
    if (screen !== undefined) {
      const { screens } = this;
      const from = screens.list(screen, this.both);
      const end = screens.listed;
      for (let at = from; at < end; at += 2) {
        const i = screens.question(at);
        this.transition(item(labels, i), item(trees, i), screens.node(at));
      }
      screens.drop(from);
      return;
    }
    for (let i = 0; i < labels.length; i++) {
      this.transition(item(labels, i), item(trees, i), item(trees, i));
    }
  }

  private transition(label: number, tree: number, node: number): void {
    const { both, memo } = this;
    let found = memo.find(node, both);
    if (found < 0) found = this.workOutOutcome(tree, label);
    if (found === IMPOSSIBLE) return;
    this.outcome = found;
    this.verdict = 0;
    this.write(found);
    const about = word(this.outcomes.words, found + ABOUT);
    if (about < 0) {
      if (this.tellsFootprints) this.tread(found, 0);
      if (this.bounds.allow(both, this.slots, this.outcomes.words, found)) this.visiting(label, NOTHING);
    } else {
      let verdict = memo.find(about, both);
      if (verdict < 0) verdict = this.workOutVerdict(about);
      this.verdict = verdict;
      this.write(verdict);
      const judgement = this.judgements[word(this.outcomes.words, verdict + ABOUT)] ?? NOTHING;
      if (this.tellsFootprints) this.tread(found, verdict);
      if (this.bounds.allow(both, this.slots, this.outcomes.words, found)) this.visiting(label, judgement);
      this.takeBack(verdict);
    }
    this.takeBack(found);
  }

  /** Tells the footprint of a transition: of what is offered, of the action, and of what is judged. */
  private tread(outcome: number, verdict: number): void {
    const { footprint, offer } = this;
    const { words } = this.outcomes;
    footprint.reads = offer.reads | word(words, outcome + READS);
    footprint.readsFar = offer.readsFar | word(words, outcome + READS + 1);
    footprint.writes = footprint.writesFar = 0;
    this.treadOn(outcome);
    if (verdict !== 0) {
      footprint.reads |= word(words, verdict + READS);
      footprint.readsFar |= word(words, verdict + READS + 1);
      this.treadOn(verdict);
    }
    footprint.raises = footprint.lowers = 0;
    if (this.bounds.countsTogether) this.bounds.tread(this.both, this.slots, words, outcome, footprint);
  }

  private treadOn(row: number): void {
    const { footprint } = this;
    const { words } = this.outcomes;
    const end = row + 1 + word(words, row);
    for (let at = row + FIRST_SLOT; at < end; at += 2) {
      const slot = word(words, at);
      if (slot < 32) footprint.writes |= 1 << slot;
      else footprint.writesFar |= 1 << (slot - 32);
    }
  }

  /** Of slots that were read, those of the first 32, or the others, as bits. */
  private readBits(slots: readonly number[], far: boolean): number {
    if (!this.tellsFootprints) return 0;
    return bitsOf(
      slots.map((index) => index % this.slots),
      far,
    );
  }

  /** Writes the slots of a row into the next state. */
  private write(row: number): void {
    const { both, slots } = this;
    const { words } = this.outcomes;
    const end = row + 1 + word(words, row);
    for (let at = row + FIRST_SLOT; at < end; at += 2) both[slots + word(words, at)] = word(words, at + 1);
  }

  /** Gives these slots of the next state the values that they had. */
  private takeBack(row: number): void {
    const { both, slots } = this;
    const { words } = this.outcomes;
    const end = row + 1 + word(words, row);
    for (let at = row + FIRST_SLOT; at < end; at += 2) {
      const slot = word(words, at);
      both[slots + slot] = word(both, slot);
    }
  }

  /** Ids of the conditions on single states that the next state breaks. */
  check(): readonly string[] {
    this.broken = NOTHING.broken;
    const { screens } = this;
    const from = screens.list(this.checkScreen, this.both);
    const end = screens.listed;
    for (let at = from; at < end; at += 2) this.askCheck(screens.question(at), screens.node(at));
    screens.drop(from);
    return this.broken;
  }

  private askCheck(index: number, node: number): void {
    let holds = this.memo.find(node, this.both);
    if (holds < 0) holds = this.workOutCheck(index);
    const id = this.machine.checks[index]?.id;
    if (holds === 0 && id !== undefined && !this.broken.includes(id)) this.broken = [...this.broken, id];
  }

  private readonly workOutCheck = (index: number): number => {
    this.recorder.clear();
    const holds = this.machine.checks[index]?.check(this.readAfter) === true ? 1 : 0;
    this.memo.remember(item(this.checkTrees, index), this.recorder, holds);
    return holds;
  };

  /** Those who owe a step in the state in hand, as bits. */
  debts(): number {
    const { screens } = this;
    let owing = 0;
    const from = screens.list(this.debtScreen, this.both);
    const end = screens.listed;
    for (let at = from; at < end; at += 2) {
      let found = this.memo.find(screens.node(at), this.both);
      if (found < 0) found = this.workOutDebt(screens.question(at));
      owing |= this.choices[found]?.debts ?? 0;
    }
    screens.drop(from);
    return owing;
  }

  private readonly workOutDebt = (index: number): number =>
    this.workOutChoices(item(this.machine.exchange?.owed ?? [], index));

  /** Puts the number of a value into a slot of the next state that no action reads. */
  put(slot: number, number: number): void {
    this.both[this.slots + slot] = number;
  }

  private readonly workOutChoices = (family: number): number => {
    const { recorder } = this;
    recorder.clear();
    const labels: number[] = [];
    this.machine.choices(family, this.readBefore, (label) => labels.push(label));
    const answer = this.chosen(labels, recorder.slots);
    this.memo.remember(item(this.families, family), recorder, answer);
    this.answers?.tell(CHOICE, family, recorder.slots, recorder.values, labels);
    return answer;
  };

  /** The number of what a family offers. */
  private chosen(labels: readonly number[], slots: readonly number[]): number {
    const trees = labels.map((label) => this.takeTree(label));
    const screen = this.machine.offersAreEnabled
      ? undefined
      : this.screens.over({
          trees,
          settled: 0,
          workOut: (i) => this.workOutOutcome(item(trees, i), item(labels, i)),
        });
    const { exchange } = this.machine;
    const debts = labels.reduce((bits, label) => {
      const debtor = exchange?.settles(label) ?? -1;
      return debtor < 0 ? bits : bits | (1 << debtor);
    }, 0);
    return labels.length === 0
      ? 0
      : this.choices.push({
          labels,
          trees,
          debts,
          screen,
          reads: this.readBits(slots, false),
          readsFar: this.readBits(slots, true),
        }) - 1;
  }

  private takeTree(label: number): number {
    const known = this.takeTrees.get(label);
    if (known !== undefined) return known;
    const tree = this.memo.root();
    this.takeTrees.set(label, tree);
    return tree;
  }

  private workOutOutcome(tree: number, label: number): number {
    const { recorder } = this;
    recorder.clear();
    this.written = [-1, 0, 0];
    const happening = this.machine.take(label, this.readBefore, this.note);
    let answer = IMPOSSIBLE;
    if (happening !== false) {
      if (happening !== undefined) this.written[0] = this.judgementsOn(happening);
      this.noteReads();
      answer = this.outcomes.add(this.written);
    }
    this.memo.remember(tree, recorder, answer);
    if (this.answers !== undefined) {
      const { slots, values } = recorder;
      const row = happening === false ? [] : this.written;
      // A tree has another number in each thread.
      if (happening !== false && happening !== undefined) row[0] = this.answers.numberOf(happening.key);
      this.answers.tell(OUTCOME, label, slots, values, row);
    }
    return answer;
  }

  /** Takes up what another thread has worked out. */
  private hear(thread: number, kind: number, asked: number, told: Told): void {
    const { memo } = this;
    const { row, slots } = told;
    switch (kind) {
      case CHOICE: {
        const tree = item(this.families, asked);
        if (memo.recall(tree, told) < 0) memo.remember(tree, told, this.chosen([...row], slots));
        return;
      }
      case OUTCOME: {
        const tree = this.takeTree(asked);
        if (memo.recall(tree, told) >= 0) return;
        if (row.length === 0) {
          memo.remember(tree, told, IMPOSSIBLE);
          return;
        }
        const about = item(row, 0);
        if (about >= 0) {
          const judged = this.treeOf(thread, about);
          if (judged < 0) return;
          row[0] = judged;
        }
        memo.remember(tree, told, this.outcomes.add(row));
        return;
      }
      case VERDICT: {
        const tree = this.treeOf(thread, asked);
        if (tree < 0 || memo.recall(tree, told) >= 0) return;
        const number = item(row, 0);
        if (number >= 0) {
          const judgement = JSON.parse(this.heard[thread]?.[number] ?? '{}') as Judgement;
          row[0] = this.judgements.push(judgement) - 1;
        } else row[0] = 0;
        memo.remember(tree, told, this.outcomes.add(row));
        return;
      }
      default:
        throw new RangeError(`nothing is told by ${kind}`);
    }
  }

  /** The tree of the judgements on a happening that another thread has told of, or −1. */
  private treeOf(thread: number, text: number): number {
    const key = this.heard[thread]?.[text];
    if (key === undefined) return -1;
    const known = this.happenings.get(key);
    if (known !== undefined) return known.tree;
    const happening = this.machine.happeningOf?.(key);
    return happening === undefined ? -1 : this.judgementsOn(happening);
  }

  /** Takes up what other threads have worked out since it was asked last. */
  listen(): void {
    if (!this.memo.isFull) this.answers?.listen(this.listener);
  }

  private judgementsOn(happening: Happening): number {
    const known = this.happenings.get(happening.key);
    if (known !== undefined) return known.tree;
    const tree = this.memo.root();
    this.happenings.set(happening.key, { tree, happening });
    this.happeningOf.set(tree, happening);
    return tree;
  }

  private workOutVerdict(tree: number): number {
    const { recorder } = this;
    const happening = this.happeningOf.get(tree);
    if (happening === undefined) throw new Error('no happening belongs to this tree');
    recorder.clear();
    this.written = [0, 0, 0];
    const judgement = this.machine.judge(happening, this.readBefore, this.readAfter, this.note);
    const isNothing = judgement.broken.length === 0 && judgement.met.length === 0;
    if (!isNothing) this.written[0] = this.judgements.push(judgement) - 1;
    this.noteReads();
    const answer = this.outcomes.add(this.written);
    this.memo.remember(tree, recorder, answer);
    if (this.answers !== undefined) {
      this.written[0] = isNothing ? -1 : this.answers.numberOf(JSON.stringify(judgement));
      this.answers.tell(
        VERDICT,
        this.answers.numberOf(happening.key),
        recorder.slots,
        recorder.values,
        this.written,
      );
    }
    return answer;
  }

  private noteReads(): void {
    const { slots } = this.recorder;
    this.written[1] = this.readBits(slots, false);
    this.written[2] = this.readBits(slots, true);
  }

  private readonly note = (slot: number, value: unknown): void => {
    this.written.push(slot, this.numberOf(slot, value));
  };
}
