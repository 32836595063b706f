import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { previousLog } from './bounded-logs.js';

/** How much of a file's end is looked at: a log of months is not read whole. */
const maxTailBytes = 64 * 1_024;
const maxLineLength = 600;

/**
 * The last lines of a log, each cut to 600 characters; of what was emptied out of it, where it has fewer. Nothing when it cannot be read, for whoever
 * asks has something worse to tell.
 */
export function lastLines(file: string, count: number): string[] {
  const lines = tailOf(file, count);
  return lines.length < count ? [...tailOf(previousLog(file), count - lines.length), ...lines] : lines;
}

function tailOf(file: string, count: number): string[] {
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
    const text = tail.toString('utf8', 0, length).trimEnd();
    if (text === '') return [];
    return text
      .split('\n')
      .slice(-count)
      .map((line) => line.slice(0, maxLineLength));
  } catch {
    return [];
  } finally {
    closeSync(log);
  }
}
