import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type WebhookMessage, webhookRequest } from '@milepost/outbound';
import { eventually, useTestScope } from '@milepost/test-support';
import { describe, expect, test } from 'vitest';
import { createOrganisation } from '../../integration/webhooks/outbox.js';
import { secret as databaseSecret } from '../../integration/webhooks/receiver.js';
import { languages, receiverFile, startReceiver } from './start-receiver.js';

const scope = useTestScope();
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

function signed(secrets: string[], more: Partial<WebhookMessage> = {}) {
  const eventId = randomUUID();
  const body = JSON.stringify({ id: eventId, type: 'alert.opened', timestamp: new Date().toISOString(), data: { note: 'Zürich ✓' } });
  return { eventId, ...webhookRequest({ eventId, body, format: 'native', secrets, nowMs: Date.now(), publicUrl: 'http://x', ...more }) };
}

describe.each(languages)('the receiver in %s', (language) => {
  test('takes what is signed with its secret, alone or beside another, and keeps each event once', async () => {
    const secret = newSecret();
    const receiver = await startReceiver(language, secret);
    scope.onEnd(receiver.close);
    const send = ({ headers, body }: { headers: Record<string, string>; body: string }) =>
      fetch(receiver.url, { method: 'POST', headers, body }).then(({ status }) => status);
    const [alone, beside] = [signed([secret]), signed([newSecret(), secret])];
    expect([await send(alone), await send(beside), await send(alone)]).toEqual([204, 204, 204]);
    await eventually(() => expect(receiver.lines.slice(1)).toEqual([`${alone.eventId} alert.opened`, `${beside.eventId} alert.opened`]));
  });

  test('refuses another secret, a changed body, a changed id, and what is older than five minutes', async () => {
    const secret = newSecret();
    const receiver = await startReceiver(language, secret);
    scope.onEnd(receiver.close);
    const send = (headers: Record<string, string>, body: string) =>
      fetch(receiver.url, { method: 'POST', headers, body }).then(({ status }) => status);
    const [foreign, good, old] = [signed([newSecret()]), signed([secret]), signed([secret], { nowMs: Date.now() - 360_000 })];
    expect(await send(foreign.headers, foreign.body)).toBe(401);
    expect(await send(good.headers, good.body.replace('Zürich', 'Zurich'))).toBe(401);
    expect(await send({ ...good.headers, 'webhook-id': randomUUID() }, good.body)).toBe(401);
    expect(await send(old.headers, old.body)).toBe(401);
    const { 'webhook-signature': _, ...unsigned } = good.headers;
    expect(await send(unsigned, good.body)).toBe(401);
    expect(await send({ ...good.headers, 'webhook-signature': 'v1,' }, good.body)).toBe(401);
    await eventually(() => expect(receiver.refusals).toHaveLength(6));
    expect(receiver.lines).toHaveLength(1);
  });

  test('waits for no body that says of its length what is none', async () => {
    const receiver = await startReceiver(language, newSecret());
    scope.onEnd(receiver.close);
    const { port } = new URL(receiver.url);
    const answerTo = async (length: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`POST / HTTP/1.1\r\nhost: receiver\r\ncontent-length: ${length}\r\n\r\nabc`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return answer.toString();
    };
    for (const length of ['-1', 'abc', '']) expect(await answerTo(length)).toMatch(/^HTTP\/1\.[01] 4/);
  });

  test('gets what the webhooks process sends', async () => {
    const [database, receiver] = [await scope.database(), await startReceiver(language, databaseSecret)];
    scope.onEnd(receiver.close);
    const org = await createOrganisation(database.owner);
    const endpoint = await org.endpoint(receiver.url);
    await scope.app('webhooks', {
      DATABASE_URL: database.urlFor('milepost_webhooks'),
      KAFKA_BROKERS: '127.0.0.1:1',
      WEBHOOK_ALLOW: '127.0.0.0/8',
    });
    const id = await org.event(randomUUID(), 1);
    await eventually(async () => expect(await org.deliveries(endpoint)).toMatchObject([{ status: 'delivered' }]));
    expect(receiver.lines.slice(1)).toEqual([`${id} alert.opened`]);
  });

  test('is the one that docs/webhooks.md shows', () => {
    expect(readFileSync('docs/webhooks.md', 'utf8')).toContain(readFileSync(receiverFile(language), 'utf8').trimEnd());
  });
});
