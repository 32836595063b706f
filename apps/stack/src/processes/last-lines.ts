import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How much of a file's end is looked at: a log of months is not read whole. */
const maxTailBytes = 64 * 1_024;
const maxLineLength = 600;

/** The last lines of a log, each cut to 600 characters; nothing when it cannot be read, for whoever asks has something worse to tell. */
export function lastLines(file: string, count: number): string[] {
  let log: number;
  try {
    log = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(log);
    const tail = Buffer.alloc(Math.min(size, maxTailBytes));
    const length = readSync(log, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString('utf8', 0, length).trimEnd().split('\n').slice(-count);
    return lines.map((line) => line.slice(0, maxLineLength));
  } catch {
    return [];
  } finally {
    closeSync(log);
  }
}
