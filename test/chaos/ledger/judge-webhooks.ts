import type { Client } from 'pg';
import type { Finding } from './finding.js';
import type { WebhookReceiver } from './webhook-receiver.js';

/** Every event of an alert must have come, and of one alert in their order: `opened` first. */
export async function judgeWebhooks({ events, rejected }: WebhookReceiver, database: Client): Promise<Finding[]> {
  const { rows } = await database.query<{ event_id: string; type: string; subject: string }>(
    `select event_id, type, subject from outbox where type like 'alert.%' order by id`,
  );
  const arrival = new Map([...events.keys()].map((id, place) => [id, place]));
  const findings: Finding[] = [];
  const last = new Map<string, number>();
  for (const { event_id, type, subject } of rows) {
    const place = arrival.get(event_id);
    if (place === undefined) findings.push({ what: `${type} of alert ${subject} never came` });
    else if (place < (last.get(subject) ?? -1)) findings.push({ what: `${type} of alert ${subject} came before what it follows` });
    if (place !== undefined) last.set(subject, place);
  }
  if (rejected > 0) findings.push({ what: `${rejected} webhooks were not signed as they must be` });
  return findings;
}
