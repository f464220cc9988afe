/** Pieces of sentences that every report has. */
import type { Bucket, Night } from './night.ts';
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
