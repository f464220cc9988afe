/** Reports as one HTML document each: nothing in it asks for anything, and all text in it is escaped. */
import { h, type ComponentChildren } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --faint: #596070; --paper: #fff; --rule: #d8dce2; --bad: #b3001b;
  --bad-fill: #fbe3e6; --good: #1f7a5a; --doubt: #8a5a00; --doubt-fill: #fff3d6; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ee; --faint: #a3abb9; --paper: #16191f; --rule: #2f3540;
  --bad: #ff8f98; --bad-fill: #40171d; --good: #55c79f; --doubt: #e8bd5c; --doubt-fill: #3a3016; --link: #7db7f5; } }
body { margin: 1.5rem; color: var(--ink); background: var(--paper); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } caption { text-align: left; color: var(--faint); padding-bottom: .3rem; }
th, td { border: 1px solid var(--rule); padding: .2rem .5rem; text-align: left; vertical-align: top; }
td.bad { color: var(--bad); background: var(--bad-fill); } td.good { color: var(--good); }
td.doubt { color: var(--doubt); background: var(--doubt-fill); } td.none { color: var(--faint); }
td.alarm { outline: 3px solid var(--bad); outline-offset: -3px; }
a { color: var(--link); } code { font: 13px ui-monospace, monospace; } .faint { color: var(--faint); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; border: 1px solid var(--rule); padding: .4rem .7rem; font: 13px/1.5 ui-monospace, monospace; }
figure { margin: 1rem 0; overflow-x: auto; background: #fff; border: 1px solid var(--rule); }
figure svg { display: block; min-width: 60rem; } summary { cursor: pointer; }
.wide { overflow-x: auto; } .many th[scope=col] { font-weight: 500; writing-mode: vertical-rl; }
`;

/** The whole document. */
export function htmlDocument(title: string, ...body: readonly ComponentChildren[]): string {
  const page = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; style-src 'unsafe-inline'",
      }),
      h('meta', { name: 'viewport', content: 'width=device-width' }),
      h('title', null, `${title} – highwater`),
      h('style', { dangerouslySetInnerHTML: { __html: STYLE } }),
    ),
    h('body', null, h('h1', null, title), ...body),
  );
  return `<!doctype html>\n${renderToStaticMarkup(page)}\n`;
}

/** More columns than this have their names written downwards. */
const MANY = 9;

export interface TableCell {
  readonly text: ComponentChildren;
  readonly tone?: string | undefined;
  readonly title?: string | undefined;
}

/** A table whose first column names its rows. */
export function htmlTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly [string, ...TableCell[]])[],
): ComponentChildren {
  return h(
    'div',
    { class: head.length > MANY ? 'wide many' : 'wide' },
    h(
      'table',
      null,
      h('caption', null, caption),
      h(
        'thead',
        null,
        h('tr', null, ...head.map((text, i) => h('th', i === 0 ? {} : { scope: 'col' }, text))),
      ),
      h(
        'tbody',
        null,
        ...rows.map(([name, ...cells]) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, name),
            ...cells.map(({ text, tone, title }) => h('td', { class: tone, title }, text)),
          ),
        ),
      ),
    ),
  );
}
