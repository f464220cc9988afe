/** Pieces of sentences that every report has. */
import type { Bucket, Night, TargetSummary } from './night.ts';
import type { Standing } from './known.ts';

export const number = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Why a finding is no news, or that it is. */
export function standingSays(standing: Standing): string {
  switch (standing.kind) {
    case 'new':
      return 'new';
    case 'saved':
      return `known: ${standing.name}`;
    case 'cured': {
      const alike = standing.alike.length === 0 ? '' : `, as ${standing.alike.join(', ')}`;
      return `known: gone with ${standing.cause}${alike}`;
    }
    case 'muted':
      return `muted until ${standing.expires}: ${standing.reason}`;
  }
}

/** The night in one sentence. */
export function inShort(night: Night): string {
  const shards = night.shards.map(({ part, of }) => `${part} of ${of}`);
  return (
    `${number(night.runs)} runs, ${number(night.steps)} steps over ${night.targets.length} targets in ` +
    `${number(night.seconds)} s (${number(night.runs / Math.max(night.seconds, 0.1))} runs/s, ` +
    `${number(night.steps / Math.max(night.seconds, 0.1))} steps/s), seed ${night.seed}` +
    (shards.length === 1 && shards[0] === '1 of 1' ? '' : `, shard ${shards.join(', ')}`)
  );
}

/** Known findings by what makes them known: hundreds of runs come down to a few causes. */
export interface KnownGroup {
  readonly says: string;
  readonly properties: readonly string[];
  readonly buckets: number;
  readonly findings: number;
  readonly shortest: Bucket;
}

export function knownGroups(night: Night): KnownGroup[] {
  const groups = new Map<string, Bucket[]>();
  for (const bucket of night.buckets) {
    if (bucket.standing.kind === 'new') continue;
    const says = standingSays(bucket.standing);
    groups.set(says, [...(groups.get(says) ?? []), bucket]);
  }
  return [...groups]
    .flatMap(([says, buckets]): KnownGroup[] => {
      const [shortest] = buckets.toSorted((a, b) => a.best.steps - b.best.steps);
      if (shortest === undefined) return [];
      return [
        {
          says,
          properties: [...new Set(buckets.map(({ property }) => property))],
          buckets: buckets.length,
          findings: buckets.reduce((sum, { count }) => sum + count, 0),
          shortest,
        },
      ];
    })
    .sort((a, b) => b.findings - a.findings);
}

/** Targets that have something in common, added up. */
export interface TargetGroup {
  readonly name: string;
  readonly expects: string;
  readonly runs: number;
  readonly steps: number;
  /** Seconds of workers, and the part of them that went into making findings small. */
  readonly seconds: number;
  readonly minimising: number;
  readonly broken: string;
}

export function groupsOf(
  targets: readonly TargetSummary[],
  nameOf: (target: TargetSummary) => string,
): readonly TargetGroup[] {
  const groups = new Map<string, TargetSummary[]>();
  for (const target of targets) groups.set(nameOf(target), [...(groups.get(nameOf(target)) ?? []), target]);
  return [...groups].map(([name, all]) => {
    const total = (of: (target: TargetSummary) => number): number =>
      all.reduce((sum, target) => sum + of(target), 0);
    const brokenIn: Record<string, number> = {};
    for (const target of all) {
      for (const [property, runs] of Object.entries(target.brokenIn))
        brokenIn[property] = (brokenIn[property] ?? 0) + runs;
    }
    return {
      name,
      expects: [...new Set(all.map(({ expects }) => expects))].join(', '),
      runs: total(({ runs }) => runs),
      steps: total(({ steps }) => steps),
      seconds: total(({ ms }) => ms) / 1000,
      minimising: total(({ minimisingMs }) => minimisingMs) / 1000,
      broken: brokenSays(brokenIn),
    };
  });
}

/** Runs that broke each property, most first. */
export const brokenSays = (brokenIn: Readonly<Record<string, number>>): string =>
  Object.entries(brokenIn)
    .sort(([, a], [, b]) => b - a)
    .map(([property, runs]) => `${property} ${number(runs)}`)
    .join(', ');

/** What a run and a worker took at most. */
export function mostSays({ targets }: Night): string {
  const slowest = targets.reduce<TargetSummary | undefined>(
    (most, target) => (most === undefined || target.longestRunMs > most.longestRunMs ? target : most),
    undefined,
  );
  const heap = Math.max(0, ...targets.map(({ heapMb }) => heapMb));
  return `longest run ${number(slowest?.longestRunMs ?? 0)} ms (${slowest?.id ?? ''}), heap of a worker at most ${number(heap)} MB`;
}
