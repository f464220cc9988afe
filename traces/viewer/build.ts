/**
 * Makes the page: one HTML file that needs nothing else. Its program is bundled when a page is asked for, not when
 * highwater is installed or published: so it always is of the model that replayed the trace, nothing that was built
 * lies in the repository, and no build step can be forgotten. esbuild takes a tenth of a second and is there anyway,
 * since tsx rests on it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { PageData } from './page-data.ts';

const folder = path.join(import.meta.dirname, 'page');
const cssOf = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

/** The rules of all drawings, for those that stand on their own. */
export const drawingStyle = (): string => cssOf('drawing.css');

let bundled: Promise<string> | undefined;

/** The page's program. Made once, however many pages are asked for; needs to start a process, the first time. */
export function pageProgram(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, 'main.tsx')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // Whoever runs this may have a tsconfig of his own.
    tsconfigRaw: '{}',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('the bundler made no file');
  // What ends a script ends it in a string too.
  return file.text.replaceAll(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
}

/** The page as one HTML document. Nothing in it asks for anything, and its policy forbids that anything does. */
export async function htmlOf(data: PageData): Promise<string> {
  const code = await pageProgram();
  const hash = createHash('sha256').update(code).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    // Its licence asks to be named wherever its code is.
    '<!-- Contains Preact, copyright (c) 2015-present Jason Miller, under the MIT License. -->',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(data.title)} – highwater</title>`,
    `<style>${cssOf('style.css')}</style>`,
    `<style id="drawing">${drawingStyle()}</style>`,
    '</head>',
    '<body>',
    '<div id="root"><noscript>This page draws a run with JavaScript; ',
    `in a terminal: ${escaped(data.command)}</noscript></div>`,
    `<script type="application/json" id="data">${jsonInHtml(data)}</script>`,
    `<script>${code}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** JSON that cannot end its script element: `<` only occurs in strings, where it may be written as an escape. */
const jsonInHtml = (data: PageData): string => JSON.stringify(data).replaceAll('<', '\\u003c');
