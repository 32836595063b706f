import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  app: string;
  level?: string;
  /** Where the lines go; standard output unless a test wants to read them. */
  destination?: DestinationStream;
}

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
  return destination ? pino(options, destination) : pino(options);
}
