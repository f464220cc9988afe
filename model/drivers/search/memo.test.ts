import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Memo, Recorder } from './memo.ts';
import { Screens } from './screen.ts';

const SLOTS = 4;
const VALUES = 3;
const states = fc.array(fc.integer({ min: 0, max: VALUES - 1 }), { minLength: SLOTS, maxLength: SLOTS });

/** A pure function of a state: at each node it reads a slot, and goes on as its value says; a leaf is the answer. */
type Decision = number | { readonly slot: number; readonly next: readonly Decision[] };

const { decision } = fc.letrec<{ decision: Decision }>((tie) => ({
  decision: fc.oneof(
    { maxDepth: 4, depthSize: 'large' },
    fc.integer({ min: 0, max: 2 }),
    fc.record({
      slot: fc.integer({ min: 0, max: SLOTS - 1 }),
      next: fc.array(tie('decision'), { minLength: VALUES, maxLength: VALUES }),
    }),
  ),
}));

function decide(from: Decision, read: (slot: number) => number): number {
  let at = from;
  while (typeof at !== 'number') at = at.next[read(at.slot)]!;
  return at;
}

const recorder = new Recorder(SLOTS);
/** Works the answer out while it is written down what was looked at. */
function recorded(decision: Decision, state: ArrayLike<number>): number {
  recorder.clear();
  return decide(decision, (slot) => {
    recorder.note(slot, state[slot]!);
    return state[slot]!;
  });
}

describe('remembered answers', () => {
  it('are those of the function itself, for any number of functions in one memory', () => {
    fc.assert(
      fc.property(fc.array(decision, { minLength: 1, maxLength: 4 }), fc.array(states), (functions, met) => {
        const memo = new Memo(SLOTS);
        const roots = functions.map(() => memo.root());
        for (const values of met) {
          const state = Int32Array.from(values);
          for (const [i, known] of functions.entries()) {
            const answer = decide(known, (slot) => values[slot]!);
            const found = memo.find(roots[i]!, state);
            if (found < 0) memo.remember(roots[i]!, recorder, recorded(known, values));
            else expect(found).toBe(answer);
            expect(memo.find(roots[i]!, state)).toBe(answer);
          }
        }
      }),
    );
  });

  it('are found for every state that agrees on the slots that were read, and for no other', () => {
    const memo = new Memo(SLOTS);
    const root = memo.root();
    const state = Int32Array.of(0, 1, 2, 0);
    memo.remember(root, recorder, recorded({ slot: 1, next: [0, { slot: 2, next: [0, 0, 2] }, 0] }, state));
    expect(memo.find(root, Int32Array.of(2, 1, 2, 2))).toBe(2);
    expect(memo.find(root, Int32Array.of(0, 0, 2, 0))).toBe(-1);
    expect(memo.find(root, Int32Array.of(0, 1, 1, 0))).toBe(-1);
  });

  it('stay while the memory grows', () => {
    const memo = new Memo(SLOTS);
    const root = memo.root();
    const sizes = new Set<number>();
    for (let value = 0; value < 5_000; value++) {
      recorder.clear();
      recorder.note(0, value);
      memo.remember(root, recorder, value % 7);
      sizes.add(memo.size);
    }
    expect(sizes.size).toBeGreaterThan(2);
    for (let value = 0; value < 5_000; value++) {
      expect(memo.find(root, Int32Array.of(value, 0, 0, 0))).toBe(value % 7);
    }
  });

  it('refuse a function that looks elsewhere with the same values', () => {
    const memo = new Memo(SLOTS);
    const root = memo.root();
    memo.remember(root, recorder, recorded({ slot: 1, next: [0, 1, 2] }, [0, 1, 2, 0]));
    recorded({ slot: 2, next: [0, 1, 2] }, [0, 1, 2, 0]);
    expect(() => memo.remember(root, recorder, 2)).toThrow(/not read/);
  });
});

describe('a screen', () => {
  it('asks every question whose answer is not the settled one, once, and from a node that knows the answer', () => {
    const settled = 0;
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 6 }), fc.array(states), (questions, met) => {
        const memo = new Memo(SLOTS);
        const trees = questions.map(() => memo.root());
        let state = new Int32Array(SLOTS);
        const screens = new Screens(memo);
        const screen = screens.over({
          trees,
          settled,
          workOut: (i) => memo.remember(trees[i]!, recorder, recorded(questions[i]!, state)),
        });
        for (const values of met) {
          state = Int32Array.from(values);
          const asked: number[] = [];
          const from = screens.list(screen, state);
          for (let at = from; at < screens.listed; at += 2) {
            const question = screens.question(at);
            asked.push(question);
            const found = memo.find(screens.node(at), state);
            if (found >= 0) expect(found).toBe(decide(questions[question]!, (slot) => values[slot]!));
            else memo.remember(trees[question]!, recorder, recorded(questions[question]!, state));
          }
          screens.drop(from);
          expect(screens.listed).toBe(0);
          const answers = questions.map((question) => decide(question, (slot) => values[slot]!));
          const open = answers.flatMap((answer, i) => (answer === settled ? [] : [i]));
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked).toEqual(expect.arrayContaining(open));
        }
      }),
    );
  });

  it('does not ask what one slot settles', () => {
    const memo = new Memo(SLOTS);
    const questions: Decision[] = [0, 1, 2].map((value) => ({
      slot: 0,
      next: [0, 1, 2].map((met) => (met === value ? { slot: 1, next: [1, 1, 1] } : 0)),
    }));
    const trees = questions.map(() => memo.root());
    const state = Int32Array.of(1, 2, 0, 0);
    let worked = 0;
    const screens = new Screens(memo);
    const screen = screens.over({
      trees,
      settled: 0,
      workOut: (i) => {
        worked++;
        memo.remember(trees[i]!, recorder, recorded(questions[i]!, state));
      },
    });
    // Lists lie one behind the other until they are dropped.
    for (let again = 0; again < 3; again++) expect(screens.list(screen, state)).toBe(2 * again);
    expect([0, 2, 4].map((at) => screens.question(at))).toEqual([1, 1, 1]);
    expect(worked).toBe(3);
  });
});
