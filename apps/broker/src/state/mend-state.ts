import { type ClientState, mqttHeaders, topics } from '@milepost/contracts';
import { clientOf, type MendingWriter, type RetainedOnRecord } from './kept-state.js';
import type { LatestRecords } from './latest-records.js';

/** Writes anew what counts of the keys in `mqtt.sessions` whose last record does not. @returns of how many. */
export function mendStates(states: LatestRecords<ClientState>, writer: MendingWriter): number {
  let count = 0;
  for (const { key, state } of states.overtaken()) {
    count += 1;
    if (state === undefined) void writer.remove(topics.mqttSessions, key, clientOf(key));
    else void writer.put(topics.mqttSessions, key, clientOf(key), Buffer.from(JSON.stringify(state)));
  }
  return count;
}

/** Likewise of `mqtt.retained`. */
export function mendRetained(retained: LatestRecords<RetainedOnRecord>, writer: MendingWriter): number {
  let count = 0;
  for (const { key, state } of retained.overtaken()) {
    count += 1;
    if (state === undefined) void writer.remove(topics.mqttRetained, key, key);
    else void writer.put(topics.mqttRetained, key, key, state.payload, { [mqttHeaders.message]: JSON.stringify(state.record) });
  }
  return count;
}
