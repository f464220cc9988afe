/** A run as reports need it: every step with what it caused, and what broke along it. */
import {
  configOf,
  createMachine,
  type Action,
  type ActionCode,
  type Event,
  type Machine,
  type Settings,
  type State,
} from '../model/index.ts';
import { Checker, PROPERTIES, type Finding, type Property } from '../properties/index.ts';

/** One step of a run. */
export interface Frame {
  /** Position of the action in the list it came from, counted from 1. */
  readonly position: number;
  readonly action: Action;
  readonly code: ActionCode;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
}

/** An action that was not enabled, and the guard that says so. */
export interface Refused {
  /** Position of the action in the list it came from, counted from 1. */
  readonly position: number;
  readonly action: Action;
  readonly guard: string;
}

export interface Run {
  readonly machine: Machine;
  readonly frames: readonly Frame[];
  /** What broke, in the order in which it broke; `step` counts frames. */
  readonly findings: readonly Finding[];
  /** Actions that were not enabled: the one that ended a strict run, all that a lenient run went past. */
  readonly refused: readonly Refused[];
}

/** The machine for these settings. Throws where they are wrong: settings that were read are right. */
export function machineOf(settings: Settings): Machine {
  const config = configOf(settings);
  if ('error' in config) throw new RangeError(config.error);
  return createMachine(config);
}

/** Takes the actions one by one and looks at each step. A disabled one ends a strict run; a lenient one goes past. */
export function runActions(
  machine: Machine,
  codes: readonly ActionCode[],
  mode: 'strict' | 'lenient',
  properties: readonly Property[] = PROPERTIES,
): Run {
  const checker = new Checker(machine, properties);
  const frames: Frame[] = [];
  const refused: Refused[] = [];
  let state = machine.initial;
  for (const [index, code] of codes.entries()) {
    const position = index + 1;
    const action = machine.decode(code);
    const refusal = machine.refusal(state, code);
    if (refusal !== undefined) {
      refused.push({ position, action, guard: refusal.guard });
      if (mode === 'strict') break;
      continue;
    }
    const step = machine.step(state, code);
    checker.look(state, step);
    frames.push({ position, action, code, before: state, after: step.state, events: step.events });
    state = step.state;
  }
  return { machine, frames, findings: [...checker.findings], refused };
}

/** The property of that id. Throws where there is none: ids that were read exist. */
export function propertyOf(id: string): Property {
  const found = PROPERTIES.find((property) => property.id === id);
  if (found === undefined) throw new RangeError(`no property "${id}"`);
  return found;
}

/** Ids of what broke, in the order in which the suite lists its properties. */
export const brokenIds = (findings: readonly Finding[]): string[] =>
  PROPERTIES.map(({ id }) => id).filter((id) => findings.some(({ property }) => property === id));
