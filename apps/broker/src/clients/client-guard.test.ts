import { afterEach, expect, test } from 'vitest';
import { type BrokerLife, connect, heardInShort, life, subscribe } from '../broker-life.fixture.js';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { MemoryLog } from '../log/memory-log.js';

let broker: BrokerLife | undefined;
afterEach(() => broker?.close());

test('the door judges what a client is subscribed to now: not what it once was, and what a resumed session brought too', async () => {
  const it = await life(new MemoryLog(), 1);
  broker = it;
  const judged: string[][] = [];
  const open = async () => {
    const gate = new GuestGate('192.0.2.1', new Set());
    const client = new FakeClient(5);
    it.receive(client.socket, Object.assign(gate, { recheck: (_now: Date, filters: Iterable<string>) => void judged.push([...filters]) }));
    await client.send(connect('c'));
    return client;
  };
  const first = await open();
  await first.send(subscribe('a'), subscribe('b'), subscribe('c'));
  await first.send({ type: 'unsubscribe', packetId: 2, filters: ['b'], properties: {} });
  expect(heardInShort(first)).toEqual(['connack', 'suback', 'suback', 'suback', 'unsuback']);
  it.guard.recheckAll();
  first.socket.destroy();
  await open();
  it.guard.recheckAll();
  expect(judged).toEqual([
    ['a', 'c'],
    ['a', 'c'],
  ]);
});
