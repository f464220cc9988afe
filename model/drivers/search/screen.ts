/**
 * Most questions about a state are settled by the first slots that they look at: a replica that follows does not
 * append, whatever else is true. So questions are sorted by the slot read next, and for each value met there it is
 * remembered which of them remain, and how far each has come. All of it stands in one row of numbers, since a search
 * spends most of its time on walking through it.
 */
import { placeOf, type Memo } from './memo.ts';
import { word, item } from './words.ts';

/** How questions are asked: `workOut` makes sure that the tree of a question knows the answer for the state in hand. */
export interface Questions {
  /** By question: its tree. */
  readonly trees: readonly number[];
  /** The answer with which a question needs no asking. */
  readonly settled: number;
  workOut(question: number): void;
}

/** More questions than this are sorted by the next slot too. */
const FEW = 5;
/** A screen is sorted when a state first comes to it. */
const UNSORTED = 0;
const NO_SCREEN = 0;
const WIDTH = 3;

/** A number of a screen among those of its `Screens`. */
export type ScreenId = number;

/** Questions that read the same slot next. */
interface Group {
  readonly about: Questions;
  readonly slot: number;
  readonly questions: readonly number[];
  readonly nodes: readonly number[];
}

/** Questions still to be sorted. */
type Unsorted = Omit<Group, 'slot'>;

export class Screens {
  private readonly memo: Memo;
  /**
   * A sorted screen: how many groups there are, then of each its slot, or −1, and its number. What remains of a group:
   * the screen that sorts it further, or NO_SCREEN, how many questions there are, then each with its node.
   */
  private arena = new Int32Array(1 << 12);
  /** Nothing stands at 0, which says that there is nothing. */
  private used = 1;
  /** By screen: where it stands in the arena, or UNSORTED. */
  private starts = new Int32Array(1 << 8);
  private readonly unsorted: (Unsorted | undefined)[] = [undefined];
  private readonly groups: Group[] = [];
  /**
   * By group and value of its slot, open addressing: group + 1, value, and where what remains stands in the arena. A row
   * of its own for each group would mostly be empty: there are many groups, and each meets few of all values.
   */
  private rests = new Int32Array(WIDTH << 10);
  private restMask = (1 << 10) - 1;
  private restCount = 0;
  /** Questions that remain for a state, each with the node from which its answer is found. */
  private open = new Int32Array(1 << 8);
  private openEnd = 0;

  constructor(memo: Memo) {
    this.memo = memo;
  }

  /** Words that it takes. */
  get size(): number {
    return this.arena.length + this.rests.length;
  }

  /** A screen over questions, from the roots of their trees. */
  over(about: Questions): ScreenId {
    const { trees } = about;
    return this.screen({ about, questions: trees.map((_, question) => question), nodes: trees });
  }

  /**
   * Lists the questions that are not settled for this state, from the place that is returned up to `listed`: `question`
   * and `node` give each. Lists lie one behind the other; whoever is through gives the place back with `drop`.
   */
  list(screen: ScreenId, state: Int32Array): number {
    const from = this.openEnd;
    this.walk(screen, state);
    return from;
  }

  get listed(): number {
    return this.openEnd;
  }

  question(place: number): number {
    return word(this.open, place);
  }

  node(place: number): number {
    return word(this.open, place + 1);
  }

  drop(from: number): void {
    this.openEnd = from;
  }

  private walk(screen: ScreenId, state: Int32Array): void {
    let at = word(this.starts, screen);
    if (at === UNSORTED) at = this.sort(screen, state);
    const end = at + 1 + 2 * word(this.arena, at);
    for (at++; at < end; at += 2) {
      const slot = word(this.arena, at);
      const group = word(this.arena, at + 1);
      const value = slot < 0 ? 0 : word(state, slot);
      const place = this.placeFor(group, value);
      const rest = this.rests[place] === 0 ? this.sift(group, value, state) : word(this.rests, place + 2);
      const { arena } = this;
      const deeper = word(arena, rest);
      if (deeper !== NO_SCREEN) {
        this.walk(deeper, state);
        continue;
      }
      const words = 2 * word(arena, rest + 1);
      const { openEnd } = this;
      if (openEnd + words > this.open.length) this.growOpen();
      for (let i = 0; i < words; i++) this.open[openEnd + i] = word(arena, rest + 2 + i);
      this.openEnd = openEnd + words;
    }
  }

