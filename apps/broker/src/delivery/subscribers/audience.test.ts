import { DEFAULT_ROUTER_LIMITS, type Subscription } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { connect, life, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { MemoryLog } from '../../log/memory-log.js';
import type { BrokerSession } from '../../sessions/broker-session.js';
import { Audience } from './audience.js';
import { LocalDelivery } from './local-delivery.js';

const session = { owner: { organisation: 'acme' } } as BrokerSession;
const anybody = { maySubscribe: () => true };
const to = (filter: string): Subscription => ({ filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 });

describe('an audience', () => {
  test('is there from the first subscription that matches until the last has gone, however often it was asked before', () => {
    const delivery = new LocalDelivery(DEFAULT_ROUTER_LIMITS);
    const audience = new Audience();
    const exists = (topic: string, organisation = 'acme') => audience.exists(delivery, organisation, topic);
    expect([exists('a'), exists('a')]).toEqual([false, false]);
    delivery.subscribe(session, [to('a')], undefined, anybody, 0);
    expect([exists('a'), exists('a'), exists('b'), exists('a')]).toEqual([true, true, false, true]);
    delivery.unsubscribe(session, ['a']);
    expect(exists('a')).toBe(false);
    delivery.restore(session, to('+'), undefined);
    expect(exists('a')).toBe(true);
    delivery.remove(session);
    expect(exists('a')).toBe(false);
  });

  test('is of one organisation', () => {
    const delivery = new LocalDelivery(DEFAULT_ROUTER_LIMITS);
    delivery.subscribe(session, [to('#')], undefined, anybody, 0);
    expect(new Audience().exists(delivery, 'rivals', 'a')).toBe(false);
    expect(new Audience().exists(delivery, 'acme', 'a')).toBe(true);
  });

  test('that comes after messages which nobody heard gets the next one, and none once it has unsubscribed', async () => {
    const broker = await life(new MemoryLog(), 1);
    const vehicle = broker.plugBridged();
    await vehicle.send(connect('truck-1'), publish(1, 'a'), publish(2, 'b'));
    const subscriber = broker.plug();
    await subscriber.send(connect('s'), subscribe('t'));
    await vehicle.send(publish(3, 'c'), publish(4, 'd'));
    await settled();
    expect(texts(subscriber)).toEqual(['c', 'd']);
    await subscriber.send({ type: 'unsubscribe', packetId: 2, filters: ['t'], properties: {} });
    await vehicle.send(publish(5, 'e'));
    await settled();
    expect(texts(subscriber)).toEqual([]);
    broker.close();
  });
});
