/** The step in the address, so that a link leads to it: `#step-12`. */
export function stepInAddress(hash: string, end: number): number | undefined {
  const digits = /^#step-(\d{1,6})$/.exec(hash)?.[1];
  return digits === undefined ? undefined : Math.min(Number(digits), end);
}

export const addressOf = (step: number): string => `#step-${step}`;
