/** `bench`: how many machine steps a second, all properties on, and how many states a search meets. */
import { cpus } from 'node:os';
import { Option, type Command } from 'commander';
import { ACTIONS, defaultSettings, faultsOfClass, type Settings } from '../../model/index.ts';
import { measureSearch, searchBenches, type SearchMeasured } from '../bench/explore.ts';
import { measure, type Measured } from '../bench/measure.ts';
import { timedBench } from '../bench/timed.ts';
import { walkBench, type Mix } from '../bench/walk.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../options.ts';

interface BenchOptions {
  readonly sample: number;
  readonly only?: 'steps' | 'search';
  readonly json: boolean;
}

interface Bench {
  readonly name: string;
  readonly about: string;
  readonly make: () => Mix;
}

/** Three brokers, everything else as `fuzz` has it, on rules under which nothing breaks. */
const SETTINGS: Settings = {
  ...defaultSettings,
  release: '4.1-repaired',
  faults: faultsOfClass('F1e', 2, 3),
};

const BENCHES: readonly Bench[] = [
  {
    name: 'walk',
    about: 'random walk, 3 brokers, 1 producer, 1 consumer, faults F1e, all properties, one core',
    make: () => walkBench(SETTINGS),
  },
  {
    name: 'timed',
    about: 'timed simulation, 3 brokers, 1 producer, 1 consumer, faults F1e, all properties, one core',
    make: () => timedBench(SETTINGS),
  },
];

export function register(program: Command): void {
  program
    .command('bench')
    .description('measure machine steps per second on one core, and states per second of a search on all')
    .option('--sample <seconds>', 'length of each of the seven samples', wholeNumber(1, 600), 2)
    .addOption(new Option('--only <part>', 'one part of the benchmarks').choices(['steps', 'search']))
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options: BenchOptions) => {
      await bench(options);
      process.exitCode = EXIT.passed;
    });
}

async function bench({ sample, only, json }: BenchOptions): Promise<void> {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
  const benches = only === 'search' ? [] : BENCHES;
  const results = benches.map(({ name, about, make }) => {
    process.stderr.write(`${name}: ${about} …\n`);
    const mix = make();
    const measured = measure(() => mix.work(), sample * 1000);
    return { name, about, measured, mix: mixOf(mix.counts) };
  });
  const searches = [];
  for (const search of only === 'steps' ? [] : searchBenches()) {
    process.stderr.write(`${search.name}: ${search.about} …\n`);
    searches.push({ name: search.name, about: search.about, measured: await measureSearch(search) });
  }
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ verdict: 'passed', machine, benches: results, searches }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(`${machine}\n`);
  for (const { name, about, measured, mix } of results)
    process.stdout.write(text(name, about, measured, mix));
  for (const { name, about, measured } of searches) process.stdout.write(searchText(name, about, measured));
}

function searchText(name: string, about: string, measured: SearchMeasured): string {
  const { states, transitions, depth, bytesPerState, threads, seconds, statesPerSecond } = measured;
  const number = (value: number): string => value.toLocaleString('en-US');
  return [
    '',
    `${name}: ${about}`,
    `  ${number(states)} distinct states, ${number(transitions)} transitions, ${depth} levels, ` +
      `${bytesPerState} bytes a state`,
    `  ${number(statesPerSecond)} states/s with ${threads} threads (median of ${seconds.length} runs: ` +
      `${seconds.map((each) => `${each.toFixed(2)} s`).join(', ')})`,
    '',
  ].join('\n');
}

/** Shares of the kinds of action, in thousandths, the most frequent first. */
function mixOf(counts: Float64Array): Record<string, number> {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(
    ACTIONS.map(({ kind }, index) => [kind, Math.round(((counts[index] ?? 0) / total) * 1000)] as const)
      .filter(([, share]) => share > 0)
      .sort(([, a], [, b]) => b - a),
  );
}

function text(name: string, about: string, measured: Measured, mix: Record<string, number>): string {
  const thousands = (value: number): string => `${Math.round(value / 1000)}k`;
  const shares = Object.entries(mix)
    .slice(0, 14)
    .map(([kind, share]) => `${kind} ${(share / 10).toFixed(1)} %`)
    .join(', ');
  return [
    '',
    `${name}: ${about}`,
    `  ${thousands(measured.median)} steps/s (median of ${measured.perSecond.length}; ` +
      `${thousands(measured.least)} to ${thousands(measured.most)}), ` +
      `${thousands(measured.commitsPerSecond)} commits/s`,
    `  mix: ${shares}`,
    '',
  ].join('\n');
}