  private screen(unsorted: Unsorted): ScreenId {
    const id = this.unsorted.push(unsorted) - 1;
    if (id >= this.starts.length) this.starts = twice(this.starts, id + 1);
    return id;
  }

  private sort(screen: ScreenId, state: Int32Array): number {
    const unsorted = this.unsorted[screen];
    if (unsorted === undefined) throw new RangeError(`no screen ${screen} to be sorted`);
    const { about } = unsorted;
    const bySlot = new Map<number, { questions: number[]; nodes: number[] }>();
    for (const [i, question] of unsorted.questions.entries()) {
      const node = item(unsorted.nodes, i);
      if (this.memo.find(node, state) < 0) about.workOut(question);
      const slot = Math.max(this.memo.slotAt(node), -1);
      let group = bySlot.get(slot);
      if (group === undefined) bySlot.set(slot, (group = { questions: [], nodes: [] }));
      group.questions.push(question);
      group.nodes.push(node);
    }
    const start = this.take(1 + 2 * bySlot.size);
    this.arena[start] = bySlot.size;
    let at = start + 1;
    for (const [slot, { questions, nodes }] of bySlot) {
      const group = this.groups.push({ about, slot, questions, nodes }) - 1;
      if (slot < 0) this.settle(group, 0, this.rest(NO_SCREEN, questions, nodes));
      this.arena[at++] = slot;
      this.arena[at++] = group;
    }
    this.starts[screen] = start;
    this.unsorted[screen] = undefined;
    return start;
  }

  private sift(number: number, value: number, state: Int32Array): number {
    const group = this.groups[number];
    if (group === undefined) throw new RangeError(`no group ${number}`);
    const { about } = group;
    const questions: number[] = [];
    const nodes: number[] = [];
    for (const [i, question] of group.questions.entries()) {
      const node = item(group.nodes, i);
      if (this.memo.find(node, state) < 0) about.workOut(question);
      const next = this.memo.childOf(node, value);
      if (this.memo.answerAt(next) === about.settled) continue;
      questions.push(question);
      nodes.push(next);
    }
    const deeper = questions.length > FEW ? this.screen({ about, questions, nodes }) : NO_SCREEN;
    return this.settle(number, value, this.rest(deeper, questions, nodes));
  }

  /** Writes what remains into the arena. */
  private rest(deeper: ScreenId, questions: readonly number[], nodes: readonly number[]): number {
    const listed = deeper === NO_SCREEN ? questions.length : 0;
    const start = this.take(2 + 2 * listed);
    this.arena[start] = deeper;
    this.arena[start + 1] = listed;
    for (let i = 0; i < listed; i++) {
      this.arena[start + 2 + 2 * i] = item(questions, i);
      this.arena[start + 3 + 2 * i] = item(nodes, i);
    }
    return start;
  }

  private settle(group: number, value: number, rest: number): number {
    const place = this.placeFor(group, value);
    this.rests[place] = group + 1;
    this.rests[place + 1] = value;
    this.rests[place + 2] = rest;
    if (++this.restCount * 2 > this.restMask) this.growRests();
    return rest;
  }

  /** Where it stands, or would, what remains of a group for a value. */
  private placeFor(group: number, value: number): number {
    const { rests, restMask } = this;
    let place = placeOf(group, value) & restMask;
    for (;;) {
      const at = place * WIDTH;
      const held = word(rests, at);
      if (held === 0 || (held === group + 1 && word(rests, at + 1) === value)) return at;
      place = (place + 1) & restMask;
    }
  }

  private growRests(): void {
    const old = this.rests;
    this.rests = new Int32Array(old.length * 2);
    this.restMask = this.restMask * 2 + 1;
    for (let from = 0; from < old.length; from += WIDTH) {
      const held = word(old, from);
      if (held === 0) continue;
      const place = this.placeFor(held - 1, word(old, from + 1));
      for (let i = 0; i < WIDTH; i++) this.rests[place + i] = word(old, from + i);
    }
  }

  /** Room for so many words. */
  private take(count: number): number {
    const start = this.used;
    this.used += count;
    if (this.used > this.arena.length) this.arena = twice(this.arena, this.used);
    return start;
  }

  private growOpen(): void {
    this.open = twice(this.open, 0);
  }
}

/** The same with room for twice as many, or for `least`. */
function twice(row: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(Math.max(row.length * 2, least));
  bigger.set(row);
  return bigger;
}
