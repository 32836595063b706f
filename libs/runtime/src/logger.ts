import { type DestinationStream, type Logger, pino } from 'pino';
import { LineWriter } from './line-writer.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  app: string;
  level?: string;
  /** Where the lines go; standard output unless a test wants to read them. */
  destination?: DestinationStream;
}

let standardOutput: LineWriter | undefined;

/**
 * JSON lines. Each carries `event` (stable, dot-separated: what a search at night looks for), context fields and one sentence.
 * Times are RFC 3339; errors stand under `err` with their `cause`.
 */
export function createLogger({ app, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { app, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Asked for, process.stdout makes a pipe one that does not block; else a thread waits for room in it, and the exit for that thread, without end.
  standardOutput ??= new LineWriter(process.stdout.fd);
  return pino(options, destination ?? standardOutput);
}

/** Resolves when all that was logged to standard output is written, or lost: for who is about to end the process. */
export async function logsWritten(): Promise<void> {
  await standardOutput?.written();
}
