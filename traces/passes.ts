/** Ways to make a run smaller. Each gives way after every try and returns whether it changed anything. */
import type { Action, ActionCode } from '../model/index.ts';
import { logEnd } from '../model/index.ts';
import type { Oracle } from './oracle.ts';

export type Pass = (oracle: Oracle) => Generator<void, boolean>;

/** Longer runs are not searched for pairs and shortcuts: the time grows with the cube of the length. */
const PAIRS_UP_TO = 60;

/** Drops all actions of a kind, then all of a kind that name the same actor first. */
export function* dropKinds(oracle: Oracle): Generator<void, boolean> {
  let changed = false;
  for (const mask of [0xff, 0x1ffff]) {
    for (const group of new Set(oracle.best.map((code) => code & mask))) {
      const { best } = oracle;
      const first = best.findIndex((code) => (code & mask) === group);
      if (first < 0) continue;
      const rest = best.filter((code) => (code & mask) !== group);
      if (oracle.attempt(rest, first)) changed = true;
      yield;
    }
  }
  return changed;
}

/**
 * Drops chunks, halving their size down to single actions, from the end on: the later an action, the less depends
 * on it, and the more of the run is known already. Single actions are gone over until none can go.
 */
export function* dropChunks(oracle: Oracle): Generator<void, boolean> {
  let changed = false;
  let size = Math.max(1, oracle.best.length >> 1);
  while (true) {
    let dropped = false;
    for (let end = oracle.best.length; end > 0; end = Math.min(end - size, oracle.best.length)) {
      const { best } = oracle;
      const start = Math.max(0, end - size);
      if (oracle.attempt([...best.slice(0, start), ...best.slice(end)], start)) dropped = true;
      yield;
    }
    changed ||= dropped;
    if (size === 1 && !dropped) return changed;
    size = Math.max(1, size >> 1);
  }
}

/** Drops two actions at a time that only go together. */
export function* dropPairs(oracle: Oracle): Generator<void, boolean> {
  let changed = false;
  if (oracle.best.length > PAIRS_UP_TO) return changed;
  for (let late = oracle.best.length - 1; late > 0; late = Math.min(late, oracle.best.length) - 1) {
    for (let early = late - 1; early >= 0; early--) {
      const { best } = oracle;
      const candidate = [...best.slice(0, early), ...best.slice(early + 1, late), ...best.slice(late + 1)];
      const shorter = oracle.attempt(candidate, early);
      yield;
      if (!shorter) continue;
      changed = true;
      break;
    }
  }
  return changed;
}

/** Puts one other action in the place of two that follow each other: a detour is given up for a shortcut. */
export function* takeShortcuts(oracle: Oracle): Generator<void, boolean> {
  let changed = false;
  if (oracle.best.length > PAIRS_UP_TO) return changed;
  for (let index = oracle.best.length - 2; index >= 0; index = Math.min(index, oracle.best.length - 1) - 1) {
    const { best, machine } = oracle;
    const enabled: ActionCode[] = [];
    machine.enabled(oracle.stateAfter(index), enabled);
    for (const code of enabled) {
      const shorter = oracle.attempt([...best.slice(0, index), code, ...best.slice(index + 2)], index);
      yield;
      if (!shorter) continue;
      changed = true;
      break;
    }
  }
  return changed;
}

/** Puts a weaker fault in the place of a fault: weakest first, and never a longer run. */
export function* weaken(oracle: Oracle): Generator<void, boolean> {
  let changed = false;
  for (let index = oracle.best.length - 1; index >= 0; index = Math.min(index, oracle.best.length) - 1) {
    for (const candidate of weakerAt(oracle, index)) {
      const weaker = oracle.attempt(candidate, index);
      yield;
      if (!weaker) continue;
      changed = true;
      break;
    }
  }
  return changed;
}

/** Lists with something weaker in place of the action at `index`. */
function* weakerAt(oracle: Oracle, index: number): Generator<ActionCode[]> {
  const { best, machine } = oracle;
  const code = best[index];
  if (code === undefined) return;
  const before = best.slice(0, index);
  const after = best.slice(index + 1);
  const action = machine.decode(code);
  for (const weaker of weakerThan(action, unflushed(oracle, index, action))) {
    const replacement = machine.encode(weaker);
    if (replacement === undefined) continue;
    yield [...before, replacement, ...after];
    if (weaker.kind !== 'pause') continue;
    // What woke the broker up was a start.
    const { broker = 0 } = action;
    const start = machine.encode({ kind: 'start-broker', broker });
    const resume = machine.encode({ kind: 'resume', broker });
    const woken = start === undefined ? -1 : after.indexOf(start);
    if (woken >= 0 && resume !== undefined) yield [...before, replacement, ...after.with(woken, resume)];
  }
}

/** Records that a power loss could take from the broker that the action names. */
function unflushed(oracle: Oracle, index: number, action: Action): number {
  if (action.kind !== 'wipe-disk') return 0;
  const log = oracle.stateAfter(index).logs[Number(action.broker)];
  return log === undefined ? 0 : logEnd(log) - log.recoveryPoint;
}

/** What is weaker than `action`, weakest first. */
function weakerThan(action: Action, unflushedRecords: number): Action[] {
  const { kind, broker = 0, a = 0, b = 0 } = action;
  const pause = { kind: 'pause', broker };
  const kill = { kind: 'kill', broker };
  const upTo = (last: number, change: (count: number) => Action): Action[] =>
    Array.from({ length: Math.max(0, last) }, (_, i) => change(i + 1));
  switch (kind) {
    case 'wipe-disk':
      return [pause, kill, ...upTo(unflushedRecords, (lost) => ({ kind: 'power-loss', broker, lost }))];
    case 'power-loss':
      return [pause, kill, ...upTo(Number(action.lost) - 1, (lost) => ({ ...action, lost }))];
    case 'rack-power-loss':
      return upTo(Number(action.lost), (lost) => ({ ...action, lost: lost - 1 }));
    case 'kill':
      return [pause];
    case 'cut-both-ways':
      return [
        { kind: 'cut-one-way', from: a, to: b },
        { kind: 'cut-one-way', from: b, to: a },
      ];
    case 'apply-metadata':
      return upTo(Number(action.records) - 1, (records) => ({ ...action, records }));
    default:
      return [];
  }
}
