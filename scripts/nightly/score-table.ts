/** The scoreboard as it stands in the README of the strategies. */
import { STRATEGIES } from '../../properties/index.ts';
import { medianOf, type Scores, type ScoreRow, type Try } from './scoreboard.ts';

const BEGIN = '<!-- scores:begin -->';
const END = '<!-- scores:end -->';

/** The page with the table of these scores between its two marks. Throws where a mark is missing. */
export function withScores(page: string, scores: Scores): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new RangeError(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${tableOf(scores)}\n\n${page.slice(end)}`;
}

/** Everything is compared with it. */
const BASE = 'random';

export function tableOf({ limit, rows, node }: Scores): string {
  const columns = [...new Set(rows.map(({ strategy }) => strategy))];
  const subjects = [...new Map(rows.map(({ subject, kind }) => [subject, kind]))];
  const triesOf = (subject: string, strategy: string): readonly Try[] =>
    rows.find((row) => row.subject === subject && row.strategy === strategy)?.tries ?? [];
  const kept: readonly string[] = STRATEGIES;
  const head = [
    'broken',
    'kind',
    ...columns.map((name) => (kept.includes(name) ? name : `${name} (removed)`)),
  ];
  const body = subjects.map(([subject, kind]) => {
    const tries = columns.map((strategy) => triesOf(subject, strategy));
    const best = Math.max(...tries.map(rateOf));
    return [subject, kind, ...tries.map((own) => cellText(own, rateOf(own) === best && best > 0))];
  });
  const ofKind = (kind: ScoreRow['kind'], strategy: string): readonly Try[] =>
    rows.filter((row) => row.kind === kind && row.strategy === strategy).flatMap(({ tries }) => tries);
  const total = (kind: ScoreRow['kind']): string[] =>
    columns.map((strategy) => {
      const all = ofKind(kind, strategy);
      const mean = all.reduce((sum, { seconds }) => sum + (seconds ?? limit), 0) / Math.max(all.length, 1);
      return `${foundIn(all)}/${all.length}, ${mean.toFixed(2)} s`;
    });
  const against = columns.map((strategy) => {
    if (strategy === BASE) return '';
    const sides = subjects.map(([subject]) => sideOf(triesOf(subject, strategy), triesOf(subject, BASE)));
    const count = (side: number): number => sides.filter((one) => one === side).length;
    return `${count(1)} and ${count(-1)}`;
  });
  const subjectwise = columns.map((strategy) => {
    if (strategy === BASE) return '';
    const gains = subjects.map(([subject]) => gainOf(triesOf(subject, strategy), triesOf(subject, BASE)));
    const more = gains.filter((gain) => gain > 0).length;
    const fewer = gains.filter((gain) => gain < 0).length;
    return `${more} and ${fewer}, p = ${signTest(more, fewer).toPrecision(1)}`;
  });
  const alone = columns.map((strategy) => {
    const only = subjects.filter(
      ([subject]) =>
        foundIn(triesOf(subject, strategy)) > 0 &&
        columns.every((other) => other === strategy || foundIn(triesOf(subject, other)) === 0),
    );
    return String(only.length);
  });
  const table = [
    head,
    head.map(() => '---'),
    ...body,
    ['**all bugs**: found, mean time', '', ...total('bug')],
    ['**all held out**: found, mean time', '', ...total('held out')],
    [`**found in more and in fewer seeds than by ${BASE}**, sign test`, '', ...subjectwise],
    ['**of these by Fisher’s test, p < 0.05**', '', ...against],
    ['**found by no other**', '', ...alone],
  ];
  const seeds = Math.max(0, ...rows.map(({ tries }) => tries.length));
  return [
    `Found in how many seeds; median of schedules; median of seconds on one core, of at most ${limit}. ` +
      `The best found rate is bold. ${seeds} seeds, ${rows.reduce((sum, { tries }) => sum + tries.length, 0)} tries, Node ${node}.`,
    '',
    ...table.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');
}

const foundIn = (tries: readonly Try[]): number => tries.filter(({ seconds }) => seconds !== null).length;

const rateOf = (tries: readonly Try[]): number => foundIn(tries) / Math.max(tries.length, 1);

function cellText(tries: readonly Try[], isBest: boolean): string {
  if (tries.length === 0) return '';
  const rate = `${foundIn(tries)}/${tries.length}`;
  const schedules = medianOf(tries, (one) => one.schedules);
  const seconds = medianOf(tries, (_, own) => own);
  const medians =
    schedules === undefined || seconds === undefined ? '' : `, ${schedules}, ${seconds.toFixed(2)} s`;
  return `${isBest ? `**${rate}**` : rate}${medians}`;
}

/** In how many more seeds the first found it, of those that both were given. */
export function gainOf(first: readonly Try[], second: readonly Try[]): number {
  const both = Math.min(first.length, second.length);
  return foundIn(first.slice(0, both)) - foundIn(second.slice(0, both));
}

const SIGNIFICANT = 0.05;

/** 1 where the first finds significantly more often, -1 where the second does, 0 where nobody can tell. */
export function sideOf(first: readonly Try[], second: readonly Try[]): -1 | 0 | 1 {
  const [a, b] = [foundIn(first), foundIn(second)];
  if (fisher(a, first.length, b, second.length) >= SIGNIFICANT) return 0;
  return a * second.length > b * first.length ? 1 : -1;
}

/** Fisher's exact test, two-sided: how likely such a difference is where both find equally often. */
export function fisher(a: number, ofA: number, b: number, ofB: number): number {
  const chance = (x: number): number =>
    Math.exp(logChoose(ofA, x) + logChoose(ofB, a + b - x) - logChoose(ofA + ofB, a + b));
  const own = chance(a);
  let sum = 0;
  for (let x = Math.max(0, a + b - ofB); x <= Math.min(ofA, a + b); x++) {
    // Equally likely ones count as well, whatever the last digit says.
    if (chance(x) <= own * (1 + 1e-9)) sum += chance(x);
  }
  return Math.min(sum, 1);
}

/** How likely such an uneven split of so many is where either side is as likely; two-sided. */
export function signTest(more: number, fewer: number): number {
  const of = more + fewer;
  let tail = 0;
  for (let x = 0; x <= Math.min(more, fewer); x++) tail += Math.exp(logChoose(of, x) - of * Math.LN2);
  return Math.min(1, 2 * tail);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
