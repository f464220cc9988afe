/** Hears signals, then starts the program from its bundle. Where none can be kept, tsx loads the sources as they are. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshBundle } from './program/kept.mjs';
import { listenToSignals } from './signals.mjs';

listenToSignals();

/** @returns {Promise<string | undefined>} */
async function bundleOfNow() {
  const fresh = freshBundle();
  if (fresh !== undefined) return fresh;
  const { register } = await import('tsx/esm/api');
  register();
  try {
    const { newBundle } = await import('./program/bundle.ts');
    return await newBundle();
  } catch {
    return undefined;
  }
}

const bundle = await bundleOfNow();
await import(bundle === undefined ? './cli.ts' : pathToFileURL(path.join(bundle, 'cli.mjs')).href);
