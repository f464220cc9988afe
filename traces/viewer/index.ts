/** The only door of the viewer: a page of a run, its picture, and its steps for a terminal. */
export { drawingStyle, htmlOf } from './build.ts';
export { CONTINUATIONS, type ContinuationPlan } from './continuations.ts';
export { filmOf, type Film } from './film.ts';
export { pageOf } from './page-of.ts';
export type { PageData } from './page-data.ts';
export { stepChanges, stepText } from './step-text.ts';
