/** One step of a run for a terminal: a column per broker, the controller, the sentence; and its differences. */
import { changesAt } from './fields.ts';
import { stateAt, type Film } from './film.ts';
import { departuresOf, stripsAt, type Cell, type Strip } from './layout/strips.ts';
import type { Break } from './page-data.ts';
import { sentenceAt } from './sentence.ts';
import { partyName, type Message } from '../../model/index.ts';
import type { Paint } from '../render.ts';

/** Records of a log that a column shows, newest last. */
const OFFSETS = 8;
const COLUMN_LEAST = 18;
const COLUMN_MOST = 30;

export interface StepTextOptions {
  readonly paint: Paint;
  readonly width: number;
}

/** What is on the screen after `step`. */
export function stepText(
  film: Film,
  breaks: readonly Break[],
  step: number,
  options: StepTextOptions,
): string {
  const { paint, width } = options;
  const { strips, committed, keeper, leader, leaderEpoch, isr, elr, start } = stripsAt(
    film,
    departuresOf(film),
    step,
    OFFSETS,
  );
  const column = Math.min(
    COLUMN_MOST,
    Math.max(COLUMN_LEAST, Math.floor(width / Math.max(1, strips.length))),
  );
  const cells = strips.map((strip) => columnOf(strip, start));
  const height = Math.max(0, ...cells.map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) =>
    cells
      .map((lines) => cut(lines[row] ?? '', column - 2).padEnd(column))
      .join('')
      .trimEnd(),
  );
  const elected = leader < 0 ? 'nobody leads' : `broker ${leader} leads`;
  const names = committed.map(({ record, acknowledged }) => `r${record}${acknowledged ? '✓' : ''}`);
  const messages = stateAt(film, step).channels.flat().map(inFlight);
  return [
    paint.bold(`step ${step} of ${film.end}: ${sentenceAt(film, step)}`),
    ...breaks
      .filter((broken) => broken.step === step)
      .map(({ property, says }) => paint.red(`*** ${property} is broken: ${says}`)),
    '',
    ...rows.map((row, i) => (i === 0 ? paint.bold(row) : row)),
    '',
    `${keeper}: ${elected} in epoch ${leaderEpoch}, ISR [${isr.join(' ')}]${elr.length === 0 ? '' : `, ELR [${elr.join(' ')}]`}`,
    `committed:  ${names.join(' ') || 'nothing'}`,
    `in flight:  ${messages.join(', ') || 'nothing'}`,
  ].join('\n');
}

/** A broker from top to bottom: what it is, then its log, oldest record first. */
function columnOf(strip: Strip, start: number): string[] {
  const { broker, standing, counts, cells, highWatermark, logEnd } = strip;
  const water = '── HW ──';
  const log = cells.flatMap((cell) => [...(cell.offset === highWatermark ? [water] : []), cellLine(cell)]);
  if (highWatermark !== undefined && !cells.some(({ offset }) => offset === highWatermark)) {
    if (highWatermark <= start && cells.length > 0) log.unshift(water);
    else log.push(water);
  }
  return [`broker ${broker}`, standing, counts.join(' ') || '-', `log end ${logEnd}`, ...log];
}

function cellLine({ offset, record, epoch, fate, acknowledged }: Cell): string {
  const name = `${offset}: r${record}${acknowledged ? '✓' : ''}`;
  switch (fate) {
    case 'held':
      return `${name} e${epoch}`;
    case 'diverged':
      return `${name} e${epoch} ≠`;
    case 'lost':
      return `${name} ✗ gone`;
    case 'missing':
      return `${name} ✗ lacks`;
    case 'gone':
      return `(${name} gone)`;
    case 'deleted':
      return `(${name} deleted)`;
  }
}

const inFlight = ({ kind, from, to }: Message): string => `${kind} ${partyName(from)} → ${partyName(to)}`;

/** What the step changed, a field per line. */
export function stepChanges(film: Film, step: number, { paint, width }: StepTextOptions): string {
  const changes = changesAt(film, step);
  if (changes.length === 0) return 'no field changes';
  return changes
    .map(({ field, before, after }) => {
      const values =
        before === undefined
          ? `+ ${after ?? ''}`
          : after === undefined
            ? `- ${before}`
            : `${before} → ${after}`;
      return `${paint.dim(field)}: ${cut(values, Math.max(20, width - field.length - 2))}`;
    })
    .join('\n');
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
