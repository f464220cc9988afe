/** Buttons that take the run out of the page. */
import { render, type JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Film } from '../film.ts';
import type { Chart } from '../layout/chart.ts';
import { mermaidOf } from '../mermaid.ts';
import type { PageData } from '../page-data.ts';
import { storyText } from '../story-text.ts';
import { pngFile, save, svgFile, textFile } from './exports.ts';
import { Picture } from './picture.tsx';

interface Props {
  readonly data: PageData;
  readonly film: Film;
  readonly chart: Chart;
  readonly step: number;
  readonly style: string;
}

interface Shown {
  readonly title: string;
  readonly file: string;
  readonly text: string;
  readonly note: string | undefined;
}

export function ExportBar({ data, film, chart, step, style }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState<Shown>();
  const [trouble, setTrouble] = useState('');
  const name = data.title.replaceAll(/[^\w-]+/g, '-').slice(0, 60) || 'run';

  const drawn = (): { readonly svg: string; readonly width: number; readonly height: number } => {
    const place = document.createElement('div');
    render(<Picture data={data} film={film} chart={chart} step={step} style={style} />, place);
    const { width, height } = place.firstElementChild as SVGSVGElement;
    // Not outerHTML: a picture is XML, and in HTML some characters are written differently.
    const svg = new XMLSerializer().serializeToString(place.firstElementChild as SVGSVGElement);
    return { svg, width: width.baseVal.value, height: height.baseVal.value };
  };
  const saveSvg = (): void => save(`${name}.svg`, svgFile(drawn().svg));
  const savePng = (): void => {
    const { svg, width, height } = drawn();
    pngFile(svg, width, height).then(
      (png) => save(`${name}.png`, png),
      (error: unknown) => setTrouble(String(error)),
    );
  };
  const show = (what: Shown): void => {
    setShown(what);
    dialog.current?.showModal();
  };
  const showText = (): void =>
    show({ title: 'The story as text', file: `${name}.txt`, text: storyText(data, film), note: undefined });
  const showMermaid = (): void => {
    const { text, cut } = mermaidOf(data, film, chart);
    show({ title: 'Mermaid sequence diagram', file: `${name}.mmd`, text, note: cut });
  };

  return (
    <div class="exports" role="group" aria-label="Export">
      <span class="quiet">export</span>
      <button type="button" onClick={saveSvg}>
        SVG
      </button>
      <button type="button" onClick={savePng}>
        PNG
      </button>
      <button type="button" onClick={showText}>
        text
      </button>
      <button type="button" onClick={showMermaid}>
        Mermaid
      </button>
      {trouble !== '' && <output>{trouble}</output>}
      <dialog ref={dialog} onKeyDown={(event) => event.stopPropagation()}>
        {shown !== undefined && (
          <>
            <h2>{shown.title}</h2>
            {shown.note !== undefined && <p role="note">{shown.note}</p>}
            <textarea readOnly rows={20} cols={90} aria-label={shown.title} value={shown.text} />
            <p>
              <button type="button" onClick={() => void navigator.clipboard.writeText(shown.text)}>
                copy
              </button>{' '}
              <button type="button" onClick={() => save(shown.file, textFile(shown.text))}>
                save
              </button>{' '}
              <button type="button" onClick={() => dialog.current?.close()}>
                close
              </button>
            </p>
          </>
        )}
      </dialog>
    </div>
  );
}
