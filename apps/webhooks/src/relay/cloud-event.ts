import { recordHeaders, topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';

/** An event of the outbox that `fleet.alerts` does not have yet. */
export interface UnrelayedEvent {
  eventId: string;
  type: string;
  recordKey: string;
  body: string;
  createdAt: Date;
  organisation: string;
}

/** The event as a record of `fleet.alerts`: CloudEvents 1.0 in binary mode (Kafka protocol binding §3.2). Its id is the webhook-id. */
export function cloudEventRecord({ eventId, type, recordKey, body, createdAt, organisation }: UnrelayedEvent): RecordToAppend {
  return {
    topic: topics.alerts,
    key: recordKey,
    value: Buffer.from(body),
    timestampMs: createdAt.getTime(),
    headers: {
      ce_specversion: '1.0',
      ce_id: eventId,
      ce_source: type.startsWith('webhook.') ? '/webhooks' : '/alerts',
      ce_type: `milepost.${type}.v1`,
      ce_time: createdAt.toISOString(),
      [recordHeaders.contentType]: 'application/json',
      [recordHeaders.organisation]: organisation,
    },
  };
}
