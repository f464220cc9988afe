/** The only door of traces: reading, writing, recording, replaying, minimising and telling runs. */
export {
  FORMAT,
  VERSION,
  type Found,
  type Minimality,
  type Origin,
  type Searched,
  type Trace,
} from './format.ts';
export { recordTrace, type About } from './record.ts';
export { brokenIds, machineOf, propertyOf, runActions, type Frame, type Refused, type Run } from './run.ts';
export { minimise, minimising, type Minimised, type MinimiseOptions, type Progress } from './minimise.ts';
export { PLAIN, renderText, searchedSays, settingsLine, type Paint, type RenderOptions } from './render.ts';
export { tell } from './story.ts';
export { replayTrace, type Replay, type ReplayOptions, type ReplayVerdict } from './replay.ts';
export { suggestion } from './complaint.ts';
export { readTrace, tooLarge, type ReadError } from './read.ts';
export { writeTrace } from './write.ts';
export { withSavedTable } from './saved-table.ts';
export {
  firstCatch,
  fingerprint,
  keptCalibration,
  MEASURED_EFFORT,
  MEASURED_SETTINGS,
  targetsOf,
  type Catch,
  type Catches,
  type Effort,
  type Measured,
  type Target,
} from './calibration.ts';
export { BUGS_OF_RELEASES } from './bugs-of-releases.ts';
export { CATALOG, type CatalogEntry } from './catalog.ts';
export { EXHAUSTIVE, MEASURED, nameOf, type ExhaustiveFind } from './exhaustive.ts';
export { savedRuns, type SavedRun } from './trial/saved-runs.ts';
export { trial, type Break, type Finder, type Trial, type TrialPlan } from './trial/trial.ts';
export { unconfirmedRepaired } from './trial/unconfirmed.ts';
export { standOf, TRIED, type Stand } from './trial/stand.ts';
export { causeOf, cureOf, repaired } from './cause.ts';
export { skeletonOf } from './skeleton.ts';
export { counted } from './words.ts';
export {
  expectationsIn,
  expectedIn,
  savedExpectations,
  type Expectations,
  type Expected,
} from './expectations/schema.ts';
export { startsUnder, type Start } from './starts.ts';
