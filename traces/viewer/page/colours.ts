/** Epochs share six colours; the epoch's number always stands beside them. */
const COLOURS = 6;

const named = (prefix: string, epoch: number): string => (epoch < 0 ? '' : `${prefix}-${epoch % COLOURS}`);

export const fillOf = (epoch: number): string => (epoch < 0 ? 'plain' : named('fill', epoch));
export const lineColour = (epoch: number): string => named('line', epoch);
export const headColour = (epoch: number): string => named('head', epoch);
