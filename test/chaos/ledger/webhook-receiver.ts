import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  type: string;
  alertId: string;
}

/** Takes webhooks as an operations team would: believes only what is signed with its secret (Standard Webhooks, v1). */
export class WebhookReceiver {
  /** Event id → what it told, in order of first arrival. */
  readonly events = new Map<string, Received>();
  rejected = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isGood = this.#take(Buffer.concat(chunks).toString(), request.headers);
      if (!isGood) this.rejected += 1;
      response.writeHead(isGood ? 204 : 400).end();
    });
  });
  #secret: Buffer | undefined;

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  verifyWith(secret: string): void {
    this.#secret = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(body: string, headers: IncomingHttpHeaders): boolean {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
    if (this.#secret === undefined || typeof id !== 'string' || typeof signatures !== 'string') return false;
    const wanted = createHmac('sha256', this.#secret).update(`${id}.${timestamp}.${body}`).digest();
    const isSigned = signatures.split(' ').some((one) => {
      const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    });
    if (!isSigned) return false;
    const event = JSON.parse(body) as { type: string; data: { alert?: { id: string } } };
    if (!this.events.has(id)) this.events.set(id, { type: event.type, alertId: event.data.alert?.id ?? '' });
    return true;
  }
}
