import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { connect, life, messages, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { FakeClient, settled } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';

test('a subscription that its client may not make any more is gone when it comes back, and for good; its others stay', async () => {
  const log = new MemoryLog();
  let broker = await life(log, 1);
  const open = async (clientId: string, ...refused: string[]) => {
    const client = new FakeClient(5);
    broker.receive(client.socket, new GuestGate('192.0.2.1', new Set(refused)));
    await client.send(connect(clientId));
    return client;
  };
  const topicsFor = async (reader: FakeClient, id: number) => {
    const publisher = await open('p');
    await publisher.send(publish(id, 'x', { topic: 'kept' }), publish(id + 1, 'x', { topic: 'lost' }));
    publisher.socket.destroy();
    return messages(reader).map(({ topic }) => topic);
  };
  const before = await open('r');
  for (const filter of ['kept', 'lost']) await before.send(subscribe(filter));
  expect(await topicsFor(before, 1)).toEqual(['kept', 'lost']);
  await before.send(...[1, 2].map((packetId) => ({ type: 'puback' as const, packetId, reasonCode: 0, properties: {} })));
  before.socket.destroy();
  const returned = await open('r', 'lost');
  expect(await topicsFor(returned, 3)).toEqual(['kept']);
  await returned.send({ type: 'puback', packetId: 3, reasonCode: 0, properties: {} });
  broker.close();
  broker = await life(log, 2);
  const later = await open('r');
  messages(later);
  expect(await topicsFor(later, 5)).toEqual(['kept']);
  broker.close();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a will that its client may not publish any more is dropped, in the broker after it too', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  const log = new MemoryLog();
  const metrics = new BrokerMetrics(new Registry());
  const first = await life(log, 1, { metrics });
  const watcher = first.plug();
  await watcher.send(connect('w'), subscribe('t'));
  const gate = new GuestGate('192.0.2.1', new Set());
  let may = true;
  const admit = gate.admit.bind(gate);
  gate.admit = (packet) => {
    const admittance = admit(packet);
    if (!admittance.ok) return admittance;
    const { access } = admittance;
    return { ok: true, access: { ...access, routeOf: (topic) => (may ? access.routeOf(topic) : undefined) } };
  };
  const client = new FakeClient(5);
  first.receive(client.socket, gate);
  const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };
  await client.send(connect('c', { properties: {}, will }));
  may = false;
  client.socket.destroy();
  await settled();
  expect(texts(watcher)).toEqual([]);
  expect(await metrics.read({ name: 'wills_given_up_total', labels: { reason: 'not_authorised' } })).toBe(1);
  first.close();

  const second = await life(log, 2);
  const back = second.plug();
  await back.send(connect('w'));
  await pass(151);
  expect(texts(back)).toEqual([]);
  second.close();
});
