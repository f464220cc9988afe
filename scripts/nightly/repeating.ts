/** Takes many runs twice, and keeps what they came to for a comparison with another version of Node. */
import { createHash } from 'node:crypto';
import { digestState, type ActionCode, type State, type Step } from '../../model/index.ts';
import { runSeed } from '../../properties/index.ts';
import { batchSeed, runsFor } from './batch.ts';
import type { RunName } from './lines.ts';
import { Comparison, type Difference } from './repeat.ts';
import type { Target } from './targets.ts';

/** The states of a run are digested once in so many steps, its actions all. */
const DIGEST_ONE_IN = 16;

/** What one run came to: a digest after every few steps, the last over everything. */
export interface Repeated {
  readonly name: RunName;
  readonly digests: string;
  readonly difference: Difference | undefined;
}

/** So many runs over all targets in turn. */
export function* repeating(targets: readonly Target[], seed: number, runs: number): Generator<Repeated> {
  for (const [index, target] of targets.entries()) {
    let comparison = new Comparison();
    let digests = new Digests();
    const listen = (code: ActionCode, before: State, step: Step): void => {
      if (!comparison.isSecond) digests.look(code, step.state);
      comparison.look(code, before, step);
    };
    const made = runsFor(target, target.settings, listen);
    const share = Math.floor(runs / targets.length) + (index < runs % targets.length ? 1 : 0);
    for (let run = 0; run < share; run++) {
      const name = { target: target.id, batch: 0, run, seed: runSeed(batchSeed(seed, target.id, 0), run) };
      comparison = new Comparison();
      digests = new Digests();
      const first = made.runFrom(name.seed, run);
      comparison.again();
      const second = made.runFrom(name.seed, run);
      const difference = comparison.verdict(first, second);
      yield { name, digests: digests.end(JSON.stringify(first?.findings ?? [])), difference };
    }
  }
}

class Digests {
  private readonly parts: string[] = [];
  private readonly hash = createHash('sha256');
  private steps = 0;

  look(code: ActionCode, state: State): void {
    this.hash.update(`${code} `);
    if (++this.steps % DIGEST_ONE_IN === 0) this.note(digestState(state));
  }

  private note(text: string): void {
    this.hash.update(text);
    this.parts.push(this.hash.copy().digest('hex').slice(0, 8));
  }

  end(findings: string): string {
    this.note(findings);
    return this.parts.join('');
  }
}

const lineOf = ({ name: { target, run }, digests }: Repeated): string => `${target} ${run} ${digests}`;

export const fileOf = (repeated: readonly Repeated[]): string => `${repeated.map(lineOf).join('\n')}\n`;

/** Where what was kept is not what was made now, one line for each run, and how many runs were compared. */
export function comparedWith(
  repeated: readonly Repeated[],
  kept: string,
): { readonly compared: number; readonly differences: readonly string[] } {
  const before = new Map(
    kept
      .split('\n')
      .map((line) => line.split(' '))
      .map(([target = '', run = '', digests = '']) => [`${target} ${run}`, digests] as const),
  );
  let compared = 0;
  const differences = repeated.flatMap(({ name, digests }) => {
    const was = before.get(`${name.target} ${name.run}`);
    if (was === undefined) return [];
    compared++;
    if (was === digests) return [];
    const part =
      digests.match(/.{8}/g)?.findIndex((piece, index) => was.slice(index * 8, index * 8 + 8) !== piece) ?? 0;
    const step = Math.max(part, 0) * DIGEST_ONE_IN;
    return [
      `${name.target}, seed ${name.seed}: not the same from step ${step + 1} to ${step + DIGEST_ONE_IN} on`,
    ];
  });
  return { compared, differences };
}
