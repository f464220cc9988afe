/** What faults do to a simulation that is no state of the machine. By broker; counts, because faults overlap. */
export interface Conditions {
  /** Faults that keep the broker's fetcher from fetching. */
  readonly fetcherStopped: Int32Array;
  /** How much later the broker's fetcher sends each fetch (ms). */
  readonly fetchDelay: Int32Array;
  /** Faults that keep metadata from the broker. */
  readonly metadataStalled: Int32Array;
  /** Before this time a broker that is down stays down (ms). */
  readonly downUntil: Float64Array;
  /**
   * Since when the broker's machine has no power, or -1. Until it is started again nobody resets its connections: who
   * waits for it waits until a timeout (ms).
   */
  readonly silentSince: Float64Array;
  /** Before this time no controller is elected (ms). */
  electionAt: number;
}

export const noConditions = (brokers: number): Conditions => ({
  fetcherStopped: new Int32Array(brokers),
  fetchDelay: new Int32Array(brokers),
  metadataStalled: new Int32Array(brokers),
  downUntil: new Float64Array(brokers),
  silentSince: new Float64Array(brokers).fill(-1),
  electionAt: 0,
});

export const isOn = (counts: Int32Array, index: number): boolean => (counts[index] ?? 0) > 0;

export const isSilent = ({ silentSince }: Conditions, broker: number): boolean =>
  (silentSince[broker] ?? -1) >= 0;

export function add(counts: Int32Array, index: number, change: number): void {
  counts[index] = (counts[index] ?? 0) + change;
}
