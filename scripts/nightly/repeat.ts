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
  /** A state shares most of its parts with the one before: what was found the same is not looked at again. */
  private readonly same = new Map<object, object>();

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
      const field = firstDifference(recorded.state, state, '', this.same);
      if (field !== undefined) this.difference = differs(this.steps, field.path, field.says);
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
    return field === undefined ? undefined : differs(this.steps, `findings${field.path}`, field.says);
  }
}

const differs = (step: number, field: string, says: string): Difference => ({ step, field, says });

/**
 * Where two values part first, or undefined where they are the same. `same` holds parts of `a` with those that are known
 * to be the same, and is added to.
 */
export function firstDifference(
  a: unknown,
  b: unknown,
  path = '',
  same = new Map<object, object>(),
): { readonly path: string; readonly says: string } | undefined {
  if (Object.is(a, b)) return undefined;
  const isPair = typeof a === 'object' && typeof b === 'object' && a !== null && b !== null;
  if (!isPair || Array.isArray(a) !== Array.isArray(b)) {
    return { path, says: `${JSON.stringify(a)}, then ${JSON.stringify(b)}` };
  }
  if (same.get(a) === b) return undefined;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    const below = firstDifference(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
      path === '' ? key : `${path}.${key}`,
      same,
    );
    if (below !== undefined) return below;
  }
  same.set(a, b);
  return undefined;
}
