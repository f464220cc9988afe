/** All scenarios, in the order in which `--all` runs them. */
import { ELECTIONS } from './elections.ts';
import { NETWORK } from './network.ts';
import { RESTARTS } from './restarts.ts';
import { STORAGE } from './storage.ts';
import { UNCLEAN } from './unclean.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [...ELECTIONS, ...RESTARTS, ...UNCLEAN, ...NETWORK, ...STORAGE];
export type { Count, Expected, Given, Scenario, Span } from './scenario.ts';
