/** A number of runs against one configuration, each repeatable from the campaign's seed and its own number. */
import fc from 'fast-check';
import { ACTIONS, createMachine, type ActionCode, type Config } from '../model/index.ts';
import { Checker, type Finding } from './checker.ts';
import { walks, type Run } from './generate/walks.ts';
import type { Property } from './property.ts';
import { WITNESSES } from './witnesses.ts';

export interface Campaign {
  readonly config: Config;
  readonly properties: readonly Property[];
  readonly seed: number;
  /** The longest run, in actions. */
  readonly actions: number;
  /** Findings of these do not end a run; they are reported all the same. */
  readonly tolerated: ReadonlySet<string>;
}

/** What a number of runs has shown so far. */
export interface Tally {
  runs: number;
  /** Actions taken, all runs together. */
  actions: number;
  /** By kind of action. */
  readonly taken: Readonly<Record<string, number>>;
  readonly witnesses: { readonly met: readonly string[]; readonly unmet: readonly string[] };
}

export interface Found {
  /** Number of the run within the campaign, from 0. */
  readonly run: number;
  readonly actions: readonly ActionCode[];
  readonly findings: readonly Finding[];
}

/** Seed of one run: any run of a campaign can be had again without those before it. */
export function runSeed(seed: number, run: number): number {
  let mixed = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(run + 1, 0xc2b2_ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x27d4_eb2f);
  return mixed ^ (mixed >>> 13);
}

/** Random walks over one configuration. */
export class WalkCampaign {
  private readonly counts = new Float64Array(ACTIONS.length);
  private readonly checker: Checker;
  private readonly arbitrary: fc.Arbitrary<Run>;
  private readonly campaign: Campaign;
  private runs = 0;
  private steps = 0;

  constructor(campaign: Campaign) {
    this.campaign = campaign;
    const machine = createMachine(campaign.config);
    this.checker = new Checker(machine, campaign.properties);
    const lemmas = new Set(campaign.properties.filter(({ kind }) => kind === 'lemma').map(({ id }) => id));
    this.arbitrary = walks(
      machine,
      this.checker,
      campaign.actions,
      (property) => !lemmas.has(property) && !campaign.tolerated.has(property),
      (code) => {
        const kind = code & 0xff;
        this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      },
    );
  }

  /** Does one run; gives what it broke, if anything. */
  run(number: number): Found | undefined {
    const [run] = fc.sample(this.arbitrary, { numRuns: 1, seed: runSeed(this.campaign.seed, number) });
    if (run === undefined) throw new Error('fast-check gave no run');
    this.runs++;
    this.steps += run.actions.length;
    const found = run.findings.some(({ property }) => !this.campaign.tolerated.has(property));
    return found ? { run: number, actions: run.actions, findings: run.findings } : undefined;
  }

  tally(): Tally {
    const met = this.checker.witnessesMet();
    const { config } = this.campaign;
    const unmet = WITNESSES.filter(({ id, possible }) => possible(config) && !met.includes(id)).map(
      ({ id }) => id,
    );
    return {
      runs: this.runs,
      actions: this.steps,
      taken: Object.fromEntries(
        ACTIONS.map(({ kind }, index) => [kind, this.counts[index] ?? 0] as const).filter(
          ([, count]) => count > 0,
        ),
      ),
      witnesses: { met, unmet },
    };
  }
}
