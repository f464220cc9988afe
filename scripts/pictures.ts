/**
 * Draws saved traces for READMEs, as the page of a run hands them out: `npm run pictures`. A test compares the
 * pictures with what would be drawn now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { readTrace, replayTrace } from '../traces/index.ts';
import { pageOf } from '../traces/viewer/index.ts';
import { pictureOf } from '../traces/viewer/picture-of.ts';

/** Saved traces that a README shows. */
export const PICTURED = [
  'kip-101-data-loss',
  'last-replica-standing',
  'leader-failover',
  'unclean-election',
  'last-known-leader-truncates',
] as const;

const tracePath = (name: string): URL => new URL(`../traces/saved/${name}.json`, import.meta.url);
export const picturePath = (name: string): URL => new URL(`../traces/pictures/${name}.svg`, import.meta.url);

export function picture(name: string): string {
  const trace = readTrace(readFileSync(tracePath(name), 'utf8'));
  if ('error' in trace) throw new Error(`${name}: ${trace.error}`);
  return pictureOf(pageOf(replayTrace(trace), `npm run replay -- traces/saved/${name}.json`));
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) for (const name of PICTURED) writeFileSync(picturePath(name), picture(name));
