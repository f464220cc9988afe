/** The space-time diagram of some steps of a run. */
import type { JSX } from 'preact';
import type { Film } from '../film.ts';
import type { Arrow, Wait } from '../layout/arrows.ts';
import {
  exchangeLineOf,
  heightOf,
  isSeen,
  lineOf,
  widthOf,
  xOf,
  yOf,
  type Chart,
  type Grid,
  type Line,
} from '../layout/chart.ts';
import { placesOf, wordsOfMark } from '../layout/labels.ts';
import type { CutSpan, Lane, Span } from '../layout/lanes.ts';
import { marksOf, type Mark } from '../layout/marks.ts';
import { headColour, lineColour } from './colours.ts';

interface Props {
  readonly film: Film;
  readonly chart: Chart;
  readonly grid: Grid;
}

export function Diagram({ film, chart, grid }: Props): JSX.Element {
  const { lanes, spans, cuts, waits, exchanges, arrows } = chart;
  const frames = film.frames.slice(Math.max(0, grid.from - 1), grid.to);
  const seenExchanges = exchanges
    .filter(({ step }) => isSeen(grid, step, step))
    .map((exchange) => ({ exchange, line: exchangeLineOf(grid, exchange) }));
  const seenArrows = arrows
    .filter(({ sent, ended }) => isSeen(grid, sent, ended))
    .map((arrow) => ({ arrow, line: lineOf(grid, arrow) }));
  const labelled = [
    ...seenExchanges.map(({ exchange, line }) => ({ line, label: exchange.label })),
    ...seenArrows.map(({ arrow, line }) => ({ line, label: arrow.label })),
  ];
  const marks = [
    ...(grid.from === 0 ? leadersAtFirst(chart) : []).map((mark) => ({ step: 0, mark })),
    ...frames.flatMap((frame) => marksOf(frame, film).map((mark) => ({ step: frame.position, mark }))),
  ];
  const words = marks.map(({ step, mark }) => wordsOfMark(grid, step, mark.party, mark.says));
  return (
    <g>
      {lanes.map((lane, i) => (
        <LifeLine key={lane.party} grid={grid} lane={lane} spans={spans[i] ?? []} />
      ))}
      {cuts
        .filter(({ from, to }) => isSeen(grid, from, to))
        .map((cut) => (
          <CutLine key={`${cut.a} ${cut.b} ${cut.from}`} grid={grid} cut={cut} />
        ))}
      {waits
        .filter(({ from, to }) => isSeen(grid, from, to))
        .map((wait) => (
          <WaitLine key={`${wait.at} ${wait.from}`} grid={grid} wait={wait} />
        ))}
      {seenExchanges.map(({ exchange, line }) => (
        <ExchangeLine key={exchange.step} line={line} />
      ))}
      {seenArrows.map(({ arrow, line }) => (
        <ArrowLine key={`${arrow.kind} ${arrow.from} ${arrow.to} ${arrow.sent}`} line={line} arrow={arrow} />
      ))}
      {placesOf(labelled, words).map(({ x, y }, i) => (
        <text key={i} class="small halo" x={x} y={y} text-anchor="middle">
          {labelled[i]?.label}
        </text>
      ))}
      {marks.map(({ step, mark }) => (
        <MarkSign key={`${step} ${mark.party}`} grid={grid} step={step} mark={mark} />
      ))}
    </g>
  );
}

/** Bands are this wide. */
const BAND = 20;

function LifeLine({ grid, lane, spans }: { grid: Grid; lane: Lane; spans: readonly Span[] }): JSX.Element {
  const x = xOf(grid, lane.party);
  return (
    <g>
      {spans
        .filter(({ from, to }) => isSeen(grid, from, to + 1))
        .map((span) => {
          const y1 = Math.max(0, yOf(grid, span.from));
          const y2 = Math.min(heightOf(grid), yOf(grid, span.to + 1));
          const isIdle = span.life !== 'up' || (lane.sort === 'broker' && span.role === 'none');
          const kind = `life ${span.role} ${isIdle ? 'idle' : ''} ${lineColour(span.epoch)}`;
          return (
            <g key={span.from}>
              {(span.life === 'down' || span.life === 'paused' || span.life === 'stopped') && (
                <rect
                  class="band"
                  fill={span.life === 'paused' ? 'url(#stripes)' : undefined}
                  style={span.life === 'paused' ? { fill: 'url(#stripes)' } : undefined}
                  x={x - BAND / 2}
                  y={y1}
                  width={BAND}
                  height={Math.max(0, y2 - y1)}
                />
              )}
              {span.life !== 'down' && <line class={kind} x1={x} x2={x} y1={y1} y2={y2} />}
            </g>
          );
        })}
    </g>
  );
}

/** Patterns that bands and cells use; an SVG that shows either holds them once. */
export function Patterns(): JSX.Element {
  return (
    <defs>
      <pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse">
        <rect class="paper" width="8" height="8" />
        <rect class="band" width="8" height="4" />
      </pattern>
      <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="hatch-line" x1="0" y1="0" x2="0" y2="7" />
      </pattern>
    </defs>
  );
}

