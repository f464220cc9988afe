/** Where the page begins. */
import { render } from 'preact';
import { filmOf } from '../film.ts';
import { chartOf } from '../layout/chart.ts';
import type { PageData } from '../page-data.ts';
import { App } from './app.tsx';

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? '';

const data = JSON.parse(textOf('data')) as PageData;
const film = filmOf(data.settings, data.codes, data.partition);
const root = document.getElementById('root');
if (root !== null) {
  root.replaceChildren();
  render(<App data={data} film={film} chart={chartOf(film)} style={textOf('drawing')} />, root);
}
