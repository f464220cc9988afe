/** The run from left to right: how likely the break was, and which promises still held. */
import type { JSX } from 'preact';
import type { Outlook } from '../continuations.ts';
import type { Break, Landmarks, PageData, Promises } from '../page-data.ts';

interface Props {
  readonly data: PageData;
  readonly end: number;
  readonly step: number;
  readonly go: (step: number) => void;
}

export function Timeline({ data, end, step, go }: Props): JSX.Element {
  // A step has a slot, so that the last one has room for what it breaks.
  const place = (at: number): string => `${(at / (end + 1)) * 100}%`;
  const { outlook, landmarks, promises, breaks } = data;
  return (
    <section class="timeline" aria-label="Timeline: share of continuations that break it, and the guarantees">
      {outlook !== undefined && (
        <Row
          title="Risk"
          hint={`Of ${outlook.runs} random continuations from each step, the share that breaks it`}
        >
          <Curve outlook={outlook} end={end} />
        </Row>
      )}
      {promises.map((row) => (
        <GuaranteeRow key={row.title} row={row} breaks={breaks} place={place} go={go} />
      ))}
      <div class="marks" aria-hidden="true">
        <Signs landmarks={landmarks} place={place} />
        <div class="cursor" style={{ left: place(step) }} />
      </div>
      <input
        type="range"
        min={0}
        max={end}
        value={step}
        aria-label="Step"
        onInput={(event) => go(Number(event.currentTarget.value))}
      />
    </section>
  );
}

function Row({ title, hint, children }: { title: string; hint: string; children: JSX.Element }): JSX.Element {
  return (
    <div class="row" title={hint}>
      <span class="row-title">{title}</span>
      <div class="track">{children}</div>
    </div>
  );
}

function Curve({ outlook, end }: { outlook: Outlook; end: number }): JSX.Element {
  const { shares, runs } = outlook;
  const points = shares.map(
    ({ step, broken }) => `${(step / (end + 1)) * 1000} ${100 - (broken / runs) * 100}`,
  );
  const last = shares.at(-1)?.step ?? 0;
  const x = (last / (end + 1)) * 1000;
  return (
    <svg class="curve" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={`M0 100L${points.join('L')}L1000 0V100Z`} />
      <path class="edge" d={`M${points.join('L')}M${x} 0H1000`} />
    </svg>
  );
}

interface GuaranteeProps {
  readonly row: Promises;
  readonly breaks: readonly Break[];
  readonly place: (step: number) => string;
  readonly go: (step: number) => void;
}

function GuaranteeRow({ row, breaks, place, go }: GuaranteeProps): JSX.Element {
  const broken = breaks.filter(({ property }) => row.properties.some(({ id }) => id === property));
  const first = broken[0];
  const ids = row.properties.map(({ id, promise }) => `${id}: ${promise}`).join('\n');
  const names = [...new Set(broken.map(({ property }) => property))].join(', ');
  return (
    <div class="row" title={ids}>
      <span class={first === undefined ? 'row-title' : 'row-title is-broken'}>
        {first === undefined ? '' : '✗ '}
        {row.title}
      </span>
      <div class="track">
        <div class="holds" />
        {first !== undefined && (
          <button
            type="button"
            class="fails"
            style={{ left: `min(${place(first.step)}, calc(100% - 8px))` }}
            title={`${names}: broken by step ${first.step}`}
            aria-label={`${row.title}: ${names} broken by step ${first.step}. Go there.`}
            onClick={() => go(first.step)}
          />
        )}
        <span class="hidden-text">{first === undefined ? `${row.title} holds all along` : ''}</span>
      </div>
    </div>
  );
}

function Signs({ landmarks, place }: { landmarks: Landmarks; place: (step: number) => string }): JSX.Element {
  const { cause, noReturn, violation } = landmarks;
  const signs = new Map<number, string>();
  const add = (at: number | undefined, sign: string): void => {
    if (at !== undefined) signs.set(at, (signs.get(at) ?? '') + sign);
  };
  add(cause, '▲');
  add(noReturn, '●');
  add(violation, '✗');
  return (
    <>
      {[...signs].map(([at, sign]) => (
        <span key={at} class="sign" style={{ left: place(at) }}>
          {sign}
        </span>
      ))}
    </>
  );
}
