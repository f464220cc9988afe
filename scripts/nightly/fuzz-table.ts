/** What fuzz finds of each known bug, as it stands in the README of the traces, with those that it does not always find. */
import { savedRuns } from '../../traces/index.ts';
import { IN_BOUNDS } from './driver-board.ts';
import { between, cell, exhaustive } from './driver-table.ts';
import { FUZZ } from './fuzz-board.ts';
import { isMissed, SEEDS_WITHOUT_A_FIND, type Scores, type Try } from './scoreboard.ts';

const BEGIN = '<!-- fuzz:begin -->';
const END = '<!-- fuzz:end -->';

/** The page with the table of these scores between its two marks. Throws where a mark is missing. */
export const withFuzzScores = (page: string, scores: Scores): string =>
  between(page, BEGIN, fuzzTable(scores), END);

export function fuzzTable({ limit, rows, node }: Scores): string {
  const triesOf = (subject: string): readonly Try[] =>
    rows.find((row) => row.subject === subject && row.strategy === FUZZ)?.tries ?? [];
  const boundedOf = (bug: string): readonly Try[] => triesOf(`${bug}${IN_BOUNDS}`);
  const seeds = Math.max(0, ...rows.map(({ tries }) => tries.length));
  const isSure = (tries: readonly Try[]): boolean => tries.length > 0 && !tries.some(isMissed);
  const bugs = rows.map(({ subject }) => subject).filter((subject) => !subject.endsWith(IN_BOUNDS));
  const sure = bugs.filter((bug) => isSure(triesOf(bug)));
  const within = bugs.filter((bug) => !sure.includes(bug) && isSure(boundedOf(bug)));
  const others = bugs.filter((bug) => !sure.includes(bug) && !within.includes(bug));
  return [
    `Found in how many of up to ${seeds} seeds within ${limit} seconds of one core, ${SEEDS_WITHOUT_A_FIND} seeds where none of those found it; ` +
      `where that is more than half, medians of schedules and of seconds; actions once minimised, median of the first seeds. Node ${node}.`,
    '',
    ...table([
      ['bug', 'under its own settings', 'within the bounds above'],
      ...bugs.map((bug) => [bug, cell(triesOf(bug)), cell(boundedOf(bug))]),
    ]),
    '',
    `Of ${bugs.length} bugs ${sure.length} are found from every seed that they got under settings of their own, ` +
      `${within.length} more within the bounds of their exhaustive search. Those that are not:`,
    '',
    ...table([
      ['bug', 'how rare it is among the runs of fuzz', 'shortest known run', 'by exhaustive search'],
      ...others.map((bug) => [
        bug,
        [rarity(triesOf(bug)), ...inBounds(boundedOf(bug))].join('; '),
        shortest(bug),
        exhaustive(bug, Infinity),
      ]),
    ]),
  ].join('\n');
}

const table = ([head = [], ...body]: readonly (readonly string[])[]): readonly string[] =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);

const inBounds = (tries: readonly Try[]): readonly string[] =>
  tries.length === 0 ? [] : [`within the bounds above ${rarity(tries)}`];

/** How many schedules it takes: those before a find count as well as those in vain. */
function rarity(tries: readonly Try[]): string {
  const schedules = tries.reduce((sum, one) => sum + one.schedules, 0);
  const found = tries.filter((one) => !isMissed(one)).length;
  const whole = (count: number): string => Math.round(count).toLocaleString('en-US');
  return found === 0 ? `none in ${whole(schedules)}` : `one in ${whole(schedules / found)}`;
}

/** Of the run that is kept. */
function shortest(bug: string): string {
  const length = savedRuns().find(({ name }) => name === `saved/${bug}`)?.trace.actions.length;
  return length === undefined ? '' : `${length} actions`;
}
