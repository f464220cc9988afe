/** A validation scenario as data: what goes wrong, under which settings, and what is to be expected of it. */
import type { ControllerKind, KafkaKey, Rules, Schedule, Settings } from '../../model/index.ts';

/** From … to, in ms, both included. */
export type Span = readonly [number, number];

/** How many in the runs of a scenario: in no run any; in some run at least one; or it depends on the seed. */
export type Count = 'none' | 'some' | 'any';

export interface Expected {
  /** The longest standstill of producers and of consumers, in every run. */
  readonly producers: Span;
  readonly consumers: Span;
  /** Where these spans come from, in one sentence that names the settings. */
  readonly because: string;
  /** Acknowledged records that are gone; `none` unless told. */
  readonly lost?: Count;
  /** Records that a consumer gets twice, never, or out of order; sends that end in an error. `none` unless told. */
  readonly duplicates?: Count;
  readonly gaps?: Count;
  readonly reordered?: Count;
  readonly failed?: Count;
  /** Properties that break in some run. */
  readonly broken?: readonly string[];
  /** Properties that may break besides. */
  readonly mayBreak?: readonly string[];
}

/** What a scenario reckons with. */
export interface Given {
  readonly settings: Settings;
  readonly rules: Rules;
  /** A time among the settings (ms). */
  readonly ms: (key: KafkaKey) => number;
}

export interface Scenario {
  readonly name: string;
  /** What happens, in one sentence. */
  readonly title: string;
  /** Settings that it is about; `--set` overrides them. */
  readonly set?: readonly string[];
  /** Set where the model has it under one kind of controller only. */
  readonly only?: ControllerKind;
  /** Kafka keys that govern its times. */
  readonly governedBy: readonly KafkaKey[];
  readonly schedule: (given: Given) => Schedule;
  /** How long applications go on handing over records (ms). */
  readonly lasts: (given: Given) => number;
  readonly expects: (given: Given) => Expected;
}
