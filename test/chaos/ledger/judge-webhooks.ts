import type { Client } from 'pg';
import type { Finding } from './finding.js';
import type { WebhookReceiver } from './webhook-receiver.js';

/** An alert that was open for longer is told: by the default policy at once, which takes a step of the partition's clock and a busy machine's time. */
const TOLD_WITHIN_MS = 15_000;

interface AlertRow {
  id: string;
  isTold: boolean;
  isOver: boolean;
  openMs: number;
  /** Types of its events in the outbox. */
  events: string[];
}

/**
 * Every alert must have its events, each once; every event of an alert must have come as it was written, and of one alert in their
 * order: `opened` first; and nothing else may have come of alerts.
 */
export async function judgeWebhooks(
  { events, rejected }: Pick<WebhookReceiver, 'events' | 'rejected'>,
  database: Pick<Client, 'query'>,
): Promise<Finding[]> {
  const findings = await notOnce(database);
  const { rows } = await database.query<{ event_id: string; type: string; subject: string }>(
    `select event_id, type, subject from outbox where type like 'alert.%' order by id`,
  );
  const arrival = new Map([...events.keys()].map((id, place) => [id, place]));
  const last = new Map<string, number>();
  for (const { event_id, type, subject } of rows) {
    const place = arrival.get(event_id);
    const told = events.get(event_id);
    if (place === undefined || told === undefined) findings.push({ what: `${type} of alert ${subject} never came` });
    else if (told.type !== type || told.alertId !== subject)
      findings.push({ what: `${type} of alert ${subject} came as ${told.type} of alert ${told.alertId}` });
    else if (place < (last.get(subject) ?? -1)) findings.push({ what: `${type} of alert ${subject} came before what it follows` });
    if (place !== undefined) last.set(subject, place);
  }
  const written = new Set(rows.map(({ event_id }) => event_id));
  for (const [id, { type, alertId }] of events) {
    if (type.startsWith('alert.') && !written.has(id)) findings.push({ what: `${type} of alert ${alertId} came and was never written` });
  }
  if (rejected > 0) findings.push({ what: `${rejected} webhooks were not signed as they must be` });
  return findings;
}

/** What no event was written of can be missed by nobody who looks at events alone; nor can what was written twice. */
async function notOnce(database: Pick<Client, 'query'>): Promise<Finding[]> {
  const { rows } = await database.query<AlertRow>(
    `select id, notified_at is not null as "isTold", status = 'resolved' as "isOver",
            extract(epoch from coalesce(resolved_at, now()) - opened_at)::float8 * 1000 as "openMs",
            array(select o.type from outbox o where o.subject = a.id and o.type like 'alert.%') as events
       from alerts a`,
  );
  return rows.flatMap(({ id, isTold, isOver, openMs, events }): Finding[] => {
    if (!isTold)
      return openMs > TOLD_WITHIN_MS ? [{ what: `alert ${id} was open for ${Math.round(openMs)} ms, and nobody was to be told` }] : [];
    const wanted = isOver ? ['alert.opened', 'alert.resolved'] : ['alert.opened'];
    return wanted.flatMap((type) => {
      const times = events.filter((one) => one === type).length;
      if (times === 1) return [];
      return [{ what: times === 0 ? `there is no ${type} of alert ${id}` : `${type} of alert ${id} was written ${times} times` }];
    });
  });
}
