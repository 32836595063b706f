import type { Delivery, OutboundMessage } from '@milepost/mqtt';
import type { BrokerSession } from '../sessions/broker-session.js';
import { type MessageRecord, StoredCopy, storedCopyOf } from '../sessions/message-records.js';

/** A copy of QoS 1 or 2 for a session that must survive the process. */
export function mustBeKept({ client, message }: Delivery<BrokerSession>): boolean {
  return message.qos > 0 && client.keeper !== undefined;
}

/** Each kept copy with its place in the record. */
export function copies(deliveries: readonly Delivery<BrokerSession>[], record: MessageRecord): Delivery<BrokerSession>[] {
  let index = 0;
  return deliveries.map((each) =>
    mustBeKept(each) ? { client: each.client, message: { ...each.message, stored: new StoredCopy(record, index++) } } : each,
  );
}

/** As it was before it had a record. */
export function withoutRecord(message: OutboundMessage): OutboundMessage {
  if (storedCopyOf(message) === undefined) return message;
  const { stored: _stored, ...rest } = message;
  return rest;
}
