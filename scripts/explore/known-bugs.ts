/** Searches the bounds of a known bug, with what breaks it and with what cured it. */
import type { KafkaSettings, Settings } from '../../model/index.ts';
import type { ExhaustiveFind } from '../../traces/index.ts';
import { ALONE, explore, type EngineResult } from './engine.ts';

/** Of a search with the cure: one that is not over by then covers every run up to some length. */
const MOST_CURED_STATES = 250_000;
const MEMORY = 768 * 1024 * 1024;

export interface SearchOptions {
  /** Stops the search: it is asked from time to time. */
  readonly stop?: { readonly requested: boolean };
  /** Wall-clock milliseconds. */
  readonly ms?: number | undefined;
}

/** Looks for the bug. On one thread, so that it meets the same states every time. */
export const searchFor = (find: ExhaustiveFind, options: SearchOptions = {}): Promise<EngineResult> =>
  searched(find, find.settings, undefined, options);

/** The same search with the cure in force. */
export function searchCured(find: ExhaustiveFind, options: SearchOptions = {}): Promise<EngineResult> {
  const { settings, cure } = find;
  const cured = {
    ...settings,
    rules: { ...settings.rules, ...cure.rules },
    kafka: { ...settings.kafka, ...cure.kafka } as KafkaSettings,
  };
  return searched(find, cured, MOST_CURED_STATES, options);
}

const searched = (
  { property, recovery, grain, bounds }: ExhaustiveFind,
  settings: Settings,
  states: number | undefined,
  { stop = { requested: false }, ms }: SearchOptions,
): Promise<EngineResult> =>
  explore({
    ...ALONE,
    problem: {
      ...{ kind: 'machine', settings, bounds, grain, recovery },
      properties: recovery === undefined ? [property] : [],
    },
    memory: MEMORY,
    limits: { states },
    ms,
    stop,
  });
