/** Makes a trace of a run. */
import { digestState, type ActionCode, type Settings } from '../model/index.ts';
import type { Found, Minimality, Origin, Searched, Trace } from './format.ts';
import { brokenIds, machineOf, runActions } from './run.ts';

/** What a trace says besides its run. */
export interface About {
  /** The property that the run is about; without it the first of the suite's list that breaks, if any does. */
  readonly property?: string | undefined;
  readonly name?: string | undefined;
  readonly note?: string | undefined;
  readonly schedule?: Origin | undefined;
  readonly seed?: number | string | undefined;
  readonly found?: Found | undefined;
  /** `no` unless told. */
  readonly minimal?: Minimality | undefined;
  readonly searched?: Searched | undefined;
}

/**
 * Runs the actions under these settings and records every digest and all that breaks. Throws a RangeError where the
 * settings are wrong, an action is not enabled, or `about.property` does not break.
 */
export function recordTrace(settings: Settings, codes: readonly ActionCode[], about: About = {}): Trace {
  const { frames, findings, refused } = runActions(machineOf(settings), codes, 'strict');
  const [refusal] = refused;
  if (refusal !== undefined) {
    const { position, action, guard } = refusal;
    throw new RangeError(`action ${position} (${action.kind}) is not enabled: not so that ${guard}`);
  }
  const broken = brokenIds(findings);
  const property = about.property ?? broken[0] ?? null;
  const finding = findings.find((found) => found.property === property);
  if (property !== null && finding === undefined) throw new RangeError(`the run does not break ${property}`);
  return {
    name: about.name,
    note: about.note,
    settings,
    property,
    broken,
    brokenAt: finding?.step ?? null,
    schedule: about.schedule,
    seed: about.seed,
    actions: frames.map(({ action }) => action),
    digests: frames.map(({ after }) => digestState(after)),
    found: about.found,
    minimal: about.minimal ?? 'no',
    searched: about.searched,
  };
}
