/** The run in three sentences: what made it likely, from where it could not be avoided, what broke. */
import type { JSX } from 'preact';
import type { Film } from '../film.ts';
import type { PageData } from '../page-data.ts';
import { sentenceAt } from '../sentence.ts';

interface Props {
  readonly data: PageData;
  readonly film: Film;
  readonly step: number;
  readonly go: (step: number) => void;
}

export function LandmarkCards({ data, film, step, go }: Props): JSX.Element | null {
  const { landmarks, breaks, outlook } = data;
  const { cause, noReturn, violation } = landmarks;
  if (violation === undefined) return null;
  const broken = breaks.find(({ property }) => property === data.property);
  const share = (at: number): string => {
    const found = outlook?.shares.find((known) => known.step === at);
    return found === undefined || outlook === undefined
      ? ''
      : `${Math.round((found.broken / outlook.runs) * 100)} %`;
  };
  const before = (at: number): string => {
    const index = outlook?.shares.findIndex((known) => known.step === at) ?? -1;
    const known = outlook?.shares[index - 1];
    return known === undefined || outlook === undefined
      ? ''
      : `${Math.round((known.broken / outlook.runs) * 100)} %`;
  };
  const cards = [
    ...(cause === undefined
      ? []
      : [
          {
            sign: '▲',
            title: 'Cause',
            at: cause,
            hint: `risk from ${before(cause)} to ${share(cause)}`,
            says: sentenceAt(film, cause),
          },
        ]),
    ...(noReturn === undefined
      ? []
      : [
          {
            sign: '●',
            title: 'Point of no return',
            at: noReturn,
            hint: `all ${outlook?.runs ?? 0} continuations break it`,
            says: sentenceAt(film, noReturn),
          },
        ]),
    {
      sign: '✗',
      title: 'Violation',
      at: violation,
      hint: data.property ?? '',
      says: broken?.says ?? sentenceAt(film, violation),
    },
  ];
  return (
    <nav class="cards" aria-label="Cause, point of no return, violation">
      {cards.map(({ sign, title, at, hint, says }) => (
        <button
          key={title}
          type="button"
          class={`card${at === step ? ' is-here' : ''}`}
          onClick={() => go(at)}
          title={says}
        >
          <span class="card-head">
            <b>
              {sign} {title}
            </b>{' '}
            <span class="quiet">
              step {at}, {hint}
            </span>
          </span>
          <bdi class="card-says">{says}</bdi>
        </button>
      ))}
    </nav>
  );
}
