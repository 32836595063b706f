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

/** Every alert must have its events, every event of an alert must have come, and of one alert in their order: `opened` first. */
export async function judgeWebhooks(
  { events, rejected }: Pick<WebhookReceiver, 'events' | 'rejected'>,
  database: Pick<Client, 'query'>,
): Promise<Finding[]> {
  const findings = await withoutEvents(database);
  const { rows } = await database.query<{ event_id: string; type: string; subject: string }>(
    `select event_id, type, subject from outbox where type like 'alert.%' order by id`,
  );
  const arrival = new Map([...events.keys()].map((id, place) => [id, place]));
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

/** What no event was written of can be missed by nobody who looks at events alone. */
async function withoutEvents(database: Pick<Client, 'query'>): Promise<Finding[]> {
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
    return wanted.filter((type) => !events.includes(type)).map((type) => ({ what: `there is no ${type} of alert ${id}` }));
  });
}
