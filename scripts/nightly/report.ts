/** Writes what a campaign has come to: Markdown, JSON, JUnit and a page. */
import path from 'node:path';
import { addTo, writeAtomically } from '../files.ts';
import type { Earlier } from './earlier.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { Night } from './night.ts';

export interface ReportOptions {
  readonly folder: string;
  readonly earlier: readonly Earlier[];
  /** A file to which the Markdown is added, as the summary of a job. */
  readonly summary: string | undefined;
}

/** The document that `--json` prints, too. */
export const documentOf = (night: Night, folder: string): object => ({ ...night, folder });

export async function writeReports(night: Night, { folder, earlier, summary }: ReportOptions): Promise<void> {
  const markdown = markdownOf(night, earlier);
  writeAtomically(
    path.join(folder, 'report.json'),
    `${JSON.stringify(documentOf(night, folder), null, 2)}\n`,
  );
  writeAtomically(path.join(folder, 'report.md'), `${markdown}\n`);
  writeAtomically(path.join(folder, 'junit.xml'), junitOf(night));
  const { pageOfNight } = await import('./page.ts');
  writeAtomically(path.join(folder, 'report.html'), pageOfNight(night, earlier));
  if (summary !== undefined) addTo('--summary', summary, `${markdown}\n`);
}
