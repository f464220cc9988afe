/** All scenarios, in the order in which `--all` runs them. */
import { CLIENTS } from './clients.ts';
import { ELECTIONS } from './elections.ts';
import { NETWORK } from './network.ts';
import { RESTARTS } from './restarts.ts';
import { STORAGE } from './storage.ts';
import { UNCLEAN } from './unclean.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...ELECTIONS,
  ...RESTARTS,
  ...CLIENTS,
  ...UNCLEAN,
  ...NETWORK,
  ...STORAGE,
];
export { meansSomething } from './derived.ts';
export type { Count, Expected, Given, Scenario, Span } from './scenario.ts';
