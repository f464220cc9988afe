/**
 * What an action does stands in a row: the tree of the judgements on what happened, or −1; the slots that were read, as
 * bits, where that is wanted; then each slot with the number of its value. What is judged, too: the number of the
 * judgement, what was read, then each slot that it writes with the value. Before each row stands its length.
 */
export const ABOUT = 1;
export const READS = 2;
export const FIRST_SLOT = 4;
