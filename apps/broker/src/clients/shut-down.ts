import type { LogWriter } from '@milepost/kafka';
import { ReasonCode } from '@milepost/mqtt';
import { type Logger, sleep, within } from '@milepost/runtime';
import type { Departures } from '../connections/departures.js';
import type { ProcessBudget } from '../connections/process-budget.js';
import type { ClientRegistry } from './client-registry.js';

/** For what is on its way to Kafka. */
const FLUSH_MS = 3_000;
/** For what the end of the connections has to say there. */
const LAST_RECORDS_MS = 2_000;
/** For clients to take the last acks and the DISCONNECT. */
export const FAREWELL_MS = 500;

export interface ShutDownOptions {
  registry: ClientRegistry;
  budget: ProcessBudget;
  departures: Departures;
  log: Pick<LogWriter, 'flush' | 'bufferedRecords'>;
  logger: Logger;
}

/** Stops reading, lets what was read become durable and be acknowledged, then says goodbye; within ten seconds. */
export async function shutDown({ registry, budget, departures, log, logger }: ShutDownOptions): Promise<void> {
  budget.close();
  await within(log.flush(), FLUSH_MS);
  // The acks of what was just stored are written in this tick's reactions; nothing may follow a DISCONNECT (MQTT-3.14.4-1).
  await new Promise((resolve) => setImmediate(resolve));
  logger.info(
    { event: 'broker.draining', connections: registry.size, unstoredRecords: log.bufferedRecords },
    'Saying goodbye to the clients',
  );
  departures.hurry();
  const ending = [...registry.all()];
  for (const client of ending) client.close('server_shutdown', ReasonCode.ServerShuttingDown, 'the broker stops');
  await within(log.flush(), LAST_RECORDS_MS);
  if (ending.length > 0) await sleep(FAREWELL_MS);
}
