/** Writes what a campaign has come to: Markdown, JSON, JUnit and a page. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf, writeAtomically } from '../files.ts';
import { earlierNights } from './earlier.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { Night } from './night.ts';

export interface ReportOptions {
  readonly folder: string;
  /** Reports of earlier nights. */
  readonly earlier: readonly string[];
  /** A file to which the Markdown is added, as the summary of a job. */
  readonly summary: string | undefined;
}

/** The document that `--json` prints, too. */
export const documentOf = (night: Night, folder: string): object => ({ ...night, folder });

export async function writeReports(night: Night, { folder, earlier, summary }: ReportOptions): Promise<void> {
  const before = earlierNights(earlier);
  const markdown = markdownOf(night, before);
  writeAtomically(
    path.join(folder, 'report.json'),
    `${JSON.stringify(documentOf(night, folder), null, 2)}\n`,
  );
  writeAtomically(path.join(folder, 'report.md'), `${markdown}\n`);
  writeAtomically(path.join(folder, 'junit.xml'), junitOf(night));
  const { pageOfNight } = await import('./page.ts');
  writeAtomically(path.join(folder, 'report.html'), pageOfNight(night, before));
  if (summary !== undefined) addTo(summary, markdown);
}

function addTo(file: string, text: string): void {
  try {
    appendFileSync(file, `${text}\n`);
  } catch (thrown) {
    throw new UsageError(`--summary ${file}: cannot be written, ${reasonOf(thrown)}`);
  }
}
