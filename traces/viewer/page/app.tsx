/** The page: one step of the run, in all panes. */
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { findChange, isMatch } from '../fields.ts';
import type { Film } from '../film.ts';
import type { Chart } from '../layout/chart.ts';
import { departuresOf, stripsAt } from '../layout/strips.ts';
import type { PageData } from '../page-data.ts';
import { sentenceAt } from '../sentence.ts';
import { ChangesPane } from './changes-pane.tsx';
import { ExportBar } from './export-bar.tsx';
import { commandOf, HELP, type Command } from './keys.ts';
import { LandmarkCards } from './landmark-cards.tsx';
import { addressOf, stepInAddress } from './location.ts';
import { RunPane } from './run-pane.tsx';
import { OFFSETS, LEGEND, stripsHeight, stripsWidth, StripView } from './strip-view.tsx';
import { Timeline } from './timeline.tsx';

interface Props {
  readonly data: PageData;
  readonly film: Film;
  readonly chart: Chart;
  readonly style: string;
}

const FAR = 10;

export function App({ data, film, chart, style }: Props): JSX.Element {
  const { landmarks } = data;
  const first = stepInAddress(location.hash, film.end) ?? landmarks.violation ?? 0;
  const [step, setStep] = useState(first);
  // Keys may come faster than the page is drawn: where they lead from is not what is drawn.
  const at = useRef(first);
  const [query, setQuery] = useState('');
  const [said, setSaid] = useState('');
  const [pins, setPins] = useState<readonly string[]>([]);
  const input = useRef<HTMLInputElement>(null);

  const go = (to: number): void => {
    const next = Math.min(Math.max(to, 0), film.end);
    at.current = next;
    setStep(next);
    setSaid('');
    history.replaceState(null, '', addressOf(next));
  };
  const find = (direction: 1 | -1): void => {
    const words = input.current?.value ?? query;
    if (words.trim() === '') {
      setSaid('say which field');
      return;
    }
    const found = findChange(film, at.current, direction, (field) => isMatch(field, words));
    if (found === undefined) setSaid(`no ${direction === 1 ? 'later' : 'earlier'} step changes it`);
    else go(found);
  };
  const togglePin = (field: string): void =>
    setPins((before) =>
      before.includes(field) ? before.filter((pin) => pin !== field) : [...before, field],
    );

  const obey = (command: Command): void => {
    const to: Partial<Record<Command, number | undefined>> = {
      next: at.current + 1,
      back: at.current - 1,
      on: at.current + FAR,
      off: at.current - FAR,
      first: 0,
      last: film.end,
      violation: landmarks.violation,
      cause: landmarks.cause,
      'no-return': landmarks.noReturn,
    };
    const target = to[command];
    if (target !== undefined) go(target);
    else if (command === 'search') input.current?.focus();
    else if (command === 'found-next') find(1);
    else if (command === 'found-back') find(-1);
  };
  // Before the page is seen: whoever sees it may press a key.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = commandOf(event);
      if (command === undefined) return;
      event.preventDefault();
      obey(command);
    };
    const onAddress = (): void => {
      const wanted = stepInAddress(location.hash, film.end);
      if (wanted !== undefined) go(wanted);
    };
    document.addEventListener('keydown', onKey);
    window.addEventListener('hashchange', onAddress);
    return () => {
      document.removeEventListener('keydown', onKey);
      window.removeEventListener('hashchange', onAddress);
    };
  });

  return (
    <>
      <Head data={data}>
        <ExportBar data={data} film={film} chart={chart} step={step} style={style} />
      </Head>
      <LandmarkCards data={data} film={film} step={step} go={go} />
      <Timeline data={data} end={film.end} step={step} go={go} />
      <main>
        <RunPane data={data} film={film} chart={chart} step={step} go={go} />
        <div class="side">
          <Now data={data} film={film} step={step} go={go} />
          <LogsPane film={film} step={step} />
          <ChangesPane {...{ film, step, query, setQuery, pins, togglePin, go, find, said, input }} />
        </div>
      </main>
      <footer aria-label="Keys">
        {HELP.map(([keys, does]) => (
          <span key={keys}>
            <kbd>{keys}</kbd> {does}
          </span>
        ))}
      </footer>
    </>
  );
}

function Head({ data, children }: { data: PageData; children: JSX.Element }): JSX.Element {
  return (
    <header>
      <div class="titles">
        <h1>
          <bdi>{data.title}</bdi>
          {data.note !== undefined && <bdi class="note">{data.note}</bdi>}
        </h1>
        <p class="promise">
          <b>{data.promise}</b> <span class="quiet">{data.under}</span>
        </p>
      </div>
      {children}
    </header>
  );
}

interface NowProps {
  readonly data: PageData;
  readonly film: Film;
  readonly step: number;
  readonly go: (step: number) => void;
}

/** The step in full, however long its sentence. */
function Now({ data, film, step, go }: NowProps): JSX.Element {
  const breaks = data.breaks.filter((broken) => broken.step === step);
  return (
    <section class="now" aria-label="This step" aria-live="polite">
      <p>
        <button type="button" aria-label="Back" disabled={step === 0} onClick={() => go(step - 1)}>
          ‹
        </button>{' '}
        <b class="of">
          step {step} of {film.end}
        </b>{' '}
        <button type="button" aria-label="Next" disabled={step === film.end} onClick={() => go(step + 1)}>
          ›
        </button>{' '}
        <bdi>{sentenceAt(film, step)}</bdi>
      </p>
      {breaks.map(({ property, says }) => (
        <p key={property} class="is-broken">
          ✗ <b>{property}</b> is broken: {says}
        </p>
      ))}
    </section>
  );
}

function LogsPane({ film, step }: { film: Film; step: number }): JSX.Element {
  const departures = useMemo(() => departuresOf(film), [film]);
  const strips = stripsAt(film, departures, step, OFFSETS);
  const { keeper, leader, leaderEpoch, isr, elr } = strips;
  return (
    <section class="logs" aria-label="Logs of the replicas">
      <p>
        In {keeper === 'ZooKeeper' ? keeper : `the ${keeper}`}:{' '}
        {leader < 0 ? 'nobody leads' : `broker ${leader} leads`} in epoch {leaderEpoch} · ISR [{isr.join(' ')}
        ]{elr.length > 0 ? ` · ELR [${elr.join(' ')}]` : ''}
      </p>
      <svg
        class="drawing"
        role="img"
        aria-label={strips.strips.map(spoken).join('; ')}
        width={stripsWidth}
        height={stripsHeight(strips)}
      >
        <StripView strips={strips} />
      </svg>
      <details class="legend">
        <summary>what the signs mean</summary>
        {LEGEND}
      </details>
    </section>
  );
}

/** A strip for those who do not see it. */
function spoken({
  broker,
  standing,
  logEnd,
  highWatermark,
  counts,
  cells,
}: ReturnType<typeof stripsAt>['strips'][number]): string {
  const held = cells.map(({ offset, record, fate }) => `offset ${offset} record ${record} ${fate}`);
  const water = highWatermark === undefined ? '' : `, high watermark ${highWatermark}`;
  return `broker ${broker} ${[standing, ...counts].join(', ')}, log end ${logEnd}${water}, ${held.join(', ') || 'nothing in its log'}`;
}
