/** A machine's actions by code and by name, taken apart once. */
import { ACTIONS } from '../../protocol/actions/index.ts';
import { NO_FAULTS } from '../../protocol/config.ts';
import { createMachine, type ActionCode, type Machine } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';

export interface Deed {
  readonly code: ActionCode;
  readonly kind: string;
  readonly role: 'protocol' | 'perturbation' | 'healing';
  /** Its parameters in their declared order, 0 where it has none. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * Further machines of the same rules, but without fault budgets, list what is enabled: the simulation asks for faults
 * one by one, and need not be offered every link that could be cut.
 */
export class Repertoire {
  readonly machine: Machine;
  /** Lists what the agenda takes, and what is enabled at all. */
  private readonly lister: Machine;
  private readonly completeLister: Machine;
  private readonly deeds = new Map<ActionCode, Deed>();
  private readonly codes = new Map<string, ActionCode>();
  private readonly lists = new Map<string, readonly ActionCode[]>();

  constructor(machine: Machine, isOnAgenda: (kind: string) => boolean) {
    this.machine = machine;
    const { config } = machine;
    const withoutFaults = { ...config, faults: { ...config.faults, budgets: NO_FAULTS } };
    this.lister = createMachine(withoutFaults, isOnAgenda);
    this.completeLister = createMachine(withoutFaults);
  }

  /** Appends the codes of what is enabled and on the agenda, in the machine's order. */
  list(state: State, out: ActionCode[]): void {
    this.lister.enabled(state, out);
  }

  /** The same for all that is enabled and no fault. */
  listAll(state: State): readonly Deed[] {
    const codes: ActionCode[] = [];
    this.completeLister.enabled(state, codes);
    return codes.map((code) => this.deed(code));
  }

  deed(code: ActionCode): Deed {
    const known = this.deeds.get(code);
    if (known !== undefined) return known;
    const { kind, params, role } = this.machine.definition(code);
    const action = this.machine.decode(code);
    const value = (index: number): number => {
      const name = params[index];
      return name === undefined ? 0 : Number(action[name]);
    };
    const deed = { code, kind, role, a: value(0), b: value(1), c: value(2) };
    this.deeds.set(code, deed);
    return deed;
  }

  /** The codes of an action whose one parameter is a broker, by broker. */
  byBroker(kind: string): readonly ActionCode[] {
    const known = this.lists.get(kind);
    if (known !== undefined) return known;
    const codes = this.brokers().map((broker) => this.code(kind, broker));
    this.lists.set(kind, codes);
    return codes;
  }

  /** The codes of an action between two brokers: first × brokers + second. */
  byBrokers(kind: string): readonly ActionCode[] {
    const known = this.lists.get(kind);
    if (known !== undefined) return known;
    const codes = this.brokers().flatMap((first) =>
      this.brokers().map((second) => this.code(kind, first, second)),
    );
    this.lists.set(kind, codes);
    return codes;
  }

  private brokers(): number[] {
    return Array.from({ length: this.machine.config.brokers }, (_, id) => id);
  }

  /** The code of an action by its kind and its parameters in their declared order. Throws where there is none. */
  code(kind: string, ...values: readonly number[]): ActionCode {
    const key = `${kind} ${values.join(' ')}`;
    const known = this.codes.get(key);
    if (known !== undefined) return known;
    const params = ACTIONS.find((action) => action.kind === kind)?.params ?? [];
    const named = Object.fromEntries(params.map((name, i) => [name, values[i] ?? -1]));
    const code = this.machine.encode({ kind, ...named });
    if (code === undefined) throw new RangeError(`no action ${key}`);
    this.codes.set(key, code);
    return code;
  }
}
