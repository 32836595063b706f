import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  at: number;
  id: string;
  /** Whether the standardwebhooks package accepts it with the receiver's secret. */
  verified: boolean;
  headers: Record<string, string>;
  body: { id: string; type: string; data: { alert?: { id: string; n: number } } };
}

export interface Receiver {
  url: string;
  secret: string;
  received: ReceivedWebhook[];
  /** How it answers from now on; 204 unless told otherwise. */
  answer: (webhook: ReceivedWebhook, response: ServerResponse) => void;
  /** Requests open at this moment, and the most there were. */
  open: { now: number; most: number };
  close(): Promise<void>;
}

export const secret = `whsec_${Buffer.from('integration tests, webhooks').toString('base64')}`;

/** An HTTP receiver on this machine, like one that a customer would write; with a certificate it speaks https. */
export async function startReceiver(tls?: { cert: Buffer; key: Buffer }): Promise<Receiver> {
  const verifier = new Webhook(secret);
  const listener: RequestListener = (request, response) => {
    receiver.open.now += 1;
    receiver.open.most = Math.max(receiver.open.most, receiver.open.now);
    response.once('close', () => {
      receiver.open.now -= 1;
    });
    readBody(request, (text) => {
      const headers = request.headers as Record<string, string>;
      const webhook = {
        at: Date.now(),
        id: headers['webhook-id'] ?? '',
        verified: verifies(verifier, text, headers),
        headers,
        body: JSON.parse(text),
      };
      receiver.received.push(webhook);
      receiver.answer(webhook, response);
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret,
    received: [],
    answer: (_webhook, response) => void response.writeHead(204).end(),
    open: { now: 0, most: 0 },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(Buffer.concat(chunks).toString()));
}

function verifies(verifier: Webhook, text: string, headers: Record<string, string>): boolean {
  try {
    verifier.verify(text, headers);
    return true;
  } catch {
    return false;
  }
}
