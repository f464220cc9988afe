/**
 * Where any eligible replica may be elected, more happens than can: a run that breaks something counts only if it is one
 * of the machine's own, which elects the first eligible replica in assignment order.
 */
import { PROPERTIES } from '../../properties/index.ts';
import { machineOf, runActions } from '../../traces/index.ts';
import type { MachineProblem } from './problem.ts';

interface Broken {
  readonly labels: readonly number[];
  readonly broken: readonly string[];
}

/** Whether the machine takes this run, and one of these properties breaks in it. */
export function isReal({ settings }: MachineProblem, { labels, broken }: Broken): boolean {
  const properties = PROPERTIES.filter(({ id }) => broken.includes(id));
  const { findings, refused } = runActions(machineOf(settings), labels, 'strict', properties);
  return refused.length === 0 && findings.length > 0;
}
