import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { type BrokerLife, connect, life, messages, subscribe, texts } from '../sessions/broker-life.fixture.js';

let broker: BrokerLife;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  broker = await life(new MemoryLog(), 1);
});

afterEach(() => {
  broker.close();
  vi.useRealTimers();
});

async function pass(seconds: number): Promise<void> {
  vi.advanceTimersByTime(seconds * 1_000);
  await settled();
}

const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

describe.each([4, 5] as const)('a will, at protocol level %i,', (protocolVersion) => {
  async function published(retain: boolean) {
    const live = broker.plug(protocolVersion);
    await live.send(connect('live', { protocolVersion }), subscribe('w'));
    const client = broker.plug(protocolVersion);
    await client.send(connect('c', { protocolVersion, will: { ...will, retain } }));
    expect(texts(live)).toEqual([]);
    client.socket.destroy();
    await settled();
    const late = broker.plug(protocolVersion);
    await late.send(connect('late', { protocolVersion }), subscribe('w'));
    return { live: messages(live), late: messages(late) };
  }

  test('without Will Retain is published and not retained [MQTT-3.1.2-14]', async () => {
    const { live, late } = await published(false);
    expect(live).toMatchObject([{ topic: 'w', payload: will.payload, retain: false }]);
    expect(late).toEqual([]);
  });

  test('with Will Retain is retained as well [MQTT-3.1.2-15]', async () => {
    const { live, late } = await published(true);
    expect(live).toMatchObject([{ topic: 'w', payload: will.payload, retain: false }]);
    expect(late).toMatchObject([{ topic: 'w', payload: will.payload, retain: true }]);
  });
});

describe('a will with a delay', () => {
  const delayed = async (sessionExpiryInterval = 600) => {
    const watcher = broker.plug();
    await watcher.send(connect('watcher'), subscribe('w'));
    const client = broker.plug();
    await client.send(connect('c', { will: { ...will, properties: { willDelayInterval: 60 } }, properties: { sessionExpiryInterval } }));
    client.socket.destroy();
    await settled();
    return watcher;
  };

  test('is never sent once its client is back in time [MQTT-3.1.3-9]', async () => {
    const watcher = await delayed();
    await pass(59);
    await broker.plug().send(connect('c'));
    await pass(120);
    expect(texts(watcher)).toEqual([]);
  });

  test('is sent when the delay is over, and not before', async () => {
    const watcher = await delayed();
    await pass(59);
    expect(texts(watcher)).toEqual([]);
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
    await pass(600);
    expect(texts(watcher)).toEqual([]);
  });

  test('is sent when its session ends, if that is before', async () => {
    const watcher = await delayed(10);
    await pass(9);
    expect(texts(watcher)).toEqual([]);
    await pass(2);
    expect(texts(watcher)).toEqual(['gone']);
  });
});
