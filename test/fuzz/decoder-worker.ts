// The thread that the decoder is fuzzed in: if it hangs, the one that watches it does not.
import { parentPort, workerData } from 'node:worker_threads';
import { DecoderFuzz } from './decoder-fuzz.js';
import type { DecoderJob, DecoderResult } from './decoder-run.js';

const INPUTS_A_STEP = 100;
/** Memory is compared from here on: by then everything has been compiled and used once. */
const WARM_UP_SHARE = 0.2;

const { seed, seconds, maxInputs, progress } = workerData as DecoderJob;
const fuzz = new DecoderFuzz(seed);
const started = performance.now();
let warmBytes: number | undefined;

for (let share = 0; share < 1; share = Math.max((performance.now() - started) / (seconds * 1000), fuzz.findings.inputs / maxInputs)) {
  // Before the step: one that never ends, also the first, is found by what does not move from here on.
  Atomics.add(progress, 0, 1);
  if (warmBytes === undefined && share >= WARM_UP_SHARE) warmBytes = usedBytes();
  fuzz.run(INPUTS_A_STEP);
}

const grownBytes = warmBytes === undefined ? 0 : usedBytes() - warmBytes;
parentPort?.postMessage({ findings: fuzz.findings, grownBytes, elapsedMs: performance.now() - started } satisfies DecoderResult);

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
