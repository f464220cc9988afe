/** The table of saved traces in README.md of this folder. */
import type { Trace } from './format.ts';
import { settingsLine } from './render.ts';

const BEGIN = '<!-- saved:begin -->';
const END = '<!-- saved:end -->';

/** The page with the table of these traces between its two marks. Throws where a mark is missing. */
export function withSavedTable(page: string, traces: readonly Trace[]): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new RangeError(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${tableOf(traces)}\n\n${page.slice(end)}`;
}

function tableOf(traces: readonly Trace[]): string {
  if (traces.length === 0) return 'None yet.';
  const rows = traces.map(({ name = '', note = '', broken, actions, minimal, settings }) => [
    `[${name}](saved/${name}.json)`,
    note,
    broken.length === 0 ? 'nothing' : broken.map((id) => `\`${id}\``).join(', '),
    `${actions.length}${minimal === 'no' ? '' : `, ${minimal}`}`,
    settingsLine(settings),
  ]);
  const head = ['trace', 'what happens', 'breaks', 'actions', 'settings'];
  return [head, head.map(() => '---'), ...rows].map(rowOf).join('\n');
}

const rowOf = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
