/** A small machine in the form that the exhaustive search explores. */
import type { Explorable } from './explorable.ts';
import type { Space } from '../../specs/space.ts';

const NOTHING = { broken: [], met: [] };

export function explorableSpace(space: Space): Explorable {
  const { slots, initial, groups, actions, invariants, symmetry } = space;
  return {
    slots,
    initial,
    groups: groups ?? slots.map((_, slot) => [slot]),
    families: 1,
    offersAreEnabled: false,
    choices: (_family, _read, offer) => {
      for (let label = 0; label < actions.length; label++) offer(label);
    },
    take: (label, read, write) => (actions[label]?.take(read, write) === true ? undefined : false),
    judge: () => NOTHING,
    checks: invariants.map(({ id, check }) => ({ id, check: (read) => check(read) === undefined })),
    bounds: [],
    ...(symmetry === undefined ? {} : { symmetry }),
    describe: (label) => actions[label]?.label ?? `action ${label}`,
  };
}
