/** Makes what a page is given of a replayed trace. */
import { PROPERTIES, type Property } from '../../properties/index.ts';
import { settingsLine } from '../render.ts';
import type { Replay } from '../replay.ts';
import { propertyOf, type Refused } from '../run.ts';
import {
  CONTINUATIONS,
  outlook,
  pointOfNoReturn,
  type ContinuationPlan,
  type Outlook,
} from './continuations.ts';
import type { Landmarks, Omission, PageData, Promises } from './page-data.ts';

/** The page of a replay; `command` is what replays it in a terminal. */
export function pageOf(replay: Replay, command: string, plan: ContinuationPlan = CONTINUATIONS): PageData {
  const { trace, run, finding, verdict, says } = replay;
  const { machine, frames, findings, refused } = run;
  const property = trace.property === null ? undefined : propertyOf(trace.property);
  const ahead =
    property === undefined || finding === undefined
      ? undefined
      : outlook(machine, frames, property, finding.step, plan);
  const partition = finding?.partition ?? 0;
  const partitions = 1 + machine.config.otherAssignments.length;
  return {
    title: trace.name ?? 'a run without a name',
    note: trace.note,
    promise: property === undefined ? 'Breaks nothing' : `Breaks ${property.id}: ${property.promise}`,
    under: settingsLine(trace.settings) + (partitions > 1 ? `; partition ${partition} is drawn` : ''),
    verdict: `${verdict}: ${says}`,
    command,
    settings: trace.settings,
    codes: frames.map(({ code }) => code),
    property: trace.property,
    ...(partitions > 1 ? { partition } : {}),
    breaks: findings.map(({ property: id, step, says: why }) => ({ property: id, step, says: why })),
    promises: promises(),
    omitted: refused.map((action, index) => omission(action, index)),
    outlook: ahead,
    landmarks: landmarksOf(finding?.step, ahead),
  };
}

function landmarksOf(violation: number | undefined, ahead: Outlook | undefined): Landmarks {
  if (violation === undefined || ahead === undefined) return { violation };
  return { violation, cause: causeOf(ahead), noReturn: pointOfNoReturn(ahead) };
}

/** The step that raised the share of broken continuations most; the earliest of several. */
function causeOf({ shares }: Outlook): number | undefined {
  let cause: number | undefined;
  let most = 0;
  for (const [i, { step, broken }] of shares.entries()) {
    const rise = broken - (shares[i - 1]?.broken ?? broken);
    if (rise > most) {
      most = rise;
      cause = step;
    }
  }
  return cause;
}

function omission({ position, action, guard }: Refused, earlier: number): Omission {
  return {
    after: position - 1 - earlier,
    says: `action ${position} (${action.kind}) is not enabled: not so that ${guard}`,
  };
}

const ROWS: readonly (readonly [string, (property: Property) => boolean])[] = [
  ['Order', ({ id }) => id === 'ordering' || id === 'agreement'],
  ['Commit on ISR', ({ id }) => id === 'commit-on-isr'],
  ['Durability', ({ id }) => id.startsWith('durability/')],
  ['Reads', ({ kind }) => kind === 'guarantee'],
  ['Clients', ({ kind }) => kind === 'promise'],
  ['Lemmas', ({ kind }) => kind === 'lemma'],
];

/** All properties, each in the first row that takes it. */
function promises(): readonly Promises[] {
  return ROWS.map(([title, takes], row) => ({
    title,
    properties: PROPERTIES.filter(
      (property) => takes(property) && !ROWS.slice(0, row).some(([, earlier]) => earlier(property)),
    ).map(({ id, promise }) => ({ id, promise })),
  }));
}
