/** The only door of the viewer: a page of a run, its picture, and its steps for a terminal. */
export { browserPath } from './browser.ts';
export { htmlOf, pageProgram } from './build.ts';
export { FEW_CONTINUATIONS } from './continuations.ts';
export { filmOf, type Film } from './film.ts';
export { longRun } from './long-run.ts';
export { pageOf } from './page-of.ts';
export type { PageData } from './page-data.ts';
export { stepChanges, stepText } from './step-text.ts';
