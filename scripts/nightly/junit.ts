/** The night as JUnit's XML: a test per target and per canary, so that any CI server can show it. */
import type { Night } from './night.ts';
import { standingSays } from './words.ts';

// Control characters are not allowed in XML, however they are written.
const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- these are the ones that XML forbids
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

export function junitOf(night: Night): string {
  const cases = night.targets.map(({ id, property, runs, ms, brokenIn }) => {
    const failures = [
      ...night.buckets
        .filter(({ standing, targets }) => standing.kind === 'new' && targets.includes(id))
        .map(
          (one) =>
            `${one.property} (${one.bucket}), ${one.best.steps} actions: ${one.best.says}. ${standingSays(one.standing)}`,
        ),
      ...night.crashes.filter(({ target }) => target === id).map((one) => `seed ${one.seed}: ${one.says}`),
      ...night.differences
        .filter(({ target }) => target === id)
        .map((one) => `seed ${one.seed}: not the same at step ${one.step}, ${one.field}`),
      ...(property !== undefined && (brokenIn[property] ?? 0) === 0
        ? [`the canary did not break ${property}`]
        : []),
    ];
    const children =
      failures.length > 0
        ? failures.map((says) => `      <failure message="${escaped(says)}"/>`)
        : runs === 0
          ? ['      <skipped message="it got no time"/>']
          : [];
    return {
      failed: failures.length > 0,
      skipped: failures.length === 0 && runs === 0,
      xml: caseOf(id, ms, children),
    };
  });
  const failed = cases.filter((one) => one.failed).length;
  const skipped = cases.filter((one) => one.skipped).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="highwater nightly" tests="${cases.length}" failures="${failed}" skipped="${skipped}" time="${night.seconds}">`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(id: string, ms: number, children: readonly string[]): string {
  const open = `    <testcase classname="nightly" name="${escaped(id)}" time="${(ms / 1000).toFixed(3)}"`;
  return children.length === 0 ? `${open}/>` : [`${open}>`, ...children, '    </testcase>'].join('\n');
}
