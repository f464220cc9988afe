/** The night as one HTML page that needs no network and runs no script. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { h, type ComponentChildren } from 'preact';
import { counted, readTrace, replayTrace } from '../../traces/index.ts';
import { FEW_CONTINUATIONS, pageOf } from '../../traces/viewer/index.ts';
import { pictureOf } from '../../traces/viewer/picture-of.ts';
import { htmlDocument, htmlTable, type TableCell } from '../html.ts';
import type { Earlier } from './earlier.ts';
import type { RunName } from './lines.ts';
import { replayCommand } from './markdown.ts';
import type { Bucket, Night } from './night.ts';
import {
  brokenSays,
  groupsOf,
  inShort,
  knownGroups,
  mostSays,
  number,
  standingSays,
  type KnownGroup,
} from './words.ts';

/** Pictures are large; the trace of every finding is there anyhow. */
const PICTURES = 20;

export function pageOfNight(night: Night, earlier: readonly Earlier[]): string {
  const fresh = night.buckets.filter(({ standing }) => standing.kind === 'new');
  let pictures = PICTURES;
  const withPicture = (bucket: Bucket): ComponentChildren =>
    pictures-- > 0 ? pictureOrNone(bucket) : undefined;
  return htmlDocument(
    `Night of ${night.began}: ${night.verdict}`,
    night.because.length === 0
      ? h('p', null, 'Every expectation met.')
      : h(
          'ul',
          null,
          ...night.because.map(({ verdict, says }) => h('li', null, h('strong', null, `${verdict}: `), says)),
        ),
    h('p', null, `${inShort(night)}.`),
    section(
      'New findings',
      fresh.map((bucket) => findingHtml(bucket, withPicture(bucket))),
    ),
    section('The engine itself', engineTable(night)),
    section(
      'Canaries',
      rows(
        ['canary', 'has to break', 'fresh finds'],
        night.canaries.map(({ id, property, finds }) => [id, property, finds]),
      ),
    ),
    section(
      'Known findings',
      knownGroups(night).map((group) => knownHtml(group, withPicture(group.shortest))),
    ),
    section(
      'Muted without effect',
      night.expired.map(({ bucket, property, expires }) =>
        h('p', null, `${bucket} (${property}) has expired on ${expires}`),
      ),
    ),
    section('What ran', ranHtml(night)),
    section('Coverage', coverageHtml(night)),
    section('Against earlier nights', earlier.length === 0 ? [] : trendTable(night, earlier)),
  );
}

const section = (title: string, body: readonly ComponentChildren[]): ComponentChildren =>
  body.length === 0 ? undefined : h('section', null, h('h2', null, title), ...body);

const details = (title: string, ...body: readonly ComponentChildren[]): ComponentChildren =>
  h('details', null, h('summary', null, title), ...body);

/** A list behind its title and length. */
const listed = (title: string, items: readonly string[]): ComponentChildren =>
  details(`${title}: ${items.length}`, h('ul', null, ...items.map((item) => h('li', null, item))));

/** The table of such lines, or nothing where there are none. */
const rows = (
  head: readonly string[],
  lines: readonly (readonly [string, ...(string | number)[]])[],
  caption = '',
): readonly ComponentChildren[] =>
  lines.length === 0
    ? []
    : [
        htmlTable(
          caption,
          head,
          lines.map(([name, ...values]) => [name, ...values.map(cellOf)] as const),
        ),
      ];

const cellOf = (value: string | number): TableCell =>
  typeof value === 'number' ? { text: number(value), tone: 'number' } : { text: value };

function findingHtml(bucket: Bucket, picture: ComponentChildren): ComponentChildren {
  const { best, property, count, targets, standing } = bucket;
  return h(
    'article',
    null,
    h('h3', null, h('code', null, property), `, ${best.steps} actions, bucket ${bucket.bucket}`),
    h(
      'p',
      null,
      `${best.says}. Found ${number(count)} times, under ${targets.join(', ')}. ${standingSays(standing)}.`,
    ),
    commandHtml(bucket),
    picture,
  );
}

const knownHtml = (
  { says, properties, buckets, findings, shortest }: KnownGroup,
  picture: ComponentChildren,
): ComponentChildren =>
  details(
    `${says}: ${counted(findings, 'finding')} in ${counted(buckets, 'bucket')}, shortest ${shortest.best.steps} actions`,
    h('p', null, `Breaks ${properties.join(', ')}. ${shortest.best.says}.`),
    commandHtml(shortest),
    picture,
  );

