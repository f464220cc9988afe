/** Makes a finding small and says which others it is like. */
import { createHash } from 'node:crypto';
import type { Settings } from '../../model/index.ts';
import { PROPERTIES, type Found } from '../../properties/index.ts';
import {
  causeOf,
  minimise,
  recordTrace,
  skeletonOf,
  type About,
  type Progress,
  type Trace,
} from '../../traces/index.ts';
import { FIRST_TRIES, MINIMISING_TRIES } from './limits.ts';

/** Runs that break alike have the same. */
export const bucketOf = (property: string, skeleton: string): string =>
  createHash('sha256').update(`${property}\n${skeleton}`).digest('hex').slice(0, 12);

export const bucketOfTrace = ({ property, actions }: Trace): string =>
  bucketOf(property ?? '', skeletonOf(actions));

export interface Small {
  readonly trace: Trace;
  readonly bucket: string;
  readonly cause: string | undefined;
  readonly minimal: boolean;
}

/** A broken property of single steps. */
export function made(
  settings: Settings,
  actions: readonly number[],
  id: string,
  about: About,
  onTry: () => void,
): Small {
  const property = PROPERTIES.find((known) => known.id === id);
  if (property === undefined) throw new RangeError(`no property "${id}"`);
  const small = (most: number): Small => {
    const mayContinue = ({ tries }: Progress): boolean => {
      if (tries % 256 === 0) onTry();
      return tries < most;
    };
    const {
      settings: smaller,
      actions: codes,
      minimal,
    } = minimise(settings, actions, property, { mayContinue });
    const trace = recordTrace(smaller, codes, { ...about, property: id, minimal });
    return { trace, bucket: bucketOfTrace(trace), cause: causeOf(trace), minimal: minimal !== 'no' };
  };
  const first = small(FIRST_TRIES);
  return first.cause !== undefined || first.minimal ? first : small(MINIMISING_TRIES);
}

/**
 * Something that did not come about after the healing. It shows only in the whole run, which therefore stays as it is;
 * alike are those of which the same is said, numbers apart.
 */
export function whole(
  { settings, actions }: Pick<Found, 'settings' | 'actions'>,
  { property, says }: { readonly property: string; readonly says: string },
  about: About,
): Pick<Small, 'trace' | 'bucket'> {
  const trace = recordTrace(settings, actions, { ...about, note: `${property}: ${says}` });
  return { trace, bucket: bucketOf(property, says.replaceAll(/\d+/g, '#')) };
}
