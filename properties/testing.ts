/** What tests of properties share. Only tests import it. */
import type { Machine, State, Step } from '../model/index.ts';
import { Checker, PROPERTIES } from './index.ts';

/** A run that can be watched step by step. */
interface Watchable {
  readonly machine: Machine;
  watch(onlooker: (before: State, step: Step) => void): unknown;
}

/** Shows a run to all properties; gives what is broken so far, by id, and what it says. */
export function watched(run: Watchable): {
  readonly broken: () => readonly string[];
  readonly says: (property: string) => string | undefined;
} {
  const checker = new Checker(run.machine, PROPERTIES);
  run.watch((before, step) => checker.look(before, step));
  return {
    broken: () => checker.findings.map(({ property }) => property),
    says: (wanted) => checker.findings.find(({ property }) => property === wanted)?.says,
  };
}
