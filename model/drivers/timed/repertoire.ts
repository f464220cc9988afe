/** A machine's actions by code and by name, taken apart once. */
import { ACTIONS } from '../../protocol/actions/index.ts';
import { NO_FAULTS } from '../../protocol/config.ts';
import { createMachine, type ActionCode, type Machine } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';

export interface Deed {
  readonly code: ActionCode;
  readonly kind: string;
  readonly role: 'protocol' | 'perturbation' | 'healing';
  /** Whose it is; 0 also for what no partition has of its own. */
  readonly partition: number;
  readonly isShared: boolean;
  /** Its parameters in their declared order, 0 where it has none. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** In place of a step that another partition has of its own. */
export const ELSEWHERE: Deed = {
  code: -1,
  kind: 'elsewhere',
  role: 'protocol',
  partition: 0,
  isShared: false,
  a: 0,
  b: 0,
  c: 0,
};

/** What lists the actions of a machine, for all partitions. */
interface Listers {
  readonly machine: Machine;
  readonly lister: Machine;
  readonly completeLister: Machine;
  readonly deeds: Map<ActionCode, Deed>;
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
  private readonly deeds: Map<ActionCode, Deed>;
  /** Codes of what each partition has are those of this one. */
  private readonly partition: number;
  private readonly codes = new Map<string, ActionCode>();
  private readonly lists = new Map<string, readonly ActionCode[]>();

  private constructor(listers: Listers, partition: number) {
    this.machine = listers.machine;
    this.lister = listers.lister;
    this.completeLister = listers.completeLister;
    this.deeds = listers.deeds;
    this.partition = partition;
  }

  /** By partition: the same, but for the codes of what each partition has of its own. */
  static ofPartitions(machine: Machine, isOnAgenda: (kind: string) => boolean): readonly Repertoire[] {
    const { config } = machine;
    const withoutFaults = { ...config, faults: { ...config.faults, budgets: NO_FAULTS } };
    const listers = {
      machine,
      lister: createMachine(withoutFaults, isOnAgenda),
      completeLister: createMachine(withoutFaults),
      deeds: new Map<ActionCode, Deed>(),
    };
    return [config.assignment, ...config.otherAssignments].map(
      (_, partition) => new Repertoire(listers, partition),
    );
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
    const { kind, params, role, ofPartition } = this.machine.definition(code);
    const action = this.machine.decode(code);
    const value = (index: number): number => {
      const name = params[index];
      return name === undefined ? 0 : Number(action[name]);
    };
    const partition = Number(action['partition'] ?? 0);
    const isShared = ofPartition !== true;
    const deed = { code, kind, role, partition, isShared, a: value(0), b: value(1), c: value(2) };
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
    const action = ACTIONS.find((other) => other.kind === kind);
    const named = Object.fromEntries((action?.params ?? []).map((name, i) => [name, values[i] ?? -1]));
    const { partition } = this;
    const own = partition > 0 && action?.ofPartition === true ? { partition } : {};
    const code = this.machine.encode({ kind, ...named, ...own });
    if (code === undefined) throw new RangeError(`no action ${key}`);
    this.codes.set(key, code);
    return code;
  }
}
