/**
 * Draws the report of a saved trace as an SVG, for the README: `node --import tsx scripts/pictures.ts`. A test
 * compares the pictures with what would be drawn now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { machineOf, readTrace, renderText, runActions } from '../traces/index.ts';

/** Saved traces that the README shows. */
export const PICTURED = ['last-replica-standing'] as const;

const WIDTH = 110;
const CHARACTER = 7.23;
const LINE = 16;
const MARGIN = 16;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const tracePath = (name: string): URL => new URL(`../traces/saved/${name}.json`, import.meta.url);
export const picturePath = (name: string): URL => new URL(`../traces/pictures/${name}.svg`, import.meta.url);

/** The report of a saved trace as the terminal shows it, in a monospaced font on a dark ground. */
export function picture(name: string): string {
  const trace = readTrace(readFileSync(tracePath(name), 'utf8'));
  if ('error' in trace) throw new Error(`${name}: ${trace.error}`);
  const machine = machineOf(trace.settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  const command = `npm run replay -- traces/saved/${name}.json`;
  const lines = renderText(trace, runActions(machine, codes, 'strict'), { command, width: WIDTH }).split(
    '\n',
  );
  const width = Math.ceil(WIDTH * CHARACTER) + 2 * MARGIN;
  const height = lines.length * LINE + 2 * MARGIN;
  const rows = lines.map((line, i) => {
    const style = line.startsWith('***') ? ' class="broken"' : i === 0 ? ' class="title"' : '';
    return `<text xml:space="preserve" x="${MARGIN}" y="${MARGIN + 12 + i * LINE}"${style}>${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(lines[0] ?? name)}</title>`,
    '<style>',
    'text{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#d7dae0;white-space:pre}',
    '.title{font-weight:bold;fill:#fff}.broken{fill:#ff8a80;font-weight:bold}',
    '</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) for (const name of PICTURED) writeFileSync(picturePath(name), picture(name));
