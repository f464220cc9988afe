/** Settings that hold less than those of a run, with the run as it would be under them. */
import {
  consumerParty,
  FAULT_KINDS,
  NO_BROKERS,
  producerParty,
  size,
  UNLIMITED,
  withBroker,
  type ActionCode,
  type FaultSettings,
  type Settings,
} from '../model/index.ts';
import type { Oracle } from './oracle.ts';
import { withoutParty } from './params.ts';
import { machineOf } from './run.ts';

export interface Smaller {
  readonly settings: Settings;
  readonly codes: readonly ActionCode[];
}

/** One consumer, producer or broker without a replica fewer, and no more records than are sent. */
export function* smallerSettings(oracle: Oracle): Generator<Smaller> {
  const { settings, best } = oracle;
  const { consumers, producers, brokers, records } = settings;
  for (let id = consumers - 1; id >= 0; id--) {
    yield without(oracle, consumerParty(id), { ...settings, consumers: consumers - 1 });
  }
  for (let id = producers - 1; id >= 0; id--) {
    yield without(oracle, producerParty(id), { ...settings, producers: producers - 1 });
  }
  for (let id = brokers - 1; id >= Number(settings.kafka['default.replication.factor']); id--) {
    yield without(oracle, id, { ...settings, brokers: brokers - 1 });
  }
  const sent = Math.max(0, ...oracle.stateAfter(best.length).producers.map((producer) => producer.sent));
  if (sent < records) yield { settings: { ...settings, records: sent }, codes: best };
}

function without({ best, machine }: Oracle, party: number, settings: Settings): Smaller {
  const codes: ActionCode[] = [];
  for (const code of best) {
    const action = withoutParty(machine.decode(code), party);
    const kept = action === undefined ? undefined : machine.encode(action);
    if (kept !== undefined) codes.push(kept);
  }
  return { settings, codes };
}

const NEARLY_UNLIMITED = UNLIMITED - 1;

/** The same run with only the faults allowed that it makes use of; nothing where that is so already. */
export function* withFaultsUsed(oracle: Oracle): Generator<Smaller> {
  const { settings, best } = oracle;
  const { faults } = settings;
  const used = faultsUsedBy(oracle);
  // What counts towards these two is forgotten once the cluster is whole, be it within one step: then the most that
  // is seen between steps is one too few.
  for (const more of [0, 1]) {
    for (const moreLossy of [0, 1]) {
      const allowed = {
        budgets: used.budgets,
        maxLossyBrokers: Math.min(used.maxLossyBrokers + moreLossy, faults.maxLossyBrokers),
        maxUncleanStops: Math.min(used.maxUncleanStops + more, faults.maxUncleanStops),
      };
      const isAllowedNow =
        FAULT_KINDS.every((kind) => allowed.budgets[kind] === faults.budgets[kind]) &&
        allowed.maxLossyBrokers === faults.maxLossyBrokers &&
        allowed.maxUncleanStops === faults.maxUncleanStops;
      if (isAllowedNow) return;
      yield { settings: { ...settings, faults: allowed }, codes: best };
    }
  }
}

function faultsUsedBy({ settings, best }: Oracle): FaultSettings {
  const { faults } = settings;
  // A budget or bound without limit does not count, so it is lent one that does.
  const counted = FAULT_KINDS.map(
    (kind) => [kind, Math.min(faults.budgets[kind], NEARLY_UNLIMITED)] as const,
  );
  const budgets = Object.fromEntries(counted) as FaultSettings['budgets'];
  const stops = Math.min(faults.maxUncleanStops, NEARLY_UNLIMITED);
  const machine = machineOf({ ...settings, faults: { ...faults, budgets, maxUncleanStops: stops } });
  let state = machine.initial;
  let lossy = NO_BROKERS;
  let maxLossyBrokers = 0;
  let maxUncleanStops = 0;
  for (const code of best) {
    const { uncleanStops } = state.environment;
    const step = machine.step(state, code);
    ({ state } = step);
    for (const event of step.events) if (event.type === 'destroyed') lossy = withBroker(lossy, event.broker);
    // Whole again: what was counted before is forgotten.
    if (uncleanStops > 0 && state.environment.uncleanStops === 0) lossy = NO_BROKERS;
    maxLossyBrokers = Math.max(maxLossyBrokers, size(lossy));
    maxUncleanStops = Math.max(maxUncleanStops, state.environment.uncleanStops);
  }
  const used = counted.map(([kind, had], i) => [kind, had - (state.environment.budgets[i] ?? 0)] as const);
  return {
    budgets: Object.fromEntries(used) as FaultSettings['budgets'],
    maxLossyBrokers,
    maxUncleanStops,
  };
}
