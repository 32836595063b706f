import type { RetainedRecord } from '@milepost/contracts';
import type { OutboundMessage } from '@milepost/mqtt';
import type { Stamp } from '../log/stamp.js';
import { keptProperties, propertiesOf, toMonotonic, toWallClock } from './kept-properties.js';

/** What each record of a message says of it, whatever it is kept for; its payload is the record's value. */
export type MessageFields = Omit<RetainedRecord, keyof Stamp | 'of'>;

/** RETAIN is what the message was published with, whatever the copy has that it may be the record of. */
export function messageFields(
  organisation: string,
  { topic, qos, retain, publishedWithRetain, properties, expiresAtMs }: OutboundMessage,
): MessageFields {
  return {
    organisation,
    topic,
    qos,
    retain: retain || publishedWithRetain === true,
    properties: keptProperties(properties),
    ...(expiresAtMs !== undefined && { expiresAt: toWallClock(expiresAtMs) }),
  };
}

/** The message of such a record. */
export function messageOfFields({ topic, qos, retain, properties, expiresAt }: MessageFields, payload: Buffer): OutboundMessage {
  return {
    topic,
    payload,
    qos,
    retain,
    properties: propertiesOf(properties),
    ...(expiresAt !== undefined && { expiresAtMs: toMonotonic(expiresAt) }),
  };
}
