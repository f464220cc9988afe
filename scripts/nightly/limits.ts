/** What a campaign bounds. */

/** Runs of a batch: what is handed to a worker at a time, and done anew when a kill cut it short. */
export const RUNS_A_BATCH = 50;
/** One in so many runs is taken twice and compared. */
export const REPEATED_ONE_IN = 100;
/** Under a target in which known bugs break, findings of one batch in so many are made small. */
export const SAMPLED_ONE_IN = 61;
/** The first such batch of each strategy comes so many after that of the one before it. */
export const SAMPLED_APART = 10;
/** Fresh finds after which a canary gets no more time. */
export const CANARY_FINDS = 3;
/** So far a finding is made small to see whether something known takes it away. */
export const FIRST_TRIES = 2000;
/** One that nothing known takes away and that needs more tries than this is kept as it is then. */
export const MINIMISING_TRIES = 30_000;
/** Longer actions lists are not written to a journal: no run is longer. */
export const MAX_ACTIONS = 100_000;
/** Abstract states that a worker counts for each target. */
export const MAX_STATES = 50_000;
export const MAX_STATES_A_LINE = MAX_STATES;
/** A state is looked at for its abstraction once in so many steps. */
export const STATES_ONE_IN = 16;
/** In one of so many runs the guards of one state are asked. */
export const GUARDS_ONE_IN = 20;
/** After so many crashes a target gets no more time. */
export const CRASHES_A_TARGET = 5;
