import type { Logger } from '@milepost/runtime';
import type { ReadableLog, StartingPoints } from '../log/message-log.js';
import type { KeptState } from './kept-state.js';
import { StateReading } from './state-reading.js';

/** Reads the broker's state, or what was written of it `from` there on, to the end of the log. */
export async function readKeptState(log: ReadableLog, logger: Logger, from?: StartingPoints): Promise<KeptState> {
  const reading = new StateReading(logger);
  await log.readAll(StateReading.topics, (record) => reading.take(record), from);
  return reading.result();
}
