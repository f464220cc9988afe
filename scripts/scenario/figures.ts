/**
 * Writes the table of figures into scripts/scenarios/README.md:
 *   npm run -s scenario -- --all --seeds 10 --json --release 3.3 > a.json    and so on, for each release
 *   npm run scenario:figures -- a.json b.json
 * and the one about Kafka's own defaults, of runs with --preset kafka --set default.replication.factor=3:
 *   npm run scenario:figures -- --defaults a.json b.json
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
      records: z.object({ lost: figures, duplicates: figures, reordered: figures, failed: figures }),
    }),
  ),
});
export type ScenarioDocument = z.infer<typeof documentSchema>;

export type Marks = readonly [begin: string, end: string];
export const FIGURES: Marks = ['<!-- figures -->', '<!-- end of figures -->'];
export const OF_DEFAULTS: Marks = [
  '<!-- figures of the defaults -->',
  '<!-- end of figures of the defaults -->',
];

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

const MISHAPS = { lost: 'lost', duplicates: 'twice', reordered: 'late', failed: 'failed' } as const;

/** The same with what becomes of records under each release, for defaults that differ: the most of any run, if any. */
export function defaultsTable(documents: readonly ScenarioDocument[]): string {
  const names = [...new Set(documents.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const each = documents.map(({ scenarios }) => scenarios.find((scenario) => scenario.name === name));
    return [
      `\`${name}\``,
      ...each.map((scenario) => (scenario === undefined ? '' : pair(scenario.standstill.producers))),
      ...each.map((scenario) => (scenario === undefined ? '' : pair(scenario.standstill.consumers))),
      ...each.map((scenario) =>
        Object.entries(MISHAPS)
          .map(([key, says]) => [scenario?.records[key as keyof typeof MISHAPS].worst ?? 0, says] as const)
          .filter(([count]) => count > 0)
          .map(([count, says]) => `${count} ${says}`)
          .join(', '),
      ),
    ];
  });
  const releases = documents.map(({ release }) => release);
  const head = [
    'scenario',
    ...['producers', 'consumers', 'records'].flatMap((what) =>
      releases.map((release) => `${what}, ${release}`),
    ),
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The text with the table between its marks. Throws where they are missing. */
export function withFigures(text: string, table: string, [first, last]: Marks = FIGURES): string {
  const begin = text.indexOf(first);
  const end = text.indexOf(last);
  if (begin < 0 || end < begin) throw new RangeError(`no ${first} … ${last}`);
  return `${text.slice(0, begin + first.length)}\n\n${table}\n\n${text.slice(end)}`;
}

if (process.argv[1] === import.meta.filename) {
  const readme = path.join(import.meta.dirname, '..', 'scenarios', 'README.md');
  const files = process.argv.slice(2);
  const ofDefaults = files[0] === '--defaults';
  const documents = (ofDefaults ? files.slice(1) : files).map((file) =>
    documentSchema.parse(JSON.parse(readFileSync(file, 'utf8'))),
  );
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    ofDefaults
      ? withFigures(text, defaultsTable(documents), OF_DEFAULTS)
      : withFigures(text, figuresTable(documents)),
  );
}
