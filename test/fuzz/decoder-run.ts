import { Worker } from 'node:worker_threads';
import type { DecoderFindings } from './decoder-fuzz.js';
import type { Report } from './report.js';
import { StallWatch } from './stall-watch.js';

export interface DecoderJob {
  readonly seed: number;
  readonly seconds: number;
  readonly maxInputs: number;
  /** Counts steps of a hundred inputs that were begun. */
  readonly progress: Int32Array;
}

export interface DecoderResult {
  readonly findings: DecoderFindings;
  /** Of the thread, from a fifth of the run to its end, each after a garbage collection. */
  readonly grownBytes: number;
  readonly elapsedMs: number;
}

const MAX_GROWN_BYTES = 16 * 1024 * 1024;

/** Fuzzes the decoder in a thread of its own until time or inputs are used up. */
export async function runDecoder(job: Omit<DecoderJob, 'progress'>): Promise<Report> {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./decoder-worker.js', import.meta.url), { workerData: { ...job, progress } satisfies DecoderJob });
  const outcome = await new Promise<DecoderResult | { readonly hang: true } | { readonly crash: string }>((resolve) => {
    const watch = new StallWatch(
      () => Atomics.load(progress, 0),
      // The loop waits for nothing: a second of computing without progress is what a hang is.
      () => process.cpuUsage().user / 1000,
      () => resolve({ hang: true }),
    );
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ crash: String(error) }));
    worker.once('exit', () => watch.stop());
  });
  await worker.terminate();
  if (!('findings' in outcome)) {
    const at = Math.max(0, Atomics.load(progress, 0) - 1) * 100;
    const failure = 'crash' in outcome ? outcome.crash : `no progress for a second after input ${at}`;
    return { target: 'decoder', rows: [['inputs', at]], failures: [failure] };
  }
  const { findings, grownBytes, elapsedMs } = outcome;
  const errors = Object.entries(findings.errors).sort(([a], [b]) => a.localeCompare(b));
  return {
    target: 'decoder',
    rows: [
      ['inputs', findings.inputs],
      ['inputs a second', Math.round(findings.inputs / (elapsedMs / 1000))],
      ['bytes', findings.bytes],
      ['packets', findings.packets],
      ...errors.map(([code, count]) => [`errors ${code}`, count] as const),
      ['crashes', findings.failures.length],
      ['hangs', 0],
      ['memory grown, KiB', Math.round(grownBytes / 1024)],
    ],
    failures: [
      ...findings.failures.map(({ what, stream }) => `${what}\n  stream: ${stream}`),
      ...(grownBytes > MAX_GROWN_BYTES ? [`memory grew by ${grownBytes} bytes`] : []),
    ],
  };
}
