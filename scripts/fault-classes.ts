/** Fault classes as people are told of them, and which one holds another. */
import { faultsOfClass, type FaultClass, type Settings } from '../model/index.ts';

/** How often each kind of fault of a class may happen in a run. */
export const EACH = 3;

export const IN_WORDS: Readonly<Record<FaultClass, string>> = {
  F0: 'crashes, pauses, cuts, lost and late messages',
  F1e: 'one power loss, as far as eligible leader replicas can bear it',
  F1: 'power loss of one broker at a time',
  F2: 'power loss of several brokers',
  F3: 'crashes and one empty disk',
  U: 'crashes, unclean election allowed',
};

/** From the mildest on. */
export const MILDEST_FIRST: readonly FaultClass[] = ['F0', 'U', 'F1e', 'F1', 'F3', 'F2'];

/** Classes whose every run is one of the class too. */
const HOLDS: Readonly<Record<FaultClass, readonly FaultClass[]>> = {
  F0: [],
  U: [],
  F1e: [],
  F1: ['F0', 'F1e'],
  F2: ['F0', 'F1e', 'F1'],
  F3: ['F0'],
};

export const heldBy = (faults: FaultClass): readonly FaultClass[] => HOLDS[faults];

/** The settings under the faults of a class. Class U is F0 with unclean election allowed. */
export function underFaults(settings: Settings, name: FaultClass): Settings {
  const { kafka } = settings;
  return {
    ...settings,
    kafka: name === 'U' ? { ...kafka, 'unclean.leader.election.enable': true } : kafka,
    faults: faultsOfClass(name, kafka['min.insync.replicas'] as number, EACH),
  };
}
