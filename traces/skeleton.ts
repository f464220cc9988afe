/**
 * What runs that break in the same way have in common: their kinds of action, whichever broker is which and however
 * steps that have nothing to do with each other were interleaved.
 */
import { ACTIONS, CONTROLLER, sortOfParty, type Action, type ActionDefinition } from '../model/index.ts';
import { partiesOf } from './params.ts';

type Named = readonly (readonly [param: string, party: number])[];

interface Step {
  readonly kind: string;
  readonly parties: Named;
}

/**
 * One line per action, as in `handle-fetch from=1 to=0`; how many records and the n-th message are left out. Of all
 * ways to number brokers and clients it is the one that comes first in the order of texts.
 */
export function skeletonOf(actions: readonly Action[]): string {
  const layers = inLayers(actions).map((layer) =>
    layer.map((action): Step => ({ kind: action.kind, parties: partiesOf(action) })),
  );
  const parties = [...new Set(layers.flat().flatMap((step) => step.parties.map(([, party]) => party)))];
  let least: string | undefined;
  for (const names of namings(parties)) {
    const text = layers
      .map((layer) =>
        layer
          .map((step) => textOf(step, names))
          .sort()
          .join('\n'),
      )
      .join('\n');
    if (least === undefined || text < least) least = text;
  }
  return least ?? '';
}

const textOf = ({ kind, parties }: Step, names: ReadonlyMap<number, number>): string =>
  `${kind}${parties.map(([param, party]) => ` ${param}=${names.get(party) ?? party}`).join('')}`;

/** Brokers change places among each other, producers and consumers too; the controller is one. */
function* namings(parties: readonly number[]): Generator<ReadonlyMap<number, number>> {
  for (const order of orders(parties.toSorted((a, b) => a - b))) {
    yield new Map(order.map((party, name) => [party, name]));
  }
}

/** All orders in which every place is taken by a party of the sort that has it now. */
function* orders(parties: readonly number[]): Generator<readonly number[]> {
  const [first] = parties;
  if (first === undefined) yield [];
  for (const party of parties) {
    if (sortOfParty(party) !== sortOfParty(first ?? party)) continue;
    for (const rest of orders(parties.filter((other) => other !== party))) yield [party, ...rest];
  }
}

const DEFINITIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  ACTIONS.map((definition) => [definition.kind, definition]),
);

/** Who takes part in an action: the parties that it names, and the controller where it looks at what that decided. */
function concernedIn(action: Action): readonly number[] {
  const named = partiesOf(action).map(([, party]) => party);
  const definition = DEFINITIONS.get(action.kind);
  const asksController =
    definition?.who === 'controller' ||
    definition?.reads.some((component) => component === 'metadata' || component === 'controller') === true;
  return asksController ? [...named, CONTROLLER] : named;
}

/** Each action goes into the first layer after all earlier ones that it shares a party with. */
function inLayers(actions: readonly Action[]): readonly (readonly Action[])[] {
  const last = new Map<number, number>();
  const layers: Action[][] = [];
  for (const action of actions) {
    const parties = concernedIn(action);
    const layer = 1 + Math.max(-1, ...parties.map((party) => last.get(party) ?? -1));
    for (const party of parties) last.set(party, layer);
    (layers[layer] ??= []).push(action);
  }
  return layers;
}
