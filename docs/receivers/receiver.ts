// A receiver of milepost's webhooks. Node 22.18 or newer runs it as it is; nothing to install.
//
//   WEBHOOK_SECRET=whsec_... node receiver.ts 9000
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

const maxAgeSeconds = 300;
const maxBodyBytes = 1024 * 1024;

/** The event, if it is from milepost and not a recording; throws otherwise. `body`: the bytes as they came. */
export function verify(body: Buffer, headers: IncomingHttpHeaders, secret: string): { id: string; type: string } {
  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > maxAgeSeconds) {
    throw new Error('too old, or no timestamp');
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // Two signatures while a secret is replaced: one that matches is enough.
  const signatures = String(headers['webhook-signature']).split(' ');
  const matches = signatures.some((one) => {
    const signature = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return one.startsWith('v1,') && signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!matches) throw new Error('bad signature');
  return JSON.parse(body.toString());
}

const secret = process.env.WEBHOOK_SECRET;
const port = Number(process.argv[2] ?? Number.NaN);
if (secret === undefined || !Number.isInteger(port)) {
  console.error('usage: WEBHOOK_SECRET=whsec_... node receiver.ts PORT');
  process.exit(2);
}
// Yours is a table with a unique index on the webhook-id.
const seen = new Set<string>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBodyBytes) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    try {
      const event = verify(Buffer.concat(chunks), request.headers, secret);
      // At least once: what has been here before is answered and left alone.
      if (!seen.has(event.id)) {
        seen.add(event.id);
        console.log(event.id, event.type);
      }
      response.writeHead(204).end();
    } catch (error) {
      console.error(`refused: ${error instanceof Error ? error.message : error}`);
      response.writeHead(401).end();
    }
  });
});
server.listen(port, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
