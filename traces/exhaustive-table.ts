/** The table of what exhaustive searches find of the known bugs, in README.md of this folder. */
import type { ExhaustiveFind, Measured } from './exhaustive.ts';
import { settingsLine } from './render.ts';

const isIssue = ({ shownBy }: ExhaustiveFind): boolean => shownBy.startsWith('KAFKA-');

/** With what was measured of each, or undefined where nothing was. */
export function exhaustiveTable(
  finds: readonly (readonly [find: ExhaustiveFind, measured: Measured | undefined])[],
): string {
  const rows = finds.map(([find, measured]) => [
    find.ref,
    isIssue(find) ? find.shownBy : `[${find.shownBy}](saved/${find.shownBy}.json)`,
    `\`${find.property}\``,
    boundsOf(find),
    ...(measured === undefined ? ['not measured', '', ''] : figures(measured)),
  ]);
  const head = ['bug', 'run', 'breaks', 'within', 'found', 'CPU s', 'with the cure, nothing in'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const whole = (count: number): string => count.toLocaleString('en-US');

function figures({ actions, transitions, states, seconds, cured }: Measured): readonly string[] {
  const isByExchanges = transitions !== null && transitions !== actions;
  const steps = `${actions} actions${isByExchanges ? `, ${transitions} exchanges` : ''}`;
  return [
    `${steps}; ${whole(states)} states`,
    seconds.toFixed(1),
    cured.upTo === null
      ? `all ${whole(cured.states)} states`
      : `${whole(cured.states)} states, up to ${cured.upTo} transitions`,
  ];
}

function boundsOf({ settings, grain, bounds, recovery }: ExhaustiveFind): string {
  const grainSays = grain.name === 'message' ? 'message grain' : `exchange grain, k=${grain.detached}`;
  const shape = Object.entries(bounds).map(([name, limit]) => `${name} up to ${limit}`);
  const asked = recovery === undefined ? [] : [`asked of ${recovery}`];
  return [grainSays, ...asked, ...shape, settingsLine(settings)].join(', ');
}
