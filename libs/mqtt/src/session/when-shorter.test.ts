import { expect, it } from 'vitest';
import { ack } from '../connection/harness.fixture.js';
import { SessionHarness } from './session-harness.fixture.js';

/** A client whose messages wait behind one in flight, and how long the queue was whenever it had become shorter. */
function waiting() {
  const client = new SessionHarness(5, { maxOutboundInFlight: 1 });
  client.connect({ properties: { sessionExpiryInterval: 600 } });
  const lengths: number[] = [];
  client.deliver({ qos: 1, payload: 'in flight' });
  for (const qos of [1, 0, 1] as const) client.deliver({ qos, payload: 'waits' });
  client.session.whenShorter = () => lengths.push(client.session.queuedMessages);
  return { client, lengths };
}

it('says that its queue is shorter once for all that have left it at a time, and no more when nobody asks', () => {
  const { client, lengths } = waiting();
  client.wire.send(ack('puback', 1));
  expect(lengths).toEqual([1]);
  client.session.whenShorter = undefined;
  client.wire.send(ack('puback', 2));
  expect(lengths).toEqual([1]);
});

it('says so as well when they are dropped because the client has left', () => {
  const { client, lengths } = waiting();
  client.lose();
  expect(lengths).toEqual([2]);
});

it('says so as well when what has expired is dropped, and only then [MQTT-3.3.2-5]', () => {
  const client = new SessionHarness(5);
  for (const [payload, expiresAtMs] of [
    ['a', 10],
    ['b', 30],
    ['c', undefined],
    ['d', 20],
  ] as const)
    client.deliver({ qos: 1, payload, ...(expiresAtMs !== undefined && { expiresAtMs }) });
  const lengths: number[] = [];
  client.session.whenShorter = () => lengths.push(client.session.queuedMessages);
  for (const now of [9, 20, 29, 30]) client.session.dropExpired(now);
  expect(lengths).toEqual([2, 1]);
  expect([client.undelivered, client.finished]).toEqual([
    ['expired a', 'expired d', 'expired b'],
    ['a', 'd', 'b'],
  ]);
});
