import { closeSync, ftruncateSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Of one log; as much again is kept of what came before. */
const maxLogBytes = 32 * 1_024 * 1_024;
const lookEveryMs = 30_000;
const chunkBytes = 1_024 * 1_024;

/**
 * Looks at the logs of a folder now and then, and empties those that have become large into a file `….previous` beside them.
 * @returns what ends that
 */
export function boundLogs(folder: string, say: (line: string) => void): () => void {
  let isSaid = false;
  const timer = setInterval(() => {
    try {
      emptyLargeLogs(folder, maxLogBytes);
    } catch (error) {
      // The next look tries again. On a full disk, where it fails, nothing grows.
      if (!isSaid) say(`A log could not be emptied: ${error instanceof Error ? error.message : error}`);
      isSaid = true;
    }
  }, lookEveryMs);
  return () => clearInterval(timer);
}

/** Where what came before is kept. */
export const previousLog = (log: string): string => `${log}.previous`;

export function emptyLargeLogs(folder: string, maxBytes: number): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.log'))) {
    const log = join(folder, name);
    if (statSync(log).size > maxBytes) moveContent(log, previousLog(log));
  }
}

/**
 * The process that writes the log has it open, and writes at its end wherever that is (O_APPEND): a file of another name would go on growing.
 * What it writes between the last read and the truncation, which follow each other at once, is lost.
 */
function moveContent(log: string, previous: string): void {
  const from = openSync(log, 'r+');
  try {
    const to = openSync(previous, 'w', 0o600);
    try {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      for (let length = readSync(from, chunk); length > 0; length = readSync(from, chunk)) writeWhole(to, chunk.subarray(0, length));
      ftruncateSync(from);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
