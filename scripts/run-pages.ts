/** Pages of runs that a report links to, in a folder beside it. */
import path from 'node:path';
import { replayTrace, type Trace } from '../traces/index.ts';
import { makeFolders, writeAtomically } from './files.ts';
import { commandLine } from './invocation.ts';

/** The folder for the pages of a report. */
export const pagesBeside = (report: string): string => `${report.replace(/\.html?$/i, '')}-runs`;

/** Writes the page of a run below the report's folder, and gives the link to it, relative to the report. */
export async function runPage(report: string, name: string, trace: Trace, file: string): Promise<string> {
  const { FEW_CONTINUATIONS, htmlOf, pageOf } = await import('../traces/viewer/index.ts');
  const folder = pagesBeside(report);
  makeFolders(folder);
  const html = await htmlOf(
    pageOf(
      replayTrace({ ...trace, name: trace.name ?? name }),
      commandLine('replay', [file]),
      FEW_CONTINUATIONS,
    ),
  );
  writeAtomically(path.join(folder, `${name}.html`), html);
  return `${encodeURIComponent(path.basename(folder))}/${encodeURIComponent(name)}.html`;
}
