/** What scenarios have shown, as text for people. */
import type { Paint } from '../../traces/index.ts';
import type { Count, Span } from '../scenarios/index.ts';
import { chart } from './chart.ts';
import type { Figures } from './judge.ts';
import { governing, type ScenarioOutcome } from './outcome.ts';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const span = ([least, most]: Span): string =>
  least === 0 ? `at most ${seconds(most)}` : `${seconds(least)} to ${seconds(most)}`;
const both = ({ median, worst }: Figures): string =>
  median === worst ? seconds(worst) : `${seconds(median)} median, ${seconds(worst)} worst`;

/** Of counts the median is seldom of interest where there are none. */
const counted = ({ median, worst }: Figures, what: string): string =>
  worst === 0 ? `0 ${what}` : median === worst ? `${worst} ${what}` : `${median} to ${worst} ${what}`;

const COUNT: Readonly<Record<Count, string>> = { none: 'none', some: 'some', any: 'by chance' };

/** Everything about one scenario. */
export function detail(outcome: ScenarioOutcome, paint: Paint, width: number): string {
  const { scenario, expected, judged, seeds, single, trace } = outcome;
  const { fates, broken } = judged;
  const ids = Object.keys(broken).sort();
  const governed = Object.entries(governing(outcome)).map(([key, value]) => `${key}=${String(value)}`);
  const lines = [
    paint.bold(`${scenario.name}: ${scenario.title}`),
    `  producers stood still  ${both(judged.producers)}; expected ${span(expected.producers)}`,
    `  consumers stood still  ${both(judged.consumers)}; expected ${span(expected.consumers)}`,
    `  as usual again after   ${both(judged.asUsualAfter)}`,
    `  records                ${[
      counted(fates.acknowledged, 'acknowledged'),
      counted(fates.lost, `of them lost (expected ${COUNT[expected.lost ?? 'none']})`),
      counted(fates.duplicates, `delivered twice (${COUNT[expected.duplicates ?? 'none']})`),
      counted(fates.gaps, `never delivered (${COUNT[expected.gaps ?? 'none']})`),
      counted(fates.reordered, `out of order (${COUNT[expected.reordered ?? 'none']})`),
      counted(fates.failed, `reported as failed (${COUNT[expected.failed ?? 'none']})`),
    ].join(', ')}`,
    ...(ids.length === 0
      ? []
      : [
          `  broke                  ${ids.map((id) => `${id} in ${broken[id] ?? 0}`).join(', ')} of ${seeds.length} runs`,
        ]),
    `  governed by            ${governed.join(', ')}`,
    `  because                ${expected.because}`,
    ...(single === undefined ? [] : chart(single.measured.metrics, width).map((line) => `  ${line}`)),
    ...(trace === undefined ? [] : [`  saved to ${trace}`]),
    verdictLine(outcome, paint),
  ];
  return lines.join('\n');
}

function verdictLine({ judged }: ScenarioOutcome, paint: Paint): string {
  if (judged.verdict === 'as-expected') return `  ${paint.bold('as-expected')}`;
  return judged.unexpected.map((what) => `  ${paint.red('unexpected')}: ${what}`).join('\n');
}

const HEAD = [
  'scenario',
  'producers',
  'consumers',
  'as usual',
  'lost',
  'twice',
  'gaps',
  'order',
  '',
] as const;

/** One line for each scenario: medians and worst. */
export function table(outcomes: readonly ScenarioOutcome[], paint: Paint): string {
  const pair = ({ median, worst }: Figures): string =>
    `${(median / 1_000).toFixed(1)} / ${(worst / 1_000).toFixed(1)}`;
  const rows = outcomes.map(({ scenario, judged }) => [
    scenario.name,
    pair(judged.producers),
    pair(judged.consumers),
    pair(judged.asUsualAfter),
    String(judged.fates.lost.worst),
    String(judged.fates.duplicates.worst),
    String(judged.fates.gaps.worst),
    String(judged.fates.reordered.worst),
    judged.verdict,
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    paint.dim(line(HEAD)),
    ...rows.map(line),
    paint.dim('standstill in s of virtual time, median / worst; records: worst'),
    ...outcomes.flatMap((outcome) =>
      outcome.judged.verdict === 'as-expected'
        ? []
        : [`${outcome.scenario.name}:`, verdictLine(outcome, paint)],
    ),
  ].join('\n');
}
