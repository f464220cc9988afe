/**
 * Writes the table of figures into scripts/scenarios/README.md:
 *   npm run -s scenario -- --all --seeds 10 --json --release 3.3 > a.json    and so on, for each release
 *   npm run scenario:figures -- a.json b.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const figures = z.object({ median: z.number(), worst: z.number() });
const documentSchema = z.object({
  release: z.string(),
  seed: z.number(),
  scenarios: z.array(
    z.object({
      name: z.string(),
      verdict: z.string(),
      runs: z.number(),
      standstill: z.object({ producers: figures, consumers: figures }),
      asUsualAfter: figures,
      records: z.object({ lost: figures, duplicates: figures }),
    }),
  ),
});
export type ScenarioDocument = z.infer<typeof documentSchema>;

const BEGIN = '<!-- figures -->';
const END = '<!-- end of figures -->';

const pair = ({ median, worst }: z.infer<typeof figures>): string =>
  `${(median / 1_000).toFixed(1)} / ${(worst / 1_000).toFixed(1)}`;

/** Medians and worst in seconds, a column for each release; records are the worst of all. */
export function figuresTable(documents: readonly ScenarioDocument[]): string {
  const [first] = documents;
  if (first === undefined) return '';
  const of = (document: ScenarioDocument, name: string): ScenarioDocument['scenarios'][number] | undefined =>
    document.scenarios.find((scenario) => scenario.name === name);
  const rows = first.scenarios.map(({ name }) => {
    const each = documents.map((document) => of(document, name));
    const most = (what: 'lost' | 'duplicates'): number =>
      Math.max(...each.map((scenario) => scenario?.records[what].worst ?? 0));
    return [
      `\`${name}\``,
      ...each.map((scenario) => (scenario === undefined ? '' : pair(scenario.standstill.producers))),
      ...each.map((scenario) => (scenario === undefined ? '' : pair(scenario.standstill.consumers))),
      String(most('lost')),
      String(most('duplicates')),
    ];
  });
  const releases = documents.map(({ release }) => release);
  const head = [
    'scenario',
    ...releases.map((release) => `producers, ${release}`),
    ...releases.map((release) => `consumers, ${release}`),
    'lost',
    'twice',
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The text with the table between its marks. Throws where they are missing. */
export function withFigures(text: string, table: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new RangeError(`no ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}

if (process.argv[1] === import.meta.filename) {
  const readme = path.join(import.meta.dirname, '..', 'scenarios', 'README.md');
  const documents = process.argv
    .slice(2)
    .map((file) => documentSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), figuresTable(documents)));
}
