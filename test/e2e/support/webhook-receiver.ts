import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CreatedWebhook, Event, EventType } from '@milepost/contracts';
import type { TestScope } from '@milepost/test-support';
import { Webhook } from 'standardwebhooks';
import type { ApiClient } from './api-client.js';

/** An HTTP receiver as an operations team would write one, registered over the API. */
export interface WebhookReceiver {
  webhook: CreatedWebhook;
  /** In order of arrival: only what the standardwebhooks package accepts with the secret that the API gave. */
  events: Event[];
  /** Bodies that it did not accept. */
  rejected: string[];
}

export async function startWebhookReceiver(scope: TestScope, api: ApiClient, eventTypes?: readonly EventType[]): Promise<WebhookReceiver> {
  const events: Event[] = [];
  const rejected: string[] = [];
  let verifier: Webhook | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      try {
        events.push(verifier?.verify(body, request.headers as Record<string, string>) as Event);
        response.writeHead(204).end();
      } catch {
        rejected.push(body);
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const webhook = await api.post<CreatedWebhook>('/v1/webhooks', {
    url: `http://127.0.0.1:${port}/alerts`,
    ...(eventTypes && { eventTypes }),
  });
  verifier = new Webhook(webhook.secret);
  return { webhook, events, rejected };
}