function CutLine({ grid, cut }: { grid: Grid; cut: CutSpan }): JSX.Element {
  // Between two lanes, so that it hides none; several cuts of one party stand side by side.
  const left = Math.min(xOf(grid, cut.a), xOf(grid, cut.b));
  const x = left + grid.column / 2 + (((cut.a * 3 + cut.b) % 5) - 2) * 4;
  return (
    <g>
      <title>{`nothing passes between ${cut.names}`}</title>
      <line
        class="cut"
        x1={x}
        x2={x}
        y1={Math.max(0, yOf(grid, cut.from))}
        y2={Math.min(heightOf(grid), yOf(grid, cut.to))}
      />
      {cut.from >= grid.from && (
        <line
          class="cut"
          x1={xOf(grid, cut.a)}
          x2={xOf(grid, cut.b)}
          y1={yOf(grid, cut.from)}
          y2={yOf(grid, cut.from)}
        />
      )}
    </g>
  );
}

function WaitLine({ grid, wait }: { grid: Grid; wait: Wait }): JSX.Element {
  const x = xOf(grid, wait.at) + 7;
  return <line class="arrow wait" x1={x} x2={x} y1={yOf(grid, wait.from)} y2={yOf(grid, wait.to)} />;
}

function ExchangeLine({ line }: { line: Line }): JSX.Element {
  return (
    <g>
      <line class="arrow exchange" {...line} />
      <Head line={line} epoch={-1} />
    </g>
  );
}

function ArrowLine({ line, arrow }: { line: Line; arrow: Arrow }): JSX.Element {
  const { x2, y2 } = line;
  return (
    <g>
      <line
        class={`arrow ${lineColour(arrow.epoch)} ${arrow.givenUp === undefined && arrow.fate !== 'under way' ? '' : 'stale'}`}
        {...line}
      />
      {arrow.fate === 'lost' && <path class="broken-off" d={`M${x2 - 4} ${y2 - 4}l8 8m0 -8l-8 8`} />}
      {arrow.fate === 'received' && <Head line={line} epoch={arrow.epoch} />}
    </g>
  );
}

function Head({ line, epoch }: { line: Line; epoch: number }): JSX.Element {
  const angle = (Math.atan2(line.y2 - line.y1, line.x2 - line.x1) * 180) / Math.PI;
  return (
    <path
      class={`head ${headColour(epoch)}`}
      d="M0 0l-7 -3.5v7z"
      transform={`translate(${tidy(line.x2)} ${tidy(line.y2)}) rotate(${tidy(angle)})`}
    />
  );
}

const tidy = (value: number): number => Math.round(value * 10) / 10;

/** Who leads when the run begins: no step says it. */
const leadersAtFirst = ({ lanes, spans }: Chart): readonly Mark[] =>
  lanes.flatMap(({ party }, i) => {
    const span = spans[i]?.[0];
    return span?.role === 'leader' ? [{ party, says: `leads e${span.epoch}`, sort: 'leader' as const }] : [];
  });

function MarkSign({ grid, step, mark }: { grid: Grid; step: number; mark: Mark }): JSX.Element {
  const { says, isLeft, x, y } = wordsOfMark(grid, step, mark.party, mark.says);
  return (
    <g>
      <path
        class={`mark ${mark.sort}`}
        transform={`translate(${xOf(grid, mark.party)} ${yOf(grid, step)})`}
        d={SIGNS[mark.sort]}
      />
      {says !== '' && (
        <text
          class={`small halo ${mark.sort === 'fault' || mark.sort === 'loss' ? 'alarm' : ''}`}
          x={x}
          y={y}
          text-anchor={isLeft ? 'end' : 'start'}
        >
          {says}
        </text>
      )}
    </g>
  );
}

/** A shape per sort, so that colour is never the only difference. */
const SIGNS: Readonly<Record<Mark['sort'], string>> = {
  plain: 'M0 -3.5a3.5 3.5 0 1 0 0.01 0z',
  healing: 'M0 -4.5a4.5 4.5 0 1 0 0.01 0z',
  fault: 'M0 -7l6.5 11h-13z',
  loss: 'M-5 -5h10v10h-10z',
  leader: 'M0 -7.5l2.2 4.6 5 .7 -3.6 3.5 .9 5 -4.5 -2.4 -4.5 2.4 .9 -5 -3.6 -3.5 5 -.7z',
};

/** A column that is narrower has no room for a full name. */
const NAME_WIDTH = 84;

/** Names of the parties above their lanes. */
export function LaneNames({ chart, grid, y }: { chart: Chart; grid: Grid; y: number }): JSX.Element {
  return (
    <g>
      {chart.lanes.map(({ party, name, shortName }) => (
        <text key={party} class="strong" x={xOf(grid, party)} y={y} text-anchor="middle">
          {grid.column < NAME_WIDTH ? shortName : name}
        </text>
      ))}
    </g>
  );
}

/** Faint lines that tie a row of the diagram to its sentence. */
export function RowLines({ grid, width }: { grid: Grid; width?: number }): JSX.Element {
  const rows = Array.from({ length: grid.to - grid.from + 1 }, (_, i) => grid.from + i);
  return (
    <g>
      {rows.map((step) => (
        <line
          key={step}
          class="row-line"
          x1={0}
          x2={width ?? widthOf(grid)}
          y1={yOf(grid, step) + grid.row / 2}
          y2={yOf(grid, step) + grid.row / 2}
        />
      ))}
    </g>
  );
}
