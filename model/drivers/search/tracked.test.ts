/** A state that notes what is looked at, against the plain state that it stands for. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine, type ActionCode, type Machine } from '../../protocol/machine.ts';
import { digestState, type State } from '../../protocol/state/state.ts';
import { configFor, type Wanted } from '../../testing.ts';
import { assemble, componentsOf, layoutOf, Tracked } from './tracked.ts';

const machines: readonly Machine[] = (
  [
    {},
    { release: '3.3', brokers: 2, unclean: true, consumers: [{}, {}] },
    { release: '4.1-repaired', producers: [{ maxInFlight: 2 }, { acks: 1 }] },
  ] satisfies Wanted[]
).map((wanted) => createMachine(configFor(wanted)));

/** What a machine answers of a state whose components are these, and the slots that it looked at for that. */
function asked<T>(machine: Machine, components: readonly unknown[], ask: (tracked: Tracked) => T) {
  const read = new Set<number>();
  const tracked = new Tracked(layoutOf(machine.initial), (slot) => {
    read.add(slot);
    return components[slot];
  });
  return { answer: ask(tracked), read };
}

/** What an action makes of the components, in the words of a search: by slot what was written, and the events. */
function outcome(machine: Machine, tracked: Tracked, code: ActionCode) {
  const { state, events } = machine.step(tracked.state, code);
  const written = new Map<number, unknown>();
  tracked.changes(state, (slot, value) => written.set(slot, value));
  return { written, events };
}

const offered = (machine: Machine, state: State, family: number): ActionCode[] => {
  const codes: ActionCode[] = [];
  machine.family(state, family, (code) => codes.push(code));
  return codes;
};

/** States along a random walk, each with the action taken there. */
function walk(machine: Machine, choices: readonly number[]): { state: State; code: ActionCode }[] {
  let state = machine.initial;
  return choices.flatMap((choice) => {
    const codes: ActionCode[] = [];
    machine.enabled(state, codes);
    const code = codes[choice % Math.max(codes.length, 1)];
    if (code === undefined) return [];
    const here = { state, code };
    state = machine.step(state, code).state;
    return [here];
  });
}

const walks = fc.record({
  machine: fc.constantFrom(...machines),
  first: fc.array(fc.nat(9_999), { minLength: 1, maxLength: 60 }),
  second: fc.array(fc.nat(9_999), { minLength: 1, maxLength: 60 }),
});

describe('a tracked state', () => {
  it('is the plain one to every rule', () => {
    fc.assert(
      fc.property(walks, ({ machine, first }) => {
        const layout = layoutOf(machine.initial);
        for (const { state, code } of walk(machine, first)) {
          const components = componentsOf(layout, state);
          for (let family = 0; family < machine.families; family++) {
            const { answer } = asked(machine, components, ({ state: seen }) =>
              offered(machine, seen, family),
            );
            expect(answer).toEqual(offered(machine, state, family));
          }
          const { answer } = asked(machine, components, (tracked) => outcome(machine, tracked, code));
          const plain = machine.step(state, code);
          const next = components.map((component, slot) =>
            answer.written.has(slot) ? answer.written.get(slot) : component,
          );
          expect(digestState(assemble(layout, next))).toBe(digestState(plain.state));
          expect(answer.events).toEqual(plain.events);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('notes all that an answer rests on: with other values in every other slot it is the same', () => {
    let spared = 0;
    fc.assert(
      fc.property(walks, ({ machine, first, second }) => {
        const layout = layoutOf(machine.initial);
        const here = walk(machine, first).at(-1)!;
        const elsewhere = componentsOf(layout, walk(machine, second).at(-1)!.state);
        const components = componentsOf(layout, here.state);
        const mixed = (read: ReadonlySet<number>): unknown[] =>
          components.map((component, slot) => (read.has(slot) ? component : elsewhere[slot]));

        for (let family = 0; family < machine.families; family++) {
          const ask = ({ state }: Tracked): ActionCode[] => offered(machine, state, family);
          const { answer, read } = asked(machine, components, ask);
          const again = asked(machine, mixed(read), ask);
          expect(again.answer).toEqual(answer);
          expect([...again.read]).toEqual([...read]);
        }
        const ask = (tracked: Tracked) => outcome(machine, tracked, here.code);
        const { answer, read } = asked(machine, components, ask);
        const again = asked(machine, mixed(read), ask);
        expect([...again.read]).toEqual([...read]);
        expect(again.answer.events).toEqual(answer.events);
        // A component that is handed on unread stands for itself, so values are compared by what they came to.
        for (const [slot, value] of again.answer.written) {
          expect(JSON.stringify(value)).toBe(JSON.stringify(answer.written.get(slot)));
        }
        expect([...again.answer.written.keys()]).toEqual([...answer.written.keys()]);
        spared += components.length - read.size;
      }),
      { numRuns: 60 },
    );
    expect(spared).toBeGreaterThan(60);
  });
});
