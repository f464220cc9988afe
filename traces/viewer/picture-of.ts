/** The picture of a run as an SVG file, the same as the page hands out. */
import { createElement } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { drawingStyle } from './build.ts';
import { filmOf } from './film.ts';
import { chartOf } from './layout/chart.ts';
import type { PageData } from './page-data.ts';
import { Picture } from './page/picture.tsx';

/** The run with its logs at the step of the violation, or at the end where nothing breaks. */
export function pictureOf(data: PageData): string {
  const film = filmOf(data.settings, data.codes, data.partition);
  const step = data.landmarks.violation ?? film.end;
  const picture = createElement(Picture, { data, film, chart: chartOf(film), step, style: drawingStyle() });
  return `${renderToStaticMarkup(picture)}\n`;
}
