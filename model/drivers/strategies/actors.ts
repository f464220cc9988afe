/** Who takes an action: what threads are to a scheduler of programs. */
import { CONTROLLER, consumerParty, PARTIES, producerParty } from '../../protocol/base/party.ts';
import type { ActionCode, Machine } from '../../protocol/machine.ts';

/** Beside the parties: what goes wrong and is healed. */
export const FATE = PARTIES;

/** Works out the actor of each action once. A message is handled by the party that it is for. */
export class Actors {
  private readonly machine: Machine;
  private readonly known = new Map<ActionCode, number>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  of(code: ActionCode): number {
    let actor = this.known.get(code);
    if (actor === undefined) {
      actor = this.workOut(code);
      this.known.set(code, actor);
    }
    return actor;
  }

  isFault(code: ActionCode): boolean {
    return this.machine.definition(code).role === 'perturbation';
  }

  private workOut(code: ActionCode): number {
    if (this.machine.definition(code).role !== 'protocol') return FATE;
    const { to, producer, consumer, broker, leader } = this.machine.decode(code);
    if (to !== undefined) return Number(to);
    if (producer !== undefined) return producerParty(Number(producer));
    if (consumer !== undefined) return consumerParty(Number(consumer));
    return Number(broker ?? leader ?? CONTROLLER);
  }
}
