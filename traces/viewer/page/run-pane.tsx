/** Lanes and sentences, row by row in one scroller: they cannot get out of step. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Film } from '../film.ts';
import { gridOf, heightOf, widthOf, type Chart } from '../layout/chart.ts';
import type { PageData } from '../page-data.ts';
import { sentenceAt } from '../sentence.ts';
import { Diagram, LaneNames, Patterns, RowLines } from './diagram.tsx';

interface Props {
  readonly data: PageData;
  readonly film: Film;
  readonly chart: Chart;
  readonly step: number;
  readonly go: (step: number) => void;
}

const ROW = 38;
const HEAD = 26;
/** Runs up to this length are in the document as a whole, which is what a printer and a page search need. */
const WHOLE = 300;
/** Rows drawn beyond what is seen. */
const MARGIN = 12;
/** The lanes take this share of the pane, the sentences the rest, within what a lane needs for its marks. */
const LANES_SHARE = 0.56;
const COLUMN_LEAST = 46;
const COLUMN_MOST = 104;

export function RunPane({ data, film, chart, step, go }: Props): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800, width: 760 });
  const column = Math.min(
    COLUMN_MOST,
    Math.max(COLUMN_LEAST, Math.floor((seen.width * LANES_SHARE) / chart.lanes.length)),
  );
  const isWhole = film.end <= WHOLE;
  const from = isWhole ? 0 : Math.max(0, Math.floor(seen.top / ROW) - MARGIN);
  const to = isWhole ? film.end : Math.min(film.end, Math.ceil((seen.top + seen.height) / ROW) + MARGIN);
  const grid = gridOf(chart, from, to, ROW, column);

  const look = (): void => {
    const box = scroller.current;
    if (box !== null) setSeen({ top: box.scrollTop, height: box.clientHeight, width: box.clientWidth });
  };
  useLayoutEffect(() => {
    look();
    window.addEventListener('resize', look);
    return () => window.removeEventListener('resize', look);
  }, []);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const top = step * ROW;
    const room = box.clientHeight - HEAD;
    if (top < box.scrollTop + ROW) box.scrollTop = top - ROW;
    else if (top + 2 * ROW > box.scrollTop + room) box.scrollTop = top + 2 * ROW - room;
  }, [step]);

  const steps = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return (
    <div class="run" ref={scroller} onScroll={look}>
      <div class="run-head">
        <svg class="drawing" width={widthOf(grid)} height={HEAD} aria-hidden="true">
          <LaneNames chart={chart} grid={grid} y={18} />
        </svg>
        <span class="quiet">what happens</span>
      </div>
      <div class="run-body" style={{ height: `${(film.end + 1) * ROW}px` }}>
        <div class="here" style={{ top: `${step * ROW}px`, height: `${ROW}px` }} />
        <section class="lanes" aria-label="Space-time lanes" style={{ width: `${widthOf(grid)}px` }}>
          <svg
            class="drawing"
            role="img"
            aria-label="Lanes of the parties with the messages between them; the list of steps says the same in words"
            width={widthOf(grid)}
            height={heightOf(grid)}
            style={{ top: `${from * ROW}px` }}
            onClick={({ offsetY }) => go(Math.min(film.end, from + Math.floor(offsetY / ROW)))}
          >
            <Patterns />
            <RowLines grid={grid} />
            <Diagram film={film} chart={chart} grid={grid} />
          </svg>
        </section>
        <section class="steps" aria-label="Steps in plain English" style={{ left: `${widthOf(grid)}px` }}>
          <ol role="list" style={{ top: `${from * ROW}px` }}>
            {steps.map((at) => (
              <StepRow key={at} data={data} film={film} at={at} isHere={at === step} go={go} />
            ))}
          </ol>
        </section>
      </div>
    </div>
  );
}

interface RowProps {
  readonly data: PageData;
  readonly film: Film;
  readonly at: number;
  readonly isHere: boolean;
  readonly go: (step: number) => void;
}

function StepRow({ data, film, at, isHere, go }: RowProps): JSX.Element {
  const { cause, noReturn, violation } = data.landmarks;
  const breaks = data.breaks.filter(({ step }) => step === at);
  const omitted = data.omitted.filter(({ after }) => after === at);
  const signs = `${at === cause ? '▲' : ''}${at === noReturn ? '●' : ''}${breaks.length > 0 || at === violation ? '✗' : ''}`;
  const says = sentenceAt(film, at);
  return (
    <li
      class={`step${breaks.length > 0 ? ' is-broken' : ''}`}
      style={{ height: `${ROW}px` }}
      value={at}
      aria-setsize={film.end + 1}
      aria-posinset={at + 1}
      aria-current={isHere ? 'step' : undefined}
    >
      <button type="button" tabIndex={isHere ? 0 : -1} onClick={() => go(at)} title={says}>
        <span class="number">{at}</span>
        {signs !== '' && <b class="signs">{signs}</b>}
        <bdi>{says}</bdi>
        {breaks.length > 0 && (
          <span class="hidden-text">{`Breaks ${breaks.map(({ property }) => property).join(', ')}`}</span>
        )}
        {omitted.length > 0 && (
          <i class="omitted"> then left out: {omitted.map((left) => left.says).join('; ')}</i>
        )}
      </button>
    </li>
  );
}
