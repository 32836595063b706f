import type { Logger } from '@milepost/runtime';
import type { MessageLog, ReadableLog } from '../log/message-log.js';
import { LateCopies } from './late-copies.js';
import { readKeptState } from './read-kept-state.js';
import { StateWriter } from './state-writer.js';

export interface StateOptions {
  log: MessageLog;
  /** Where the state of the process before this one is read from. */
  reader: ReadableLog;
  /** Where this process keeps its state; left out: in the log. */
  stateLog?: MessageLog;
  node: string;
  /** Of this process, above all that it wrote before. */
  epoch: number;
  partitions: number;
  logger: Logger;
}

/** Reads what the processes before kept, mends it where late copies stand behind what counts, and goes on writing from there. */
export async function openState({ log, reader, stateLog = log, node, epoch, partitions, logger }: StateOptions) {
  const state = await readKeptState(reader, logger);
  const lateCopies = new LateCopies({ reader, logger });
  const writer = new StateWriter({
    log: stateLog,
    node,
    epoch: Math.max(epoch, state.lastEpoch + 1),
    partitions,
    onResent: (topic, partition, offset) => lateCopies.suspect(writer, topic, partition, offset),
  });
  const mended = state.mend(writer);
  if (mended > 0)
    logger.warn(
      { event: 'broker.state.mended', keys: mended },
      'Late copies stood behind what counts in the MQTT state; it was written anew',
    );
  return { state, writer, lateCopies };
}
