/** How files of earlier formats, and actions that had another name, become what is read today. */
import { VERSION } from './format.ts';

export type Raw = Readonly<Record<string, unknown>>;

/** What an action is called now, and its parameters that have another name. */
export interface Renamed {
  readonly kind: string;
  readonly params?: Readonly<Record<string, string>>;
}

export interface Migrations {
  /** At index n: makes a file of version n one of version n + 1. Pure; what it does not know it passes on. */
  readonly steps: readonly ((file: Raw) => Raw)[];
  /** By the kind that an action had. Only kinds that no action has today are looked up. */
  readonly renamed: ReadonlyMap<string, Renamed>;
}

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Version 0 had `config` for `settings`, and knew only runs cut after the one property that they break. */
function fromVersion0({ config, ...file }: Raw): Raw {
  const { property = null, actions } = file;
  const isBroken = typeof property === 'string';
  return {
    settings: config,
    broken: isBroken ? [property] : [],
    brokenAt: isBroken && Array.isArray(actions) ? actions.length : null,
    minimal: 'no',
    ...file,
    property,
    version: 1,
  };
}

export const MIGRATIONS: Migrations = { steps: [fromVersion0], renamed: new Map() };

/** The file as the newest version has it. `version` must be one that the steps start from, or the newest. */
export function migrated(file: Raw, version: number, { steps }: Migrations): Raw {
  return steps.slice(version, VERSION).reduce((older, step) => step(older), file);
}

/** The action under the name that it has today. */
export function renamedAction(action: unknown, isKnown: (kind: string) => boolean, by: Migrations): unknown {
  if (!isRaw(action) || typeof action.kind !== 'string' || isKnown(action.kind)) return action;
  const now = by.renamed.get(action.kind);
  if (now === undefined) return action;
  const { params = {} } = now;
  const entries = Object.entries(action).map(([name, value]) => {
    return [Object.hasOwn(params, name) ? params[name] : name, value] as const;
  });
  return renamedAction({ ...Object.fromEntries(entries), kind: now.kind }, isKnown, by);
}
