/**
 * Looks for a shorter run by search: for a way round a part of the run kept, and, from the first state on, through all
 * runs that are shorter. Ended by a number of states, so that it comes to the same everywhere.
 */
import {
  control,
  createMachine,
  digestOf,
  Hand,
  observedShape,
  Search,
  stateShape,
  storeMemory,
  type ActionCode,
} from '../model/index.ts';
import { explorableMachine, type Property } from '../properties/index.ts';
import type { Searched } from './format.ts';
import type { Oracle, Point } from './oracle.ts';

/** States between two turns. */
const A_TURN = 64;

interface Node extends Point {
  readonly parent: Node | undefined;
  readonly code: ActionCode;
}

/**
 * From every point of the run, level by level: a state from which the rest of the run, without one action more than were
 * taken to get there, still breaks the property.
 */
export function* takeDetours(oracle: Oracle, states: number): Generator<void, boolean> {
  let changed = false;
  for (let start = oracle.best.length - 2; start >= 0; start = Math.min(start, oracle.best.length - 1) - 1) {
    if (yield* detourFrom(oracle, start, states)) changed = true;
  }
  return changed;
}

function* detourFrom(oracle: Oracle, start: number, states: number): Generator<void, boolean> {
  const { machine, best } = oracle;
  const first: Node = { ...oracle.pointAfter(start), parent: undefined, code: 0 };
  const known = new Set([keyOf(first)]);
  let level: readonly Node[] = [first];
  let expanded = 0;
  for (let rest = start + 2; rest <= best.length && level.length > 0; rest++) {
    const suffix = best.slice(rest);
    const next: Node[] = [];
    for (const node of level) {
      const enabled: ActionCode[] = [];
      machine.enabled(node.state, enabled);
      for (const code of enabled) {
        const { point, breaks } = oracle.stepFrom(node, code);
        const fresh: Node = { ...point, parent: node, code };
        const key = keyOf(fresh);
        if (!breaks && known.has(key)) continue;
        known.add(key);
        next.push(fresh);
        if (!breaks && !oracle.breaksFrom(fresh, suffix)) continue;
        const candidate = [...best.slice(0, start), ...wayTo(fresh), ...(breaks ? [] : suffix)];
        if (oracle.attempt(candidate, start)) return true;
      }
      if (known.size >= states) return false;
      if (++expanded % A_TURN === 0) yield;
    }
    level = next;
  }
  yield;
  return false;
}

function keyOf({ state, seen }: Point): string {
  const encoded: number[] = [];
  stateShape.encode(state, encoded);
  for (const observed of seen) observedShape.encode(observed, encoded);
  return digestOf(encoded);
}

function wayTo(node: Node): ActionCode[] {
  const way: ActionCode[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) way.push(at.code);
  return way.reverse();
}

const BYTES_A_STATE = 160;
const BYTES_AT_LEAST = 32 * 1024 * 1024;

/**
 * Goes through all runs that are shorter than the one kept, the shortest first, until one breaks the property, there is
 * none, or so many states were met. A run that breaks it is kept.
 */
export function* searchAll(oracle: Oracle, property: Property, states: number): Generator<void, Searched> {
  const explorable = explorableMachine(createMachine(oracle.machine.config), [property], {
    bounds: {},
    grain: { name: 'message' },
  });
  const hand = new Hand(explorable, storeMemory(explorable, BYTES_AT_LEAST + states * BYTES_A_STATE), {
    symmetry: false,
    tolerated: [],
  });
  const most = oracle.best.length - 1;
  const search = new Search(hand, control(), { states, depth: most });
  const run = search.run(() => true);
  let turn = run.next();
  for (; turn.done !== true; turn = run.next()) yield;
  const { depth, states: met } = search.totals();
  for (const found of search.breaks) {
    const { actions, row } = hand.pathTo(found.from);
    if (oracle.attempt([...actions, ...hand.breakFrom(row, found).path], 0)) break;
  }
  return { upTo: turn.value === 'complete' ? most : depth, states: met };
}
