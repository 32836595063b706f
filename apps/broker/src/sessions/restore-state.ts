import type { SessionLimits } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { Retaining } from '../delivery/retaining.js';
import type { BrokerMetrics } from '../metrics.js';
import type { KeptWill, Wills } from '../wills/wills.js';
import { propertiesOf, toMonotonic } from './kept-properties.js';
import type { MessageRecords } from './message-records.js';
import type { KeptState } from './recovery.js';
import { type PublishedWillOnRecord, restoreSessions } from './restore-sessions.js';
import type { Sessions } from './sessions.js';
import type { StateWriter } from './state-writer.js';

export interface RestoreStateOptions {
  state: KeptState;
  sessions: Sessions;
  delivery: LocalDelivery;
  records: MessageRecords;
  retaining: Pick<Retaining, 'retain'>;
  wills: Wills;
  writer: StateWriter;
  limits: SessionLimits;
  metrics: Pick<BrokerMetrics, 'undelivered'>;
  publishWill(kept: KeptWill): void;
  logger: Logger;
}

/** Takes over what the process before this one left: before the listener opens. */
export function restoreState(options: RestoreStateOptions): void {
  const { state, sessions, delivery, records, wills, publishWill, logger } = options;
  const startedAt = performance.now();
  for (const { record, payload } of state.retained) {
    const { organisation, topic, qos, retain, properties, expiresAt } = record;
    const expires = expiresAt === undefined ? {} : { expiresAtMs: toMonotonic(expiresAt) };
    delivery.restoreRetained(organisation, { topic, payload, qos, retain, properties: propertiesOf(properties), ...expires });
  }
  const published = restoreSessions({ ...options, nowMs: Date.now() });
  for (const [key, { will }] of state.clients) {
    if (will === undefined) continue;
    const owner = { key, organisation: will.organisation, clientId: will.clientId };
    const message = published.get(key);
    if (message === undefined) wills.defer(owner, will, publishWill);
    else void finishWill(wills.restore(owner, will), message, options);
  }
  sessions.sweep();
  const facts = { sessions: sessions.size, messages: records.size, retained: state.retained.length, wills: wills.pendingCount };
  logger.info({ event: 'broker.state.restored', ...facts, ms: Math.round(performance.now() - startedAt) }, 'The MQTT state was restored');
}

/** What is left to do of a will whose message is on record: its receivers have it there. */
async function finishWill(
  will: KeptWill,
  { kept, payload, record }: PublishedWillOnRecord,
  { state, retaining, wills, records }: RestoreStateOptions,
): Promise<void> {
  const { organisation, topic, qos, retain, properties, expiresAt } = kept;
  if (retain && !state.isRetainedSince(organisation, topic, kept)) {
    const expires = expiresAt === undefined ? {} : { expiresAtMs: toMonotonic(expiresAt) };
    await retaining.retain(organisation, { topic, payload, qos, retain, properties: propertiesOf(properties), ...expires });
  }
  if (await wills.forget(will)) records.release(record);
}
