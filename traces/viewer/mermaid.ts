/** A run as a Mermaid sequence diagram, which issues and chats draw. */
import type { Film } from './film.ts';
import type { Arrow } from './layout/arrows.ts';
import type { Chart } from './layout/chart.ts';
import { marksOf } from './layout/marks.ts';
import type { PageData } from './page-data.ts';

/** Mermaid refuses a longer text (maxTextSize), and so do the sites that draw it. */
export const MERMAID_CHARACTERS = 50_000;
/** More arrows than this nobody reads, and drawing them takes seconds. */
export const MERMAID_MESSAGES = 60;

export interface Sequence {
  readonly text: string;
  /** What was left out, in one line; undefined where the diagram has the whole run. */
  readonly cut: string | undefined;
}

interface Line {
  readonly step: number;
  readonly text: string;
  readonly isMessage: boolean;
}

/** The run, or as much of its end as the limits allow: what breaks stands there. */
export function mermaidOf(data: PageData, film: Film, chart: Chart): Sequence {
  const head = [
    'sequenceDiagram',
    ...chart.lanes.map(({ party, name }) => `  participant P${party} as ${name}`),
  ];
  const lines = linesOf(data, film, chart);
  const over = `Note over P${chart.lanes[0]?.party ?? 0},P${chart.lanes.at(-1)?.party ?? 0}: `;
  const room = MERMAID_CHARACTERS - head.join('\n').length - over.length - 200;
  let start = lines.length;
  let characters = 0;
  let messages = 0;
  while (start > 0) {
    const line = lines[start - 1];
    if (line === undefined) break;
    characters += line.text.length + 1;
    if (line.isMessage) messages++;
    if (characters > room || messages > MERMAID_MESSAGES) break;
    start--;
  }
  const first = lines[start];
  const cut =
    start === 0 || first === undefined
      ? undefined
      : `cut: begins at step ${first.step} of ${film.end}, since a Mermaid diagram has at most ` +
        `${MERMAID_CHARACTERS} characters and is readable up to about ${MERMAID_MESSAGES} messages`;
  const note = cut === undefined ? [] : [`  ${over}${cut}`];
  return { text: `${[...head, ...note, ...lines.slice(start).map(({ text }) => text)].join('\n')}\n`, cut };
}

/** Messages stand where they arrive or are lost, as a sequence diagram has no slanted arrows. */
function linesOf(data: PageData, film: Film, chart: Chart): readonly Line[] {
  const arrows = new Map<number, string[]>();
  const add = (step: number, text: string): void => {
    arrows.set(step, [...(arrows.get(step) ?? []), `  ${text}`]);
  };
  for (const arrow of chart.arrows) if (arrow.fate !== 'under way') add(arrow.ended, messageLine(arrow));
  for (const { step, from, to, label } of chart.exchanges) add(step, `P${from}->>P${to}: ${step} ${label}`);

  const lines: Line[] = [];
  for (const [index, frame] of film.frames.entries()) {
    const step = index + 1;
    for (const text of arrows.get(step) ?? []) lines.push({ step, text, isMessage: true });
    for (const { party, says } of marksOf(frame, film)) {
      if (says !== '')
        lines.push({ step, text: `  Note over P${party}: ${step} ${plain(says)}`, isMessage: false });
    }
    for (const broken of data.breaks.filter((found) => found.step === step)) {
      const text = `  Note over P${chart.lanes[0]?.party ?? 0},P${chart.lanes.at(-1)?.party ?? 0}: `;
      lines.push({ step, text: `${text}✗ ${broken.property}: ${plain(broken.says)}`, isMessage: false });
    }
  }
  return lines;
}

function messageLine({ from, to, label, fate, ended }: Arrow): string {
  const arrow = fate === 'lost' ? '-x' : '->>';
  return `P${from}${arrow}P${to}: ${ended} ${plain(label)}`;
}

/** Characters that mean something to Mermaid are left out: `;` and `#` end a statement or begin an entity. */
const plain = (text: string): string => text.replaceAll(';', ',').replaceAll('#', '').replaceAll(':', ' –');
