/** `--html FILE`: a run as a page of its own. */
import type { Replay } from '../traces/index.ts';
import { writeAtomically } from './files.ts';
import { commandLine } from './invocation.ts';
import { remark } from './output.ts';

/** The line that draws the trace in `file`, to be shown where one was saved. */
export const pageCommand = (file: string): string =>
  commandLine('replay', [file, '--html', file.replace(/(?:\.json)?$/, '.html')]);

/**
 * Does what needs a process of its own, ahead of the page: Linux starts none for a program that has laid claim to more
 * memory than there is, as a search does.
 */
export async function preparePage(): Promise<void> {
  const { pageProgram } = await import('../traces/viewer/index.ts');
  await pageProgram();
}

/** Writes the page and remarks on it. The bundler is loaded only here: no other command needs it. */
export async function writePage(file: string, replay: Replay, command: string): Promise<void> {
  const { htmlOf, pageOf } = await import('../traces/viewer/index.ts');
  const html = await htmlOf(pageOf(replay, command));
  writeAtomically(file, html);
  remark(`${file}: the run as a page, ${Math.ceil(Buffer.byteLength(html) / 1000)} kB`);
}