function commandHtml(bucket: Bucket): ComponentChildren {
  const command = replayCommand(bucket);
  return command === undefined ? undefined : h('pre', null, command);
}

/** The run as the viewer draws it. A trace that cannot be read costs its picture, not the report. */
function pictureOrNone({ folder, file }: Bucket): ComponentChildren {
  if (file === undefined) return undefined;
  try {
    const trace = readTrace(readFileSync(path.join(folder, 'findings', file), 'utf8'));
    if ('error' in trace) return h('p', null, `No picture: ${trace.error}`);
    const svg = pictureOf(pageOf(replayTrace(trace), '', FEW_CONTINUATIONS));
    return h('figure', { dangerouslySetInnerHTML: { __html: svg } });
  } catch (thrown) {
    return h('p', null, `No picture: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function engineTable({ crashes, differences, raw }: Night): readonly ComponentChildren[] {
  const line = (
    what: string,
    { target, batch, run, seed }: RunName,
    says: string,
  ): readonly [string, ...string[]] => [what, target, `batch ${batch}, run ${run}`, String(seed), says];
  return rows(
    ['what', 'target', 'run', 'seed', 'says'],
    [
      ...crashes.map((one) => line('crash', one, one.says)),
      ...differences.map((one) => line('not the same', one, `step ${one.step}, ${one.field}: ${one.says}`)),
      ...raw.map((one) => line('not made small', one, `${one.property}: ${one.says}`)),
    ],
  );
}

function ranHtml(night: Night): readonly ComponentChildren[] {
  const ran = night.targets.filter(({ runs }) => runs > 0);
  const idle = night.targets.filter(({ runs }) => runs === 0).map(({ id }) => id);
  const head = ['runs', 'steps', 'seconds of workers', 'of these minimising', 'broken runs'];
  const groups = (
    nameOf: (target: (typeof ran)[number]) => string,
  ): (readonly [string, ...(string | number)[]])[] =>
    groupsOf(ran, nameOf).map(({ name, runs, steps, seconds, minimising, broken }) => [
      name,
      runs,
      steps,
      seconds,
      minimising,
      broken,
    ]);
  return [
    h('p', null, `${ran.length} of ${night.targets.length} targets; ${mostSays(night)}.`),
    ...rows(
      ['strategy', ...head],
      groups(({ strategy }) => strategy),
      'By strategy.',
    ),
    ...rows(
      ['configuration', ...head],
      groups(({ configuration }) => configuration),
      'By configuration.',
    ),
    details(
      'Every target',
      ...rows(
        [
          'target',
          'expects',
          'runs',
          'steps',
          'abstract states',
          'longest run, ms',
          'heap, MB',
          'broken runs',
        ],
        ran.map((target) => [
          target.id,
          target.expects,
          target.runs,
          target.steps,
          target.states,
          target.longestRunMs,
          target.heapMb,
          brokenSays(target.brokenIn),
        ]),
      ),
    ),
    ...(idle.length === 0 ? [] : [listed('Targets that got no time', idle)]),
  ];
}

function coverageHtml({ coverage, repeated, differences }: Night): readonly ComponentChildren[] {
  const { taken, pairs, states, witnesses } = coverage;
  return [
    h(
      'p',
      null,
      `${Object.keys(taken).length} kinds of action, ${number(pairs)} pairs of them, ${number(states)} abstract states; ` +
        `${number(repeated)} runs repeated and compared, ${differences.length} differences.`,
    ),
    details('Actions taken', ...rows(['action', 'steps'], Object.entries(taken))),
    listed('Actions never taken', coverage.neverTaken),
    listed('Guards that refused', coverage.guards),
    listed('Conditions of rules never seen to refuse', coverage.guardsNeverRefused),
    listed('Witnesses met', witnesses.met),
    listed('Witnesses never met', witnesses.unmet),
  ];
}

const trendTable = (night: Night, earlier: readonly Earlier[]): readonly ComponentChildren[] =>
  rows(
    ['night', 'verdict', 'runs', 'steps/s', 'abstract states', 'pairs', 'new findings'],
    [...earlier, night].map(({ began, verdict, runs, steps, seconds, coverage, buckets }) => [
      began,
      verdict,
      runs,
      steps / Math.max(seconds, 0.1),
      coverage.states,
      coverage.pairs,
      buckets.filter(({ standing }) => standing.kind === 'new').length,
    ]),
  );
