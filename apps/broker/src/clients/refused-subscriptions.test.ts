import { DEFAULT_ROUTER_LIMITS, type Suback } from '@milepost/mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BrokerLife, connect, life, subscribe } from '../broker-life.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';

let broker: BrokerLife;

beforeEach(async () => {
  const router = { ...DEFAULT_ROUTER_LIMITS, maxSubscriptionsPerSubscriber: 2, maxFilterLevels: 3, maxFilterBytesPerSubscriber: 300 };
  broker = await life(new MemoryLog(), 1, { router });
});

afterEach(() => broker.close());

test.each([
  ['not/mine', 0x80, 'filter 2: This run was told to refuse the filter.'],
  ['a/b/c/d', 0x97, 'filter 2: The filter has more levels than one may have.'],
  ['b'.repeat(200), 0x97, 'filter 2: The filters of the session have as many bytes as they may have.'],
])('SUBACK says why %s is refused, and counts as the client wrote them', async (filter, reasonCode, reasonString) => {
  const client = new FakeClient();
  broker.receive(client.socket, new GuestGate('192.0.2.1', new Set(['not/mine'])));
  await client.send(connect('c'));
  client.heard();
  const { subscriptions, ...packet } = subscribe('a', 0);
  await client.send({ ...packet, subscriptions: [...subscriptions, ...subscribe(filter, 0).subscriptions] });
  expect(client.heard()).toMatchObject([{ reasonCodes: [0, reasonCode], properties: { reasonString } }]);
});

test('of a subscription too many too', async () => {
  const client = broker.plug();
  await client.send(connect('c'));
  await client.send(subscribe('a'), subscribe('b'), subscribe('c'));
  const reasons = client.heard().slice(1) as Suback[];
  expect(reasons.map(({ properties }) => properties)).toEqual([
    {},
    {},
    { reasonString: 'filter 1: The session has as many subscriptions as it may have.' },
  ]);
});
