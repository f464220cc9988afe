/** The night as one HTML page that needs no network and runs no script. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readTrace, replayTrace } from '../../traces/index.ts';
import { pageOf } from '../../traces/viewer/index.ts';
import { pictureOf } from '../../traces/viewer/picture-of.ts';
import type { Earlier } from './earlier.ts';
import { replayCommand } from './markdown.ts';
import type { Bucket, Night } from './night.ts';
import { inShort, knownGroups, number, standingSays } from './words.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Pictures are large; the trace of every finding is there anyhow. */
const PICTURES = 20;

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --bad: #c62828; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bad: #ef9a9a; --good: #a5d6a7; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 small { font-weight: normal; }
.as-expected { color: var(--good); } .unexpected, .incomplete { color: var(--bad); }
.because li { font-weight: 600; color: var(--bad); }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .7rem; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem .8rem; border-radius: 4px; }
figure { margin: 1rem 0; overflow-x: auto; background: #fff; border: 1px solid var(--line); border-radius: 4px; }
figure svg { display: block; min-width: 60rem; }
.bar { display: inline-block; height: .7em; background: #5b8def; vertical-align: baseline; }
`;

export function pageOfNight(night: Night, earlier: readonly Earlier[]): string {
  const fresh = night.buckets.filter(({ standing }) => standing.kind === 'new');
  const others = knownGroups(night);
  let pictures = PICTURES;
  const withPicture = (bucket: Bucket): string => (pictures-- > 0 ? pictureOrNone(bucket) : '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Night of ${escaped(night.began)}: ${escaped(night.verdict)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Night of ${escaped(night.began)}: <span class="${escaped(night.verdict)}">${escaped(night.verdict)}</span></h1>
${
  night.because.length === 0
    ? '<p>Every expectation met.</p>'
    : `<ul class="because">${night.because.map((says) => `<li>${escaped(says)}</li>`).join('')}</ul>`
}
<p>${escaped(inShort(night))}.</p>
${section('New findings', fresh.map((bucket) => findingHtml(bucket, withPicture(bucket))).join(''))}
${section('The engine itself', engineTable(night))}
${section(
  'Canaries',
  table(
    ['canary', 'has to break', 'fresh finds'],
    night.canaries.map(({ id, property, finds }) => [id, property, finds]),
  ),
)}
${section('Known findings', others.map((group) => knownHtml(group, withPicture(group.shortest))).join(''))}
${section('Muted without effect', listOf(night.expired.map(({ bucket, property, expires }) => `${bucket} (${property}) has expired on ${expires}`)))}
${section('What ran', targetTable(night))}
${section('Coverage', coverageHtml(night))}
${section('Against earlier nights', earlier.length === 0 ? '' : trendTable(night, earlier))}
</body>
</html>
`;
}

const section = (title: string, body: string): string =>
  body === '' ? '' : `<section><h2>${escaped(title)}</h2>${body}</section>`;

const listOf = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;

/** Numbers stand at the right of their column. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const cell = (tag: 'th' | 'td', value: string | number, column: number): string => {
    const text = typeof value === 'number' ? number(value) : escaped(value);
    return `<${tag}${isNumber[column] === true ? ' class="n"' : ''}>${text}</${tag}>`;
  };
  const line = (tag: 'th' | 'td', cells: readonly (string | number)[]): string =>
    `<tr>${cells.map((value, column) => cell(tag, value, column)).join('')}</tr>`;
  return `<div class="scrolls"><table><thead>${line('th', head)}</thead><tbody>${rows.map((row) => line('td', row)).join('')}</tbody></table></div>`;
}

function findingHtml(bucket: Bucket, picture: string): string {
  const { best, property, count, targets } = bucket;
  return `<h3><code>${escaped(property)}</code>, ${best.steps} actions, bucket <code>${escaped(bucket.bucket)}</code></h3>
<p>${escaped(best.says)}. Found ${number(count)} times, under ${escaped(targets.join(', '))}. ${escaped(standingSays(bucket.standing))}.</p>
${commandHtml(bucket)}${picture}`;
}

function knownHtml(
  { says, properties, buckets, findings, shortest }: ReturnType<typeof knownGroups>[number],
  picture: string,
): string {
  return `<details><summary>${escaped(says)}: ${number(findings)} findings in ${number(buckets)} buckets, shortest ${shortest.best.steps} actions</summary>
<p>Breaks ${properties.map((id) => `<code>${escaped(id)}</code>`).join(', ')}. ${escaped(shortest.best.says)}.</p>
${commandHtml(shortest)}${picture}</details>`;
}

function commandHtml(bucket: Bucket): string {
  const command = replayCommand(bucket);
  return command === undefined ? '' : `<pre>${escaped(command)}</pre>`;
}

/** The run as the viewer draws it. A trace that cannot be read costs its picture, not the report. */
function pictureOrNone({ folder, file }: Bucket): string {
  if (file === undefined) return '';
  try {
    const trace = readTrace(readFileSync(path.join(folder, 'findings', file), 'utf8'));
    if ('error' in trace) return `<p>No picture: ${escaped(trace.error)}</p>`;
    return `<figure>${pictureOf(pageOf(replayTrace(trace), ''))}</figure>`;
  } catch (thrown) {
    return `<p>No picture: ${escaped(thrown instanceof Error ? thrown.message : String(thrown))}</p>`;
  }
}

function engineTable({ crashes, differences, raw }: Night): string {
  return table(
    ['what', 'target', 'batch', 'run', 'seed', 'says'],
    [
      ...crashes.map((line) => ['crash', line.target, line.batch, line.run, String(line.seed), line.says]),
      ...differences.map((line) => [
        'not the same',
        line.target,
        line.batch,
        line.run,
        String(line.seed),
        `step ${line.step}, ${line.field}: ${line.says}`,
      ]),
      ...raw.map((line) => [
        'not made small',
        line.target,
        line.batch,
        line.run,
        String(line.seed),
        `${line.property}: ${line.says}`,
      ]),
    ],
  );
}

function targetTable({ targets }: Night): string {
  return table(
    [
      'target',
      'expects',
      'runs',
      'steps',
      'abstract states',
      'broken runs',
      'longest run, ms',
      'heap, MB',
      'time, s',
    ],
    targets.map((target) => [
      target.id,
      target.expects,
      target.runs,
      target.steps,
      target.states,
      Object.entries(target.brokenIn)
        .sort(([, a], [, b]) => b - a)
        .map(([property, runs]) => `${property} ${number(runs)}`)
        .join(', '),
      target.longestRunMs,
      target.heapMb,
      Math.round(target.ms / 1000),
    ]),
  );
}

function coverageHtml({ coverage, repeated, differences }: Night): string {
  const most = Math.max(1, ...Object.values(coverage.taken));
  const bars = Object.entries(coverage.taken).map(
    ([kind, count]) =>
      `<tr><td>${escaped(kind)}</td><td class="n">${number(count)}</td>` +
      `<td><span class="bar" style="width:${Math.max(1, Math.round((count / most) * 240))}px"></span></td></tr>`,
  );
  return [
    `<p>${Object.keys(coverage.taken).length} kinds of action, ${number(coverage.pairs)} pairs of them, ${number(coverage.states)} abstract states; `,
    `${number(repeated)} runs repeated and compared, ${differences.length} differences.</p>`,
    details('Actions taken', `<table>${bars.join('')}</table>`),
    details(`Actions never taken: ${coverage.neverTaken.length}`, listOf(coverage.neverTaken)),
    details(`Guards that refused: ${coverage.guards.length}`, listOf(coverage.guards)),
    details(
      `Conditions of rules never seen to refuse: ${coverage.guardsNeverRefused.length}`,
      listOf(coverage.guardsNeverRefused),
    ),
    details(`Witnesses met: ${coverage.witnesses.met.length}`, listOf(coverage.witnesses.met)),
    details(`Witnesses never met: ${coverage.witnesses.unmet.length}`, listOf(coverage.witnesses.unmet)),
  ].join('\n');
}

const details = (title: string, body: string): string =>
  body === '' ? '' : `<details><summary>${escaped(title)}</summary>${body}</details>`;

const trendTable = (night: Night, earlier: readonly Earlier[]): string =>
  table(
    ['night', 'verdict', 'runs', 'steps/s', 'abstract states', 'pairs', 'new findings'],
    [...earlier, night].map(({ began, verdict, runs, steps, seconds, coverage, buckets }) => [
      began,
      verdict,
      runs,
      Math.round(steps / Math.max(seconds, 0.1)),
      coverage.states,
      coverage.pairs,
      buckets.filter(({ standing }) => standing.kind === 'new').length,
    ]),
  );
