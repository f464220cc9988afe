import { describe, expect, it } from 'vitest';
import { Memo, Recorder } from './memo.ts';
import { Screens } from './screen.ts';

const SLOTS = 2;
const FAR = 1 << 20;
/** Each is about the first slot, and the second where that holds its own number. */
const QUESTIONS = 8;

describe('screens', () => {
  const memo = new Memo(SLOTS);
  const screens = new Screens(memo);
  const recorder = new Recorder(SLOTS);
  const trees = Array.from({ length: QUESTIONS }, () => memo.root());
  const state = new Int32Array(SLOTS);
  const screen = screens.over({
    trees,
    settled: 0,
    workOut: (question) => {
      const [first = 0, second = 0] = state;
      recorder.clear();
      recorder.note(0, first);
      if (first % QUESTIONS === question) recorder.note(1, second);
      memo.remember(trees[question] ?? 0, recorder, first % QUESTIONS === question && second > 0 ? 1 : 0);
    },
  });
  const listed = (first: number, second: number): number[] => {
    state.set([first, second]);
    const from = screens.list(screen, state);
    const questions: number[] = [];
    for (let at = from; at < screens.listed; at += 2) {
      if (memo.find(screens.node(at), state) !== 0) questions.push(screens.question(at));
    }
    screens.drop(from);
    return questions;
  };

  it('list what is open, whatever was asked between, and take no room for values that were not met', () => {
    const firsts = Array.from({ length: 3_000 }, (_, i) => (i % 2 === 0 ? i : FAR - i));
    for (let round = 0; round < 2; round++) {
      for (const first of firsts) {
        expect(listed(first, 0)).toEqual([]);
        expect(listed(first, 7)).toEqual([first % QUESTIONS]);
      }
    }
    expect(screens.size).toBeLessThan(FAR / 4);
  });
});
