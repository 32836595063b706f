import type { Delivery, OutboundMessage } from '@milepost/mqtt';
import { isLater, recordId } from '../log/stamp.js';
import { type MessageRecord, StoredCopy, storedCopyOf } from '../records/message-record.js';
import type { KeptReceiver } from '../records/message-records.js';
import type { BrokerSession } from '../sessions/broker-session.js';

/** A copy of QoS 1 or 2 for a session that must survive the process. */
export function mustBeKept({ client, message }: Delivery<BrokerSession>): boolean {
  return message.qos > 0 && client.keeper !== undefined;
}

/** As its record names who gets it. */
export function receiverOf({ client, message }: Delivery<BrokerSession>, record: MessageRecord): KeptReceiver {
  return { client: client.owner.key, message, session: namedSession(client, record) };
}

/** Which session of its client is meant, where that may be in doubt: it is about to be replaced, or began when the message had its stamp. */
export function namedSession({ beingReplaced, keeper }: BrokerSession, { stamp }: MessageRecord): string | undefined {
  return keeper !== undefined && (beingReplaced || isLater(keeper.born, stamp)) ? recordId(keeper.born) : undefined;
}

/** Each kept copy with its place in the record. */
export function copies(deliveries: readonly Delivery<BrokerSession>[], record: MessageRecord): Delivery<BrokerSession>[] {
  let index = 0;
  return deliveries.map((each) =>
    mustBeKept(each) ? { client: each.client, message: { ...each.message, stored: new StoredCopy(record, index++) } } : each,
  );
}

/** Copies of a message as copies of the same message with bytes of its own. */
export function withBytesOf(
  { payload, properties: { correlationData } }: OutboundMessage,
  deliveries: readonly Delivery<BrokerSession>[],
): Delivery<BrokerSession>[] {
  return deliveries.map(({ client, message }) => {
    const properties = correlationData === undefined ? message.properties : { ...message.properties, correlationData };
    return { client, message: { ...message, payload, properties } };
  });
}

/** As it was before it had a record. */
export function withoutRecord(message: OutboundMessage): OutboundMessage {
  if (storedCopyOf(message) === undefined) return message;
  const { stored: _stored, ...rest } = message;
  return rest;
}
