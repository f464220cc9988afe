/** What a step changed, field by field; a search through the changes of all steps; fields that stay in sight. */
import type { JSX, RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { changesAt, findChange, isMatch, valueAt, type Change } from '../fields.ts';
import type { Film } from '../film.ts';

interface Props {
  readonly film: Film;
  readonly step: number;
  readonly query: string;
  readonly setQuery: (query: string) => void;
  readonly pins: readonly string[];
  readonly togglePin: (field: string) => void;
  readonly go: (step: number) => void;
  readonly find: (direction: 1 | -1) => void;
  readonly said: string;
  readonly input: RefObject<HTMLInputElement | null>;
}

export function ChangesPane(props: Props): JSX.Element {
  const { film, step, query, setQuery, pins, togglePin, go, find, said, input } = props;
  const changes = useMemo(() => changesAt(film, step), [film, step]);
  return (
    <section class="changes" aria-label="State changes of this step">
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          find(1);
        }}
      >
        <input
          ref={input}
          type="search"
          value={query}
          placeholder="find a change: broker 2 highWatermark"
          aria-label="Find the next step that changes a field; words of its name, as in broker 2 highWatermark"
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              // The browser would empty the field, and n would have nothing to look for.
              event.preventDefault();
              event.currentTarget.blur();
            }
            event.stopPropagation();
          }}
        />
        <button type="button" onClick={() => find(-1)} aria-label="Previous change">
          ‹
        </button>
        <button type="submit" aria-label="Next change">
          ›
        </button>
        <output aria-live="polite">{said}</output>
      </form>
      {pins.length > 0 && (
        <div class="pins" aria-label="Pinned fields">
          {pins.map((field) => (
            <PinnedField key={field} film={film} step={step} field={field} go={go} drop={togglePin} />
          ))}
        </div>
      )}
      {changes.length === 0 ? (
        <p class="quiet">{step === 0 ? 'The first state: nothing has changed yet.' : 'No field changes.'}</p>
      ) : (
        <ul class="diff">
          {changes.map((change, i) => (
            <ChangeRow
              key={`${change.field} ${i}`}
              change={change}
              isWanted={query.trim() !== '' && isMatch(change.field, query)}
              isPinned={pins.includes(change.field)}
              togglePin={togglePin}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ChangeProps {
  readonly change: Change;
  readonly isWanted: boolean;
  readonly isPinned: boolean;
  readonly togglePin: (field: string) => void;
}

function ChangeRow({ change, isWanted, isPinned, togglePin }: ChangeProps): JSX.Element {
  const { field, before, after } = change;
  const canPin = !field.startsWith('in flight');
  return (
    <li class={isWanted ? 'is-wanted' : ''}>
      {canPin ? (
        <button
          type="button"
          class="pin"
          aria-pressed={isPinned}
          aria-label={`Pin ${field}`}
          title="Keep this field in sight"
          onClick={() => togglePin(field)}
        >
          {isPinned ? '◆' : '◇'}
        </button>
      ) : (
        <span class="pin" />
      )}
      <span class="field">{field}</span>
      <span class="values">
        {before !== undefined && <del title={before}>{before}</del>}
        {before !== undefined && after !== undefined && <span aria-hidden="true"> → </span>}
        {after !== undefined && <ins title={after}>{after}</ins>}
      </span>
    </li>
  );
}

interface PinProps {
  readonly film: Film;
  readonly step: number;
  readonly field: string;
  readonly go: (step: number) => void;
  readonly drop: (field: string) => void;
}

function PinnedField({ film, step, field, go, drop }: PinProps): JSX.Element {
  const jump = (direction: 1 | -1): void => {
    const found = findChange(
      film,
      step,
      direction,
      (other) => other === field || field.startsWith(`${other} ·`),
    );
    if (found !== undefined) go(found);
  };
  return (
    <div class="pinned">
      <button type="button" class="pin" aria-label={`Unpin ${field}`} onClick={() => drop(field)}>
        ◆
      </button>
      <span class="field">{field}</span>
      <b>{valueAt(film, step, field) ?? '—'}</b>
      <button type="button" aria-label={`Previous change of ${field}`} onClick={() => jump(-1)}>
        ‹
      </button>
      <button type="button" aria-label={`Next change of ${field}`} onClick={() => jump(1)}>
        ›
      </button>
    </div>
  );
}
