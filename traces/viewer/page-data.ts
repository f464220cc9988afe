/** What a page is given: enough to take the run again, and what can only be known outside of it. */
import type { ActionCode, Settings } from '../../model/index.ts';
import type { Outlook } from './continuations.ts';

export interface Break {
  readonly property: string;
  /** Steps taken when it broke; 0 is the first state. */
  readonly step: number;
  readonly says: string;
}

/** One row of the strip of guarantees. */
export interface Promises {
  readonly title: string;
  readonly properties: readonly { readonly id: string; readonly promise: string }[];
}

/** An action that was not enabled when the run was replayed, and so is no step of it. */
export interface Omission {
  /** Steps taken before it. */
  readonly after: number;
  readonly says: string;
}

/** Steps that a reader wants to see first. */
export interface Landmarks {
  /** Where the property of the trace broke. */
  readonly violation?: number | undefined;
  /** The step that raised the share of continuations that break it most. */
  readonly cause?: number | undefined;
  /** The first step from which on every continuation broke it. */
  readonly noReturn?: number | undefined;
}

export interface PageData {
  readonly title: string;
  readonly note?: string | undefined;
  /** The promise that is broken, or that nothing is. */
  readonly promise: string;
  /** Release, actors and settings in one line. */
  readonly under: string;
  readonly verdict: string;
  /** The command that replays the trace in a terminal. */
  readonly command: string;
  readonly settings: Settings;
  /** The steps, as the machine's codes: short, and the page takes them again. */
  readonly codes: readonly ActionCode[];
  readonly property: string | null;
  /** The partition that is drawn, where there are several. */
  readonly partition?: number | undefined;
  readonly breaks: readonly Break[];
  readonly promises: readonly Promises[];
  readonly omitted: readonly Omission[];
  readonly outlook?: Outlook | undefined;
  readonly landmarks: Landmarks;
}
