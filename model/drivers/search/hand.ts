/** One thread's part in a breadth-first search: expands the states that it claims, and notes what it meets. */
import { Answers, type AnswersMemory } from './answers.ts';
import { rewriterOf } from './canonical.ts';
import type { Explorable } from './explorable.ts';
import { Expander } from './expander.ts';
import { Transitions, type VisitTransition } from './grain.ts';
import { NextRow, type Rewriter } from './next-row.ts';
import { Sleep, type SleepMemory } from './sleep.ts';
import { shapesOf, Store, type StoreMemory } from './store.ts';
import { words, type Words } from './words.ts';

/** States that a thread claims at once. */
const CLAIM = 64;
/** New states that one claim may give; a state has some dozen transitions. What gives more is left for the next turn. */
const PER_CLAIM = CLAIM * 128;
/** States that are collected before they are added together, unless one state gives more. */
const TOGETHER = 128;

/** New states for which there must be room before threads claim; asking for more elsewhere could wait for it forever. */
export const roomFor = (threads: number): number => PER_CLAIM * threads;

/** What the threads of a search share besides the states. */
export interface Control {
  /**
   * Next state to be claimed, end of the states to be expanded, 1 while all threads are asked to stop, and 1 in every
   * second level.
   */
  readonly cursor: Words;
}

export const control = (): Control => ({ cursor: words(4) });

/** Why a thread stopped claiming states. */
export type Stopped = 'done' | 'grow' | 'full' | 'asked';

export interface Break {
  /** The state before it, and the actions from there to the step that broke it. */
  readonly from: number;
  readonly path: readonly number[];
  readonly broken: readonly string[];
}

/** States that were claimed and not expanded to the end. */
export interface Left {
  readonly from: number;
  readonly to: number;
}

export interface HandOptions {
  readonly symmetry: boolean;
  /** Properties whose break is only counted. */
  readonly tolerated: readonly string[];
  /** Whether exchanges are left out that go on as one did that was gone through; they are unless this is false. */
  readonly remembers?: boolean;
  /** For sleep sets, where actions are left out that only come in another order. */
  readonly sleeps?: SleepMemory | undefined;
  /** Where threads tell each other what they have worked out, and which of the rows is this one's. */
  readonly shares?: { readonly memory: AnswersMemory; readonly own: number } | undefined;
}

/** What a thread has done since it was asked last. */
export interface HandReport {
  readonly transitions: number;
  readonly breaks: readonly Break[];
  readonly met: readonly string[];
  readonly brokenTolerated: Readonly<Record<string, number>>;
  /** By bound, and last for exchanges: how often it cut. */
  readonly cuts: readonly number[];
  /** How often an exchange was given up that does not come to rest: then the search is over. */
  readonly endless: number;
  /** What there was no room for. */
  readonly left: readonly Left[];
}

export class Hand {
  readonly store: Store;
  private readonly expander: Expander;
  private readonly next: Transitions;
  private readonly rewriter: Rewriter | undefined;
  private readonly after: NextRow;
  private readonly row: Int32Array;
  private readonly slots: number;
  private readonly tolerated: ReadonlySet<string>;
  private readonly remembers: boolean;
  private readonly met = new Set<string>();
  private readonly brokenTolerated = new Map<string, number>();
  private breaks: Break[] = [];
  private transitions = 0;
  private left: Left[] = [];
  /** The state that is expanded. */
  private expanding = 0;
  /** New states since there was known to be room. */
  private added = 0;
  /** Whether more was met than there was known to be room for. */
  private overflowed = false;
  /** New states whose conditions are still to be looked at. */
  private readonly fresh: number[] = [];
  private readonly hasChecks: boolean;
  private readonly sleep: Sleep | undefined;

  constructor(machine: Explorable, memory: StoreMemory, options: HandOptions) {
    const { shapeOf } = shapesOf(machine);
    this.store = new Store(machine, memory);
    const { values } = this.store;
    this.slots = machine.slots.length;
    this.sleep = options.sleeps === undefined ? undefined : new Sleep(options.sleeps);
    const { shares } = options;
    this.expander = new Expander(machine, values, shapeOf, {
      tellsFootprints: this.sleep !== undefined,
      answers: shares && new Answers(shares.memory, shares.own),
    });
    this.next = new Transitions(this.expander, values, shapeOf, machine.exchange);
    this.row = new Int32Array(this.slots);
    this.tolerated = new Set(options.tolerated);
    this.hasChecks = machine.checks.length > 0;
    this.remembers = options.remembers !== false;
    this.rewriter = rewriterOf(machine, values, shapeOf, options.symmetry);
    this.after = new NextRow(this.slots);
  }

  /** Enters the first state; its number. What is wrong with it is a break that needs no action. */
  begin(): number {
    const { expander, store, after } = this;
    const row = new Int32Array(this.slots);
    expander.first(row);
    this.leave(row);
    this.rewriter?.rewrite(after);
    const first = store.add(after.row, -1);
    expander.hold(row);
    const broken = expander.check();
    if (broken.length > 0) this.broke(first, [], broken);
    return first;
  }

