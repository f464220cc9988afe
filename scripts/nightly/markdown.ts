/** The morning's report as Markdown, for the summary of a job. */
import path from 'node:path';
import { commandLine } from '../invocation.ts';
import type { Earlier } from './earlier.ts';
import type { Bucket, Night } from './night.ts';
import { groupsOf, inShort, knownGroups, mostSays, number, standingSays } from './words.ts';

const cell = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : [row(head), row(head.map(() => '---')), ...rows.map(row), ''];

const SHOWN = 40;

export function markdownOf(night: Night, earlier: readonly Earlier[]): string {
  const { coverage } = night;
  const fresh = night.buckets.filter(({ standing }) => standing.kind === 'new');
  return [
    `# Night of ${night.began}: ${night.verdict}`,
    '',
    ...(night.because.length === 0
      ? ['Every expectation met.']
      : night.because.map(({ verdict, says }) => `- **${verdict}**: ${cell(says)}`)),
    '',
    `${inShort(night)}.`,
    '',
    ...(fresh.length === 0 ? [] : ['## New findings', '', ...fresh.flatMap(findingLines)]),
    ...crashLines(night),
    ...canaryLines(night),
    '## Known findings',
    '',
    ...orNone(
      table(
        ['known by', 'breaks', 'buckets', 'findings made small', 'shortest'],
        knownGroups(night).map(({ says, properties, buckets, findings, shortest }) => [
          says,
          properties.join(', '),
          number(buckets),
          number(findings),
          `${shortest.best.steps} actions`,
        ]),
      ),
    ),
    ...expiredLines(night),
    '## What ran',
    '',
    ...whatRan(night),
    '## Coverage',
    '',
    `- kinds of action taken: ${Object.keys(coverage.taken).length}${never(coverage.neverTaken)}`,
    `- pairs of actions: ${number(coverage.pairs)}; abstract states: ${number(coverage.states)}`,
    `- guards that refused: ${coverage.guards.length}; conditions of rules never seen to refuse: ${coverage.guardsNeverRefused.length}`,
    `- witnesses: ${coverage.witnesses.met.length} met${never(coverage.witnesses.unmet)}`,
    `- repeated and compared: ${number(night.repeated)} runs, ${night.differences.length} differences`,
    '',
    ...trendLines(night, earlier),
  ].join('\n');
}

const never = (names: readonly string[]): string =>
  names.length === 0 ? '' : `; never: ${names.join(', ')}`;
const orNone = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['None.', ''] : lines);

function whatRan(night: Night): string[] {
  const ran = night.targets.filter(({ runs }) => runs > 0);
  const strategies = groupsOf(ran, ({ strategy }) => strategy);
  const configurations = groupsOf(
    ran.filter(({ expects }) => expects !== 'canary'),
    ({ configuration }) => configuration,
  );
  return [
    `${ran.length} of ${night.targets.length} targets; ${mostSays(night)}. Every target stands in report.json.`,
    '',
    ...table(
      ['strategy', 'runs', 'steps', 'seconds of workers', 'of these minimising', 'broken runs'],
      strategies.map(({ name, runs, steps, seconds, minimising, broken }) => [
        name,
        number(runs),
        number(steps),
        number(seconds),
        number(minimising),
        broken,
      ]),
    ),
    ...table(
      ['release and faults', 'expects', 'runs', 'steps', 'broken runs'],
      configurations.map(({ name, expects, runs, steps, broken }) => [
        name,
        expects,
        number(runs),
        number(steps),
        broken,
      ]),
    ),
  ];
}

/** The line that replays a finding. */
export const replayCommand = ({ folder, file }: Pick<Bucket, 'folder' | 'file'>): string | undefined =>
  file === undefined ? undefined : commandLine('replay', [path.join(folder, 'findings', file)]);

function findingLines(bucket: Bucket): string[] {
  const { best, property, count, targets } = bucket;
  const command = replayCommand(bucket);
  return [
    `### \`${property}\`, ${best.steps} actions (bucket ${bucket.bucket})`,
    '',
    cell(best.says),
    '',
    `Found ${number(count)} times, under ${targets.join(', ')}. ${standingSays(bucket.standing)}.`,
    ...(command === undefined ? [] : ['', '```sh', command, '```']),
    '',
  ];
}

function crashLines(night: Night): string[] {
  const lines = [
    ...night.crashes.map((line) => [
      'crash',
      line.target,
      `batch ${line.batch}, run ${line.run}`,
      String(line.seed),
      line.says,
    ]),
    ...night.differences.map((line) => [
      'not the same',
      line.target,
      `batch ${line.batch}, run ${line.run}`,
      String(line.seed),
      `step ${line.step}, ${line.field}: ${line.says}`,
    ]),
    ...night.raw.map((line) => [
      'not made small',
      line.target,
      `batch ${line.batch}, run ${line.run}`,
      String(line.seed),
      `${line.property}: ${line.says}`,
    ]),
  ];
  const shown = table(['what', 'target', 'run', 'seed', 'says'], lines.slice(0, SHOWN));
  if (shown.length === 0) return [];
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more.`, ''] : [];
  return ['## The engine itself', '', ...shown, ...more];
}

const canaryLines = ({ canaries }: Night): string[] =>
  canaries.length === 0
    ? []
    : [
        '## Canaries',
        '',
        ...table(
          ['canary', 'has to break', 'fresh finds'],
          canaries.map(({ id, property, finds }) => [id, property, finds === 0 ? '**none**' : number(finds)]),
        ),
      ];

const expiredLines = ({ expired }: Night): string[] =>
  expired.length === 0
    ? []
    : [
        ...expired.map(
          ({ bucket, property, expires }) =>
            `- known.json: ${bucket} (${property}) has expired on ${expires}`,
        ),
        '',
      ];

function trendLines(night: Night, earlier: readonly Earlier[]): string[] {
  if (earlier.length === 0) return [];
  const rows = [...earlier, night].map(({ began, verdict, runs, steps, seconds, coverage, buckets }) => [
    began,
    verdict,
    number(runs),
    number(steps / Math.max(seconds, 0.1)),
    number(coverage.states),
    number(coverage.pairs),
    String(buckets.filter(({ standing }) => standing.kind === 'new').length),
  ]);
  return [
    '## Against earlier nights',
    '',
    ...table(['night', 'verdict', 'runs', 'steps/s', 'abstract states', 'pairs', 'new findings'], rows),
  ];
}
