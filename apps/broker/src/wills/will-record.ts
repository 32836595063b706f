import type { NextWillRecord, WillRecord } from '@milepost/contracts';
import type { Will } from '@milepost/mqtt';
import { type Order, recordId, type Stamp } from '../log/stamp.js';
import { keptProperties, propertiesOf } from '../records/kept-properties.js';
import type { SessionOwner } from '../sessions/session-keeper.js';

export interface AnnouncedWill {
  readonly owner: SessionOwner;
  readonly will: Will;
  /** Of this will alone, however often it is written. */
  readonly id: string;
  /** `born` of the session that it may wait with, where that is kept. */
  readonly session: Order | undefined;
  /** Set when its delay runs. */
  readonly dueAt?: string | undefined;
}

/** Where a will is on record: in its client's place for it, or beside the one of before, whose place it is to have. */
export type WillPlace = { readonly kind: 'will' } | Readonly<Pick<NextWillRecord, 'kind' | 'established' | 'establishedBy'>>;

export function willKey(kind: WillPlace['kind'], { key }: Pick<SessionOwner, 'key'>): string {
  return `${kind}:${key}`;
}

export function willRecord(
  { owner, will, id, session, dueAt }: AnnouncedWill,
  stamp: Stamp,
  place: WillPlace,
): { key: string; value: Buffer } {
  const { organisation, clientId } = owner;
  const { topic, payload, qos, retain, properties } = will;
  const body = {
    ...stamp,
    organisation,
    clientId,
    will: {
      topic,
      qos,
      retain,
      properties: keptProperties(properties),
      payloadBase64: payload.toString('base64'),
      ...(properties.messageExpiryInterval !== undefined && { messageExpirySeconds: properties.messageExpiryInterval }),
    },
    delaySeconds: properties.willDelayInterval ?? 0,
    id,
    ...(dueAt !== undefined && { dueAt, ...(session !== undefined && { session: { epoch: session.epoch, counter: session.counter } }) }),
  };
  const record: WillRecord | NextWillRecord = { ...place, ...body };
  return { key: willKey(place.kind, owner), value: Buffer.from(JSON.stringify(record)) };
}

/** As the message names it that is its publication. */
export function idOf(record: WillRecord | NextWillRecord): string {
  return record.id ?? recordId(record);
}

export function willOf({
  will: { topic, payloadBase64, qos, retain, properties, messageExpirySeconds },
  delaySeconds,
}: WillRecord | NextWillRecord): Will {
  return {
    topic,
    payload: Buffer.from(payloadBase64, 'base64'),
    qos,
    retain,
    properties: {
      ...propertiesOf(properties),
      willDelayInterval: delaySeconds,
      ...(messageExpirySeconds !== undefined && { messageExpiryInterval: messageExpirySeconds }),
    },
  };
}
