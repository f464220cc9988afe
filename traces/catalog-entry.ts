/** What the catalogue says of a way in which Kafka breaks, and how its settings are written down. */
import { defaultSettings, parseFaults, type Settings } from '../model/index.ts';

export interface CatalogEntry {
  /** Name of its trace under saved/. */
  readonly name: string;
  readonly title: string;
  /** Scenario of the project's protocol notes; used only in tables. */
  readonly ref: string;
  /** Kafka's issue or proposal. */
  readonly source: string;
  readonly settings: Settings;
  /** The property that a search looks for; null where nothing breaks and `witness` is what it looks for. */
  readonly property: string | null;
  readonly witness?: string;
  /** Every property that the saved trace breaks. */
  readonly broken: readonly string[];
  /** Longest run of a search, in actions. */
  readonly actions: number;
  /**
   * How it is found: by random walks from any seed, or so rarely that its run was made or chosen by hand. A saved trace
   * that is shorter says by what.
   */
  readonly by: 'walk' | 'hand';
  /** Of a bug that a release had: the newer values of the rules that cured it. With them nothing of it is left. */
  readonly cure?: Readonly<Record<string, string>>;
  /** Settings under which the same faults do not show it. */
  readonly safe?: readonly Safe[];
}

/** What to set or do instead, and which rules that takes. */
export interface Safe {
  readonly kafka?: Partial<Settings['kafka']>;
  readonly rules?: Readonly<Record<string, string>>;
  readonly afterFailure?: Settings['afterFailure'];
  /** Where what goes wrong is what an administrator does: what to do in its place. */
  readonly faults?: string;
}

export interface Sketch {
  readonly release: Settings['release'];
  readonly rules?: Readonly<Record<string, string>>;
  readonly kafka?: Partial<Settings['kafka']>;
  readonly brokers?: number;
  readonly producers?: number;
  readonly consumers?: number;
  readonly records: number;
  readonly afterFailure?: Settings['afterFailure'];
  readonly faults: string;
  readonly maxLossyBrokers?: number;
}

export function settingsOf(sketch: Sketch): Settings {
  const faults = parseFaults(sketch.faults, 2, 3);
  if ('error' in faults) throw new Error(faults.error);
  return {
    ...defaultSettings,
    release: sketch.release,
    rules: sketch.rules ?? {},
    kafka: { ...defaultSettings.kafka, ...sketch.kafka },
    brokers: sketch.brokers ?? 3,
    producers: sketch.producers ?? 1,
    consumers: sketch.consumers ?? 1,
    records: sketch.records,
    afterFailure: sketch.afterFailure ?? 'drop',
    faults: { ...faults, maxLossyBrokers: sketch.maxLossyBrokers ?? faults.maxLossyBrokers },
  };
}