  /**
   * Whether all that follows a state is stored, and with it a state that is said to. Where actions sleep, some of what
   * follows the states from `whole` on may be stored only now.
   */
  isExpanded(state: number, child: number, whole: number): boolean {
    const before = this.store.count;
    const followers = new Set<number>();
    this.eachAfter(state, (number) => followers.add(number));
    return followers.has(child) && (this.store.count === before || state >= whole);
  }

  /** All that follows states below this is stored, where those below `next` were expanded, in a level that ends at `end`. */
  wholeBelow(next: number, end: number): number {
    if (this.sleep === undefined) return next;
    const { store } = this;
    let begin = 0;
    for (let levelEnd = 1; levelEnd < end;) {
      begin = levelEnd;
      while (levelEnd < end && store.parentOf(levelEnd) < begin) levelEnd++;
    }
    return begin;
  }

  /** Calls `visit` with each state that follows a stored one. They are stored too, where that has been expanded. */
  eachAfter(state: number, visit: (number: number) => void): void {
    this.store.load(state, this.row);
    this.eachNext(this.row, state, visit);
  }

  private eachNext(row: Int32Array, parent: number, visit: (number: number) => void): void {
    const { store, after } = this;
    this.leave(row);
    this.next.each(row, (_judgement, rests) => {
      if (rests) {
        this.arrive();
        visit(store.add(after.row, parent));
      }
      return true;
    });
  }

  /** Says which state transitions are taken from next. */
  private leave(row: Int32Array): void {
    this.after.leave(row);
    this.rewriter?.leave(this.after);
  }

  /** Writes into `after` the state that stands for the one that is visited. */
  private arrive(): void {
    this.next.arriveAt(this.after);
    this.rewriter?.rewrite(this.after);
  }

  /** The value in each slot of a stored state. */
  valuesOf(state: number): unknown[] {
    const { store, row } = this;
    store.load(state, row);
    return Array.from(row, (number) => store.values.valueOf(number));
  }

  /** Bytes of remembered answers that lie outside the heap. */
  get rememberedBytes(): number {
    return (this.expander.size + this.next.size + (this.rewriter?.size ?? 0)) * 4;
  }

  /** Forgets everything that can be worked out again. */
  forget(): void {
    this.expander.forget();
    this.next.forget();
    this.rewriter?.forget();
    this.store.values.forget();
  }

  /** What was done since the last report. */
  report(): HandReport {
    const { bounds } = this.expander;
    const report: HandReport = {
      transitions: this.transitions,
      breaks: this.breaks,
      met: [...this.met],
      brokenTolerated: Object.fromEntries(this.brokenTolerated),
      cuts: [...bounds.cuts, this.next.cut],
      endless: this.next.endless,
      left: this.left,
    };
    this.left = [];
    this.transitions = 0;
    this.breaks = [];
    this.met.clear();
    this.brokenTolerated.clear();
    bounds.cuts.fill(0);
    this.next.cut = 0;
    this.next.endless = 0;
    return report;
  }

  /**
   * Claims and expands states until there are none, or there is no room. `threads` work at the same time. `asked` is
   * called before each claim; that is when a thread may be told to forget.
   */
  work(control: Control, threads: number, asked: () => boolean): Stopped {
    const { cursor } = control;
    const claim = roomFor(threads);
    this.enterLevel(control);
    for (;;) {
      if (Atomics.load(cursor, 2) === 1 || asked()) return 'asked';
      const room = this.store.room(claim);
      if (room !== 'enough') return room;
      const end = Atomics.load(cursor, 1);
      const from = Atomics.add(cursor, 0, CLAIM);
      if (from >= end) return 'done';
      this.added = 0;
      this.expander.listen();
      this.expandAll(from, Math.min(from + CLAIM, end));
      // All stop: what follows would take long, and prove nothing.
      if (this.next.endless > 0) Atomics.store(cursor, 2, 1);
    }
  }

  /** Goes on with states that were left; false where there is no room for that. */
  catchUp(left: readonly Left[], control: Control, threads: number): boolean {
    this.enterLevel(control);
    for (const [i, { from, to }] of left.entries()) {
      if (this.store.room(roomFor(threads)) !== 'enough') {
        this.left.push(...left.slice(i));
        return false;
      }
      this.added = 0;
      this.expandAll(from, to);
    }
    return true;
  }

  /** Expands one state; there must be room. */
  expandOne(state: number): void {
    this.added = 0;
    this.overflowed = false;
    this.expand(state);
    this.addPending();
  }

  private expandAll(from: number, to: number): void {
    const { values } = this.store;
    const entered = values.entered;
    for (let state = from; state < to; state++) {
      const { transitions } = this;
      this.expand(state);
      if (this.next.endless > 0) {
        this.left.push({ from: state, to });
        break;
      }
      if (this.store.pending >= TOGETHER) this.addPending();
      if (!this.overflowed && values.entered - entered < PER_CLAIM) continue;
      // Maybe not all that follows this state is stored: it is expanded again, and what it breaks or cuts counts again.
      this.overflowed = false;
      this.transitions = transitions;
      this.left.push({ from: state, to });
      break;
    }
    this.addPending();
  }

