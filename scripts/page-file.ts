/** `replay --html FILE`: the run as a page of its own. */
import type { Replay } from '../traces/index.ts';
import { writeAtomically } from './files.ts';

/** Writes the page, and gives its size in bytes. The bundler is loaded only here: no other command needs it. */
export async function writePage(file: string, replay: Replay, command: string): Promise<number> {
  const { htmlOf, pageOf } = await import('../traces/viewer/index.ts');
  const html = await htmlOf(pageOf(replay, command));
  writeAtomically(file, html);
  return Buffer.byteLength(html);
}
