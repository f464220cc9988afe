/** Takes runs twice and compares them step by step: the same seed has to give the same run. */
import type { ActionCode, State, Step } from '../../model/index.ts';
import type { Found } from '../../properties/index.ts';

export interface Difference {
  /** Steps taken when the two parted, from 1. */
  readonly step: number;
  /** What of the state is not the same, as in `replicas.1.highWatermark`; or `action`, `length`, `findings`. */
  readonly field: string;
  readonly says: string;
}

interface Recorded {
  readonly code: ActionCode;
  readonly state: State;
}

/** Listens to a run, then to the same again. */
export class Comparison {
  private readonly first: Recorded[] = [];
  private steps = 0;
  isSecond = false;
  private difference: Difference | undefined;
  /** The states before, of the first run and of the second. */
  private before: State | undefined;
  private beforeAgain: State | undefined;

  readonly look = (code: ActionCode, _before: State, { state }: Step): void => {
    if (!this.isSecond) {
      this.first.push({ code, state });
      return;
    }
    const recorded = this.first[this.steps++];
    if (this.difference !== undefined) return;
    if (recorded === undefined) {
      this.difference = differs(this.steps, 'length', `${this.first.length} steps, and more the second time`);
    } else if (recorded.code !== code) {
      this.difference = differs(this.steps, 'action', `action ${recorded.code}, then ${code}`);
    } else {
      const field = firstDifference(recorded.state, state, this.before, this.beforeAgain);
      if (field !== undefined) this.difference = differs(this.steps, field.path, field.says);
      this.before = recorded.state;
      this.beforeAgain = state;
    }
  };

  /** From now on it is the second run. */
  again(): void {
    this.isSecond = true;
  }

  /** How the second run differed, if it did. */
  verdict(first: Found | undefined, second: Found | undefined): Difference | undefined {
    if (this.difference !== undefined) return this.difference;
    if (this.steps < this.first.length) {
      return differs(this.steps, 'length', `${this.first.length} steps, then ${this.steps}`);
    }
    const field = firstDifference(first?.findings ?? [], second?.findings ?? []);
    return field === undefined ? undefined : differs(this.steps, `findings.${field.path}`, field.says);
  }
}

const differs = (step: number, field: string, says: string): Difference => ({ step, field, says });

/**
 * Where two values part first, or undefined where they are the same. `wasA` and `wasB` are what the two were before, and
 * known to be the same: a state shares most of its parts with the one before, and those are not looked at again.
 */
export function firstDifference(
  a: unknown,
  b: unknown,
  wasA?: unknown,
  wasB?: unknown,
): { readonly path: string; readonly says: string } | undefined {
  if (Object.is(a, b) || (a === wasA && b === wasB)) return undefined;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
    return { path: '', says: `${JSON.stringify(a)}, then ${JSON.stringify(b)}` };
  }
  for (const key in a) {
    const below = firstDifference(a[key], b[key], partOf(wasA, key), partOf(wasB, key));
    if (below !== undefined) return within(key, below);
  }
  for (const key in b) {
    if (!(key in a)) return within(key, { path: '', says: `nothing, then ${JSON.stringify(b[key])}` });
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const partOf = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

const within = (
  key: string,
  { path, says }: { readonly path: string; readonly says: string },
): { readonly path: string; readonly says: string } => ({ path: path === '' ? key : `${key}.${path}`, says });
