/** A run as plain text, for an issue or a chat. */
import type { Film } from './film.ts';
import type { PageData } from './page-data.ts';
import { sentenceAt } from './sentence.ts';

export function storyText(data: PageData, film: Film): string {
  const width = String(film.end).length;
  const lines = [`${data.title}: ${data.promise}`];
  if (data.note !== undefined) lines.push(data.note);
  lines.push(data.under, `replay: ${data.command}`, '');
  for (let step = 0; step <= film.end; step++) {
    lines.push(`${String(step).padStart(width)}  ${signsOf(data, step)}${sentenceAt(film, step)}`);
    for (const { property, says, step: at } of data.breaks) {
      if (at === step) lines.push(`*** ${property} is broken: ${says}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function signsOf({ landmarks }: PageData, step: number): string {
  const { cause, noReturn } = landmarks;
  const signs = [...(step === cause ? ['cause'] : []), ...(step === noReturn ? ['point of no return'] : [])];
  return signs.length === 0 ? '' : `(${signs.join(', ')}) `;
}
