/** A node that was cut off takes itself for the leader until it hears of the new one, and its log ends too early: it is looked at again, so often. */
export const LOOKS_AT_SHORT_LOG = 4;
/** Between two looks, in ms. */
export const SHORT_LOG_PAUSE_MS = 400;
