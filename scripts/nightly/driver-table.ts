/** The board of known bugs and drivers as it stands in the README of the traces. */
import { EXHAUSTIVE, MEASURED, nameOf, savedRuns } from '../../traces/index.ts';
import { IN_BOUNDS } from './driver-board.ts';
import {
  isMissed,
  medianOf,
  SEEDS_WITHOUT_A_FIND,
  SEEDS_WITHOUT_AN_OWN_FIND,
  type Scores,
  type Try,
} from './scoreboard.ts';

const BEGIN = '<!-- drivers:begin -->';
const END = '<!-- drivers:end -->';

/** The page with the table of these scores between its two marks. Throws where a mark is missing. */
export const withDriverScores = (page: string, scores: Scores): string =>
  between(page, BEGIN, driverTable(scores), END);

/** The page with this text between two marks. Throws where one is missing. */
export function between(page: string, begin: string, text: string, end: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

export function driverTable({ limit, rows, node }: Scores): string {
  const drivers = [...new Set(rows.map(({ strategy }) => strategy))];
  const bugs = [...new Set(rows.map(({ subject }) => subject))];
  const kept = new Map(savedRuns().map(({ name, trace }) => [name, trace]));
  const triesOf = (bug: string, driver: string): readonly Try[] =>
    rows.find((row) => row.subject === bug && row.strategy === driver)?.tries ?? [];
  const body = bugs.map((bug) => {
    const trace = kept.get(`saved/${bug}`);
    const isOpen = trace?.minimal !== 'shortest';
    const shortest = trace === undefined ? '' : `${trace.actions.length}${isOpen ? ' ?' : ''}`;
    const rest = bug.endsWith(IN_BOUNDS) ? ['', ''] : [exhaustive(bug, limit), shortest];
    return [bug, ...drivers.map((driver) => cell(triesOf(bug, driver))), ...rest];
  });
  const head = ['bug', ...drivers, 'exhaustive', 'shortest'];
  const seeds = Math.max(0, ...rows.map(({ tries }) => tries.length));
  const isDrawn = (bug: string): boolean => drivers.some((driver) => !triesOf(bug, driver).every(isMissed));
  const missed = bugs.filter(
    (bug) => !bug.endsWith(IN_BOUNDS) && !isDrawn(bug) && !isDrawn(`${bug}${IN_BOUNDS}`),
  );
  return [
    `Found in how many seeds within ${limit} CPU seconds; median of schedules, of CPU seconds, and of actions once minimised. ` +
      `${seeds} seeds, ${SEEDS_WITHOUT_A_FIND} at the most for what nobody had found by then, ${SEEDS_WITHOUT_AN_OWN_FIND} for a driver that had not found it itself; Node ${node}. ` +
      `Exhaustive: states, CPU seconds and actions within the bounds above, in parentheses where it took longer. Shortest: the kept run, with a question mark where a shorter one is not excluded.`,
    '',
    ...[head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Found by no driver that draws: ${missed.length === 0 ? 'none' : missed.join(', ')}.`,
  ].join('\n');
}

/** Found in how many; where that is more than half, the medians; and the length once minimised. */
export function cell(tries: readonly Try[]): string {
  if (tries.length === 0) return '';
  const found = tries.filter((one) => !isMissed(one));
  const rate = `${found.length}/${tries.length}`;
  const schedules = medianOf(tries, (one) => one.schedules);
  const seconds = medianOf(tries, (_, own) => own);
  const lengths = found.flatMap(({ actions = [] }) => actions).toSorted((a, b) => a - b);
  const length = lengths[Math.floor((lengths.length - 1) / 2)];
  return [
    rate,
    ...(schedules === undefined || seconds === undefined
      ? []
      : [String(schedules), `${seconds.toFixed(2)} s`]),
    ...(length === undefined ? [] : [`${length} actions`]),
  ].join(', ');
}

/** The quickest of the searches that find it. */
export function exhaustive(bug: string, limit: number): string {
  const [quickest] = EXHAUSTIVE.filter(({ shownBy }) => shownBy === bug)
    .flatMap((find) => MEASURED[nameOf(find)] ?? [])
    .toSorted((a, b) => a.seconds - b.seconds);
  if (quickest === undefined) return '';
  const { states, seconds, actions } = quickest;
  const says = `${states} states, ${seconds.toFixed(1)} s, ${actions} actions`;
  return seconds <= limit ? says : `(${says})`;
}