  /** Stores what was met, and looks at what is new. Not while a state is expanded: the expander looks at others. */
  private addPending(): void {
    this.flush();
    for (const state of this.fresh) this.look(state);
    this.fresh.length = 0;
  }

  private flush(): void {
    const { store, sleep } = this;
    sleep?.finish(store.pending);
    store.flush(this.note, sleep);
    sleep?.leave();
  }

  /** Ends a level of so many states; for one thread, while the others wait. */
  endLevel(odd: number, states: number): void {
    this.sleep?.clear(odd, states);
  }

  /** Goes on in a level that another search has begun, and that ends at `end`. */
  resumeLevel(odd: number, end: number): void {
    this.sleep?.wake(1 - odd, end, this.store.count);
  }

  private enterLevel({ cursor }: Control): void {
    this.sleep?.level(Atomics.load(cursor, 3), Atomics.load(cursor, 1));
  }

  private readonly note = (state: number): void => {
    this.added++;
    if (this.hasChecks) this.fresh.push(state);
  };

  private look(state: number): void {
    const { expander, store, slots } = this;
    store.peek(state, expander.next, slots);
    const broken = expander.check();
    if (broken.length === 0) return;
    const parent = store.parentOf(state);
    this.broke(parent, this.stepBetween(parent, state), broken);
  }

  /** The actions of a transition from one stored state to another. */
  private stepBetween(from: number, to: number): readonly number[] {
    const { row, store } = this;
    store.load(from, row);
    return this.stepTo(row, to);
  }

  private expand(state: number): void {
    const { row, store, sleep } = this;
    store.load(state, row);
    this.leave(row);
    this.expanding = state;
    if (sleep !== undefined) {
      sleep.begin(state, store.pending);
      sleep.slept = 0;
    }
    this.transitions += this.next.each(row, this.visit, this.remembers);
    if (sleep !== undefined) {
      sleep.finish(store.pending);
      this.transitions -= sleep.slept;
    }
  }

  /** Made once: what loads TypeScript gives each function its name whenever it is made. */
  private readonly visit: VisitTransition = (judgement, rests) => {
    const { store, after, sleep, expanding } = this;
    if (this.added + store.pending === PER_CLAIM) {
      this.flush();
      this.overflowed ||= this.added === PER_CLAIM;
    }
    if (this.overflowed) return false;
    if (sleep?.note(this.next.lastLabel, this.expander.footprint) === true) return true;
    if (judgement.met.length > 0) for (const id of judgement.met) this.met.add(id);
    if (judgement.broken.length > 0) this.broke(expanding, this.next.path(), judgement.broken);
    if (rests) {
      this.arrive();
      store.put(after, expanding);
    }
    return judgement.broken.length === 0;
  };

  private broke(from: number, path: readonly number[], broken: readonly string[]): void {
    let serious = false;
    for (const id of broken) {
      if (this.tolerated.has(id)) this.brokenTolerated.set(id, (this.brokenTolerated.get(id) ?? 0) + 1);
      else serious = true;
    }
    if (serious) this.breaks.push({ from, path, broken });
  }

  /**
   * The actions that lead from the first state to a stored one. States are rebuilt step by step, so that under symmetry
   * the path is one that the machine itself takes.
   */
  pathTo(state: number): { readonly actions: number[]; readonly row: Int32Array } {
    const states: number[] = [];
    for (let at = state; at >= 0; at = this.store.parentOf(at)) states.push(at);
    states.reverse();
    const row = new Int32Array(this.slots);
    this.expander.first(row);
    const actions: number[] = [];
    for (const to of states.slice(1)) actions.push(...this.stepTo(row, to));
    return { actions, row };
  }

  /** Takes a transition from `row` that leads to this stored state, and changes `row` to it. */
  private stepTo(row: Int32Array, state: number): readonly number[] {
    const { expander, slots } = this;
    let path: readonly number[] | undefined;
    const found = new Int32Array(slots);
    this.eachNext(row, -1, (number) => {
      if (path !== undefined || number !== state) return;
      path = this.next.path();
      for (let slot = 0; slot < slots; slot++) found[slot] = expander.next[slots + slot] ?? 0;
    });
    if (path === undefined) throw new Error('the way to a state cannot be found again');
    row.set(found);
    return path;
  }

  /** The transition of a known break, from its state as it was rebuilt, and all that it breaks. */
  breakFrom(row: Int32Array, known: Break): Pick<Break, 'path' | 'broken'> {
    if (known.path.length === 0) return known;
    let found: Pick<Break, 'path' | 'broken'> | undefined;
    this.next.each(row, (judgement) => {
      const broken = [...judgement.broken, ...this.expander.check()];
      if (found === undefined && broken.some((id) => known.broken.includes(id)))
        found = { path: this.next.path(), broken };
      return true;
    });
    if (found === undefined) throw new Error('the step that breaks a property cannot be found again');
    return found;
  }
}
