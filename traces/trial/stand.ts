/** What a trial says of one property. */
import { EVENTUALLY, PROPERTIES } from '../../properties/index.ts';
import type { Break, Trial } from './trial.ts';

export type Stand =
  | { readonly is: 'broken'; readonly by: Break }
  | { readonly is: 'held' }
  /** Not broken, but these witnesses, without which that says nothing, were not met. */
  | { readonly is: 'unreached'; readonly witnesses: readonly string[] }
  /** Under these settings it says nothing: these witnesses cannot be met. */
  | { readonly is: 'vacuous'; readonly witnesses: readonly string[] };

/** Every property that a trial looks at, those of single steps first. */
export const TRIED: readonly string[] = [...PROPERTIES, ...EVENTUALLY].map(({ id }) => id);

export function standOf(property: string, { breaks, witnesses }: Pick<Trial, 'breaks' | 'witnesses'>): Stand {
  const by = breaks.find((found) => found.property === property);
  if (by !== undefined) return { is: 'broken', by };
  const needed = PROPERTIES.find(({ id }) => id === property)?.vacuousWithout ?? [];
  const missing = needed.filter((id) => !witnesses.met.includes(id));
  if (missing.length === 0) return { is: 'held' };
  const impossible = missing.filter((id) => !witnesses.unmet.includes(id));
  return impossible.length > 0
    ? { is: 'vacuous', witnesses: impossible }
    : { is: 'unreached', witnesses: missing };
}
