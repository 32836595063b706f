import { type Delivery, deliveryStatuses } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { backwards, limit } from '../../arguments/options.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { outcomeOf } from './describe.js';

interface Options {
  status?: Delivery['status'];
  since?: Date;
  limit: number;
  json?: true;
}

export const webhooksDeliveries = (installation: Installation): Command =>
  new Command('deliveries')
    .description('list what went, or is to go, to a webhook, the newest first; or show one delivery with every attempt')
    .argument('<id>', 'the webhook')
    .argument('[delivery]', 'show this one')
    .addOption(new Option('--status <status>', 'only these').choices(deliveryStatuses))
    .option('--since <time>', 'only those made since', backwards)
    .option('--limit <count>', 'at most so many, up to 1000', limit, 100)
    .option('--json', 'one JSON object a line, with every attempt')
    .action(async (id: string, deliveryId: string | undefined, { status, since, limit: most, json }: Options) => {
      const path = `/v1/webhooks/${encodeURIComponent(id)}/deliveries`;
      if (deliveryId !== undefined) {
        const one = await installation.api().call<Delivery>('GET', `${path}/${encodeURIComponent(deliveryId)}`);
        print(json ? JSON.stringify(one) : attemptsTable(one));
        return;
      }
      const query = new URLSearchParams({ limit: String(most), ...(status && { status }), ...(since && { from: since.toISOString() }) });
      const { items } = await installation.api().call<{ items: Delivery[] }>('GET', `${path}?${query}`);
      if (json) for (const item of items) print(JSON.stringify(item));
      else print(table(['ID', 'CREATED', 'TYPE', 'STATUS', 'ATTEMPTS', 'LAST'], items.map(rowOf)));
    });

const rowOf = (delivery: Delivery): string[] => [
  delivery.id,
  delivery.createdAt ?? '',
  delivery.eventType,
  delivery.status,
  String(delivery.attempts.length),
  outcomeOf(delivery),
];

function attemptsTable(delivery: Delivery): string {
  const next = delivery.nextAttemptAt === undefined ? '' : `, next attempt ${delivery.nextAttemptAt}`;
  const head = `${delivery.eventType} ${delivery.eventId}: ${delivery.skippedBy === undefined ? delivery.status : outcomeOf(delivery)}${next}`;
  const rows = delivery.attempts.map(({ at, status, latencyMs, error, responseBody }) => [
    at,
    status === undefined ? '' : String(status),
    `${Math.round(latencyMs)} ms`,
    error ?? '',
    JSON.stringify(responseBody ?? ''),
  ]);
  return `${head}\n${table(['AT', 'STATUS', 'LATENCY', 'ERROR', 'ANSWER'], rows)}`;
}
