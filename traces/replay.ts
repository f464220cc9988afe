/** Replays a trace. Actions decide, digests diagnose. */
import { digestState, type ReleaseName } from '../model/index.ts';
import type { Finding } from '../properties/index.ts';
import type { Trace } from './format.ts';
import { brokenIds, machineOf, runActions, type Refused, type Run } from './run.ts';

export interface ReplayOptions {
  /** A digest that differs, or that is missing, counts as `refused`. */
  readonly exact?: boolean | undefined;
  /** Goes past actions that are not enabled. It is enough then that the property breaks, wherever. */
  readonly lenient?: boolean | undefined;
  /** Replays under the rules of another release; rules that the trace sets itself stay. */
  readonly release?: ReleaseName | undefined;
}

/**
 * `reproduced`: every action was enabled and the same property broke at the same step; for a trace without property,
 * nothing broke. `refused`: an action was not enabled, or under `exact` a digest differs. `not-violated`: the run was
 * taken to its end, but the property did not break or broke elsewhere.
 */
export type ReplayVerdict = 'reproduced' | 'refused' | 'not-violated';

export interface Replay {
  readonly verdict: ReplayVerdict;
  /** One line that says why. */
  readonly says: string;
  /** What was replayed: the trace, under the other release where one was asked for. */
  readonly trace: Trace;
  readonly run: Run;
  /** Actions taken. */
  readonly steps: number;
  /** Ids of all that broke along the run, in the order in which the suite lists them. */
  readonly broken: readonly string[];
  /** The finding of the trace's own property. */
  readonly finding: Finding | undefined;
  /** Actions that were not enabled: none, the one that ended a strict replay, or all that a lenient one went past. */
  readonly refused: readonly Refused[];
  /** Position, from 1, of the first action after which the state differs from the recorded one. */
  readonly differsAfter: number | undefined;
}

/** Replays the trace from its first state. */
export function replayTrace(trace: Trace, options: ReplayOptions = {}): Replay {
  const { exact = false, lenient = false, release = trace.settings.release } = options;
  const settings = { ...trace.settings, release };
  const machine = machineOf(settings);
  const codes = trace.actions.map((action, index) => {
    const code = machine.encode(action);
    if (code === undefined)
      throw new RangeError(`action ${index + 1} is no action: ${JSON.stringify(action)}`);
    return code;
  });
  const run = runActions(machine, codes, lenient ? 'lenient' : 'strict');
  const finding = run.findings.find(({ property }) => property === trace.property);
  const differsAfter = run.frames.find(({ position, after }) => {
    const recorded = trace.digests?.[position - 1];
    return recorded !== undefined && recorded !== digestState(after);
  })?.position;
  const judged: Judged = { trace, run, finding, differsAfter, exact, lenient };
  return {
    ...verdictOf(judged),
    trace: { ...trace, settings },
    run,
    steps: run.frames.length,
    broken: brokenIds(run.findings),
    finding,
    refused: run.refused,
    differsAfter,
  };
}

interface Judged {
  readonly trace: Trace;
  readonly run: Run;
  readonly finding: Finding | undefined;
  readonly differsAfter: number | undefined;
  readonly exact: boolean;
  readonly lenient: boolean;
}

interface Judgement {
  readonly verdict: ReplayVerdict;
  readonly says: string;
}

function verdictOf(judged: Judged): Judgement {
  const { run, trace, differsAfter, exact, lenient } = judged;
  const [refused] = run.refused;
  if (refused !== undefined && !lenient) {
    const { position, action, guard } = refused;
    return {
      verdict: 'refused',
      says: `action ${position} (${action.kind}) is not enabled: not so that ${guard}`,
    };
  }
  if (exact && trace.digests === undefined) return { verdict: 'refused', says: 'the trace has no digests' };
  if (exact && differsAfter !== undefined) {
    return { verdict: 'refused', says: `the state after action ${differsAfter} is not the recorded one` };
  }
  return trace.property === null ? nothingBroke(judged) : propertyBroke(judged, trace.property);
}

function nothingBroke({ run, trace }: Judged): Judgement {
  const [first] = run.findings;
  return first === undefined
    ? { verdict: 'reproduced', says: `nothing breaks along ${trace.actions.length} actions` }
    : {
        verdict: 'not-violated',
        says: `nothing was to break, but ${first.property} breaks after ${first.step} actions`,
      };
}

function propertyBroke({ run, trace, finding, lenient }: Judged, property: string): Judgement {
  if (finding === undefined) {
    return { verdict: 'not-violated', says: `${property} does not break along ${run.frames.length} actions` };
  }
  const skipped = run.refused.length;
  if (skipped > 0) {
    return {
      verdict: 'reproduced',
      says: `${property} breaks after ${finding.step} actions, without ${skipped} that are not enabled`,
    };
  }
  if (finding.step === trace.brokenAt || lenient) {
    return { verdict: 'reproduced', says: `${property} breaks after ${finding.step} actions` };
  }
  return {
    verdict: 'not-violated',
    says: `${property} breaks after ${finding.step} actions, not after ${trace.brokenAt ?? 0} as recorded`,
  };
}
