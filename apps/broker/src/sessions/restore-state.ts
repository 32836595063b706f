import type { SessionLimits } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import type { KeptWill, Wills } from '../wills/wills.js';
import { propertiesOf, toMonotonic } from './kept-properties.js';
import type { MessageRecords } from './message-records.js';
import type { KeptState } from './recovery.js';
import { restoreSessions } from './restore-sessions.js';
import type { Sessions } from './sessions.js';
import type { StateWriter } from './state-writer.js';

export interface RestoreStateOptions {
  state: KeptState;
  sessions: Sessions;
  delivery: LocalDelivery;
  records: MessageRecords;
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
  restoreSessions({ ...options, nowMs: Date.now() });
  for (const [key, { will }] of state.clients) {
    if (will === undefined) continue;
    wills.defer({ key, organisation: will.organisation, clientId: will.clientId }, will, publishWill);
  }
  sessions.sweep();
  const facts = { sessions: sessions.size, messages: records.size, retained: state.retained.length, wills: wills.pendingCount };
  logger.info({ event: 'broker.state.restored', ...facts, ms: Math.round(performance.now() - startedAt) }, 'The MQTT state was restored');
}
