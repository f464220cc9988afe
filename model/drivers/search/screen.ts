/**
 * Most questions about a state are settled by the first slots that they look at: a replica that follows does not
 * append, whatever else is true. So questions are sorted by the slot read next, and for each value met there it is
 * remembered which of them remain, and how far each has come.
 */
import type { Memo } from './memo.ts';
import { word } from './words.ts';

/** Questions that remain after a slot was read, each with the node that its tree has reached. */
interface Rest {
  readonly questions: readonly number[];
  readonly nodes: readonly number[];
  /** Sorts them further, where they are many. */
  readonly deeper: Screen | undefined;
}

/** Questions that read the same slot next. */
interface Group {
  readonly slot: number;
  readonly questions: readonly number[];
  readonly nodes: readonly number[];
  /** By value of the slot. */
  readonly rests: (Rest | undefined)[];
}

/** How a screen asks: makes sure that the tree of a question knows the answer for the state in question. */
export interface Questions {
  readonly memo: Memo;
  /** By question: its tree. */
  readonly trees: readonly number[];
  /** The answer with which a question needs no asking. */
  readonly settled: number;
  workOut(question: number): void;
}

/** More questions than this are sorted by the next slot too. */
const FEW = 2;

export class Screen {
  private readonly about: Questions;
  private readonly questions: readonly number[];
  private readonly nodes: readonly number[];
  private groups: Group[] | undefined;

  constructor(about: Questions, questions: readonly number[], nodes: readonly number[]) {
    this.about = about;
    this.questions = questions;
    this.nodes = nodes;
  }

  /** All questions, from the roots of their trees. */
  static over(about: Questions): Screen {
    return new Screen(
      about,
      about.trees.map((_, question) => question),
      about.trees,
    );
  }

  /** Calls `ask` with each question that is not settled for this state, and the node from which its answer is found. */
  each(state: Int32Array, ask: (question: number, node: number) => void): void {
    const groups = (this.groups ??= this.sort(state));
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i];
      if (group === undefined) continue;
      const { slot } = group;
      const value = slot < 0 ? 0 : word(state, slot);
      const rest = group.rests[value] ?? this.sift(group, value, state);
      if (rest.deeper !== undefined) {
        rest.deeper.each(state, ask);
        continue;
      }
      const { questions, nodes } = rest;
      for (let j = 0; j < questions.length; j++) ask(word(questions, j), word(nodes, j));
    }
  }

  private sort(state: Int32Array): Group[] {
    const { memo } = this.about;
    const bySlot = new Map<number, { questions: number[]; nodes: number[] }>();
    for (let i = 0; i < this.questions.length; i++) {
      const question = word(this.questions, i);
      const node = word(this.nodes, i);
      if (memo.find(node, state) < 0) this.about.workOut(question);
      const slot = Math.max(memo.slotAt(node), -1);
      let group = bySlot.get(slot);
      if (group === undefined) bySlot.set(slot, (group = { questions: [], nodes: [] }));
      group.questions.push(question);
      group.nodes.push(node);
    }
    return [...bySlot].map(([slot, { questions, nodes }]) => {
      const rests = slot < 0 ? [{ questions, nodes, deeper: undefined }] : [];
      return { slot, questions, nodes, rests };
    });
  }

  private sift(group: Group, value: number, state: Int32Array): Rest {
    const { memo, settled } = this.about;
    const questions: number[] = [];
    const nodes: number[] = [];
    for (let i = 0; i < group.questions.length; i++) {
      const question = word(group.questions, i);
      const node = word(group.nodes, i);
      if (memo.find(node, state) < 0) this.about.workOut(question);
      const next = memo.childOf(node, value);
      if (memo.answerAt(next) === settled) continue;
      questions.push(question);
      nodes.push(next);
    }
    const deeper = questions.length > FEW ? new Screen(this.about, questions, nodes) : undefined;
    const rest = { questions, nodes, deeper };
    // Without holes: an array with holes is looked up as a dictionary.
    while (group.rests.length <= value) group.rests.push(undefined);
    group.rests[value] = rest;
    return rest;
  }
}
