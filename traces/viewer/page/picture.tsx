/** A run on one sheet: lanes, sentences, and the logs as they are at one step. An SVG that stands on its own. */
import type { JSX } from 'preact';
import type { Film } from '../film.ts';
import { gridOf, heightOf, widthOf, yOf, type Chart } from '../layout/chart.ts';
import { departuresOf, stripsAt } from '../layout/strips.ts';
import type { PageData } from '../page-data.ts';
import { sentenceAt } from '../sentence.ts';
import { Diagram, LaneNames, Patterns, RowLines } from './diagram.tsx';
import { OFFSETS, LEGEND, stripsHeight, StripView } from './strip-view.tsx';

interface Props {
  readonly data: PageData;
  readonly film: Film;
  readonly chart: Chart;
  /** The step whose logs are drawn. */
  readonly step: number;
  /** The rules of drawing.css: an SVG file has no other place for them. */
  readonly style: string;
}

const ROW = 34;
const COLUMN = 92;
const NUMBERS = 34;
const MARGIN = 18;
const SENTENCE = 470;
/** Characters of a line of a sentence, and of a line of the head. */
const SENTENCE_CHARACTERS = 77;
const CHARACTER = 7;
/** Steps that a picture shows at most; a longer one fits no screen and no canvas. */
const STEPS = 120;

export function Picture({ data, film, chart, step, style }: Props): JSX.Element {
  const [from, to] = rangeOf(film, step);
  const grid = gridOf(chart, from, to, ROW, COLUMN);
  const width = MARGIN * 2 + NUMBERS + widthOf(grid) + SENTENCE;
  const note = from === 0 && to === film.end ? [] : [`Steps ${from} to ${to} of ${film.end}.`];
  const head = wrapped(
    [data.note ?? '', data.promise, data.under, ...note].filter((line) => line !== ''),
    Math.floor((width - 2 * MARGIN) / CHARACTER),
  );
  const top = 34 + head.length * 17 + 30;
  const strips = stripsAt(film, departuresOf(film), step, OFFSETS);
  const breaks = data.breaks.filter((broken) => broken.step <= step);
  const ends = wrapped(
    breaks.map(({ property, says, step: at }) => `✗ step ${at}, ${property}: ${says}`),
    Math.floor((width - 2 * MARGIN) / CHARACTER) - 2,
  );
  const legend = wrapped([LEGEND], Math.floor((width - 2 * MARGIN) / 6.1));
  const below = top + heightOf(grid) + 30;
  const stripsTop = below + 14;
  const endsTop = stripsTop + stripsHeight(strips) + 24;
  const legendTop = endsTop + ends.length * 17 + 6;
  const height = legendTop + legend.length * 14 + MARGIN;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class="drawing"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
    >
      <title>{`${data.title}: ${data.note ?? data.promise}`}</title>
      <style>{plainColours(style)}</style>
      <Patterns />
      <rect class="paper" width={width} height={height} rx="8" />
      <text class="heading" x={MARGIN} y={28}>
        {data.title}
      </text>
      {head.map((line, i) => (
        <text key={i} class={i === 0 ? undefined : 'faint'} x={MARGIN} y={48 + i * 17}>
          {line}
        </text>
      ))}
      <g transform={`translate(${MARGIN} ${top})`}>
        <RowLines grid={grid} width={width - 2 * MARGIN} />
        {Array.from({ length: to - from + 1 }, (_, i) => from + i).map((at) => (
          <Sentence
            key={at}
            data={data}
            film={film}
            step={at}
            x={NUMBERS + widthOf(grid) + 14}
            y={yOf(grid, at)}
          />
        ))}
        <g transform={`translate(${NUMBERS} 0)`}>
          <LaneNames chart={chart} grid={grid} y={-8} />
          <Diagram film={film} chart={chart} grid={grid} />
        </g>
      </g>
      <text class="strong" x={MARGIN} y={below}>
        {`The logs after step ${step}`}
      </text>
      <g transform={`translate(${MARGIN} ${stripsTop})`}>
        <StripView strips={strips} />
      </g>
      {ends.map((line, i) => (
        <text key={i} class="alarm" x={MARGIN} y={endsTop + i * 17}>
          {line}
        </text>
      ))}
      {legend.map((line, i) => (
        <text key={i} class="small faint" x={MARGIN} y={legendTop + i * 14}>
          {line}
        </text>
      ))}
    </svg>
  );
}

/** Not every program that draws an SVG knows custom properties: on its own a picture has the colours themselves. */
const plainColours = (style: string): string => style.replaceAll(/var\(--[\w-]+, ([^)]+)\)/g, '$1');

interface SentenceProps {
  readonly data: PageData;
  readonly film: Film;
  readonly step: number;
  readonly x: number;
  readonly y: number;
}

function Sentence({ data, film, step, x, y }: SentenceProps): JSX.Element {
  const { cause, noReturn, violation } = data.landmarks;
  const signs = [
    ...(step === cause ? ['▲ cause'] : []),
    ...(step === noReturn ? ['● no way back'] : []),
    ...(step === violation ? ['✗ broken'] : []),
  ];
  const says = signs.length === 0 ? sentenceAt(film, step) : `${signs.join(', ')}: ${sentenceAt(film, step)}`;
  const lines = wrapped([says], SENTENCE_CHARACTERS).slice(0, 3);
  const first = y + 4 - ((lines.length - 1) * 12) / 2;
  return (
    <g>
      <text class="faint" x={NUMBERS - 10} y={y + 4} text-anchor="end">
        {step}
      </text>
      {lines.map((line, i) => (
        <text key={i} class={signs.length === 0 ? 'small' : 'small alarm'} x={x} y={first + i * 12}>
          {line}
        </text>
      ))}
    </g>
  );
}

/** The whole run, or of a long one the steps that lead to `step`. */
function rangeOf({ end }: Film, step: number): readonly [number, number] {
  if (end <= STEPS) return [0, end];
  const to = Math.min(end, Math.max(STEPS, step + 5));
  return [to - STEPS, to];
}

/** Breaks lines at spaces; a word that is too long is broken too. */
function wrapped(lines: readonly string[], characters: number): string[] {
  return lines.flatMap((line) => {
    const out: string[] = [];
    let current = '';
    for (const word of line
      .split(' ')
      .flatMap((long) => long.match(new RegExp(`.{1,${characters}}`, 'gu')) ?? [])) {
      if (current !== '' && current.length + 1 + word.length > characters) {
        out.push(current);
        current = word;
      } else {
        current = current === '' ? word : `${current} ${word}`;
      }
    }
    return [...out, current];
  });
}
