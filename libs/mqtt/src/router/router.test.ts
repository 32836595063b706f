import { describe, expect, it } from 'vitest';
import type { ProtocolVersion, Subscription } from '../packets/packet.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { messageOf } from './message-of.js';
import { DEFAULT_ROUTER_LIMITS, Router, type RouterLimits } from './router.js';

class Client {
  connected = true;
  version: ProtocolVersion = 5;
  readonly got: OutboundMessage[] = [];
}

const NOW = 5_000;

function setUp(limits: Partial<RouterLimits> = {}): { router: Router<Client>; client: Client; other: Client } {
  return { router: new Router<Client>({ ...DEFAULT_ROUTER_LIMITS, ...limits }), client: new Client(), other: new Client() };
}

function on(filter: string, overrides: Partial<Subscription> = {}): Subscription {
  return { filter, qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0, ...overrides };
}

function message(topic: string, overrides: Partial<OutboundMessage> = {}): OutboundMessage {
  return { topic, payload: Buffer.from(topic), qos: 1, retain: false, properties: {}, ...overrides };
}

/** What a broker does with a message: keeps it if it is to be retained, and hands the copies over. */
function publish(router: Router<Client>, published: OutboundMessage, publisher?: Client, now = NOW) {
  const retained = router.retain(published, now);
  const deliveries = router.match(published, publisher);
  for (const delivery of deliveries) delivery.client.got.push(delivery.message);
  return { copies: deliveries.length, retained };
}

describe('delivery', () => {
  it('at the lower of published and granted QoS [MQTT-3.8.4-8]', () => {
    const { router, client } = setUp();
    router.subscribe(client, on('a', { qos: 1 }), undefined, NOW);
    for (const qos of [0, 1, 2] as const) publish(router, message('a', { qos }));
    expect(client.got.map((each) => each.qos)).toEqual([0, 1, 1]);
  });

  it('overlapping subscriptions get one copy each, with its own QoS and identifier [MQTT-3.3.4-2, MQTT-3.3.4-3, MQTT-3.3.4-5]', () => {
    const { router, client } = setUp();
    router.subscribe(client, on('a/#', { qos: 0 }), 7, NOW);
    router.subscribe(client, on('a/+', { qos: 2 }), 8, NOW);
    publish(router, message('a/b', { qos: 2 }));
    const copies = client.got.map((each) => [each.qos, each.properties.subscriptionIdentifiers]);
    expect(copies).toHaveLength(2);
    expect(copies).toEqual(
      expect.arrayContaining([
        [0, [7]],
        [2, [8]],
      ]),
    );
  });

  it('subscribing again replaces [MQTT-3.8.4-3]', () => {
    const { router, client } = setUp();
    router.subscribe(client, on('a', { qos: 2 }), undefined, NOW);
    router.subscribe(client, on('a', { qos: 0 }), undefined, NOW);
    publish(router, message('a'));
    expect(client.got.map((each) => each.qos)).toEqual([0]);
  });

  it('No Local keeps a message from its own publisher alone [MQTT-3.8.3-3]', () => {
    const { router, client, other } = setUp();
    router.subscribe(client, on('a', { noLocal: true }), undefined, NOW);
    router.subscribe(other, on('a', { noLocal: true }), undefined, NOW);
    publish(router, message('a'), client);
    expect([client.got.length, other.got.length]).toEqual([0, 1]);
  });

  it('No Local counts for nothing while the client is connected with 3.1.1, which knows no such option', () => {
    const { router, client } = setUp();
    router.subscribe(client, on('a', { noLocal: true }), undefined, NOW);
    client.version = 4;
    publish(router, message('a'), client);
    expect(client.got).toHaveLength(1);
  });

  it('the retain flag is 0 on live messages unless Retain As Published [MQTT-3.3.1-12, MQTT-3.3.1-13]', () => {
    const { router, client, other } = setUp();
    router.subscribe(client, on('a'), undefined, NOW);
    router.subscribe(other, on('a', { retainAsPublished: true }), undefined, NOW);
    publish(router, message('a', { retain: true }));
    expect([client.got[0]?.retain, other.got[0]?.retain]).toEqual([false, true]);
  });

  it('nothing after UNSUBSCRIBE, and nothing to a client that is gone [MQTT-3.10.4-1, MQTT-3.10.4-2]', () => {
    const { router, client, other } = setUp();
    router.subscribe(client, on('a'), undefined, NOW);
    router.subscribe(other, on('a'), undefined, NOW);
    expect(router.unsubscribe(client, 'a')).toBe(true);
    expect(router.unsubscribe(client, 'a')).toBe(false);
    router.remove(other);
    expect(publish(router, message('a')).copies).toBe(0);
    expect(router.subscriptionCount).toBe(0);
  });

  it('who was matched stays matched, whatever a delivery ends', () => {
    const { router, client, other } = setUp();
    router.subscribe(client, on('a'), undefined, NOW);
    router.subscribe(other, on('#'), undefined, NOW);
    const deliveries = router.match(message('a'), undefined);
    router.remove(other);
    expect(deliveries.map((each) => each.client)).toEqual(expect.arrayContaining([client, other]));
  });

  it('is bounded by what all its filters take on record: one more is refused with 0x97, replaced ones and what was given back make no difference', () => {
    const { router, client, other } = setUp({ maxFilterBytesPerSubscriber: 2 * (110 + 102) });
    const filter = (name: string) => name.repeat(100);
    const answers = (of: Client, ...names: string[]) =>
      names.map((name) => router.subscribe(of, on(filter(name)), undefined, NOW).reasonCode);
    expect(answers(client, 'a', 'b', 'c', 'a')).toEqual([2, 2, 0x97, 2]);
    // As JSON each takes six bytes.
    expect(answers(other, '\u0001', 'c')).toEqual([0x97, 2]);
    router.unsubscribe(client, filter('a'));
    expect(answers(client, 'c', 'a')).toEqual([2, 0x97]);
    router.remove(client);
    expect(answers(client, 'a', 'b')).toEqual([2, 2]);
  });

  it('the levels of a filter are bounded, with 0x97', () => {
    const { router, client } = setUp({ maxFilterLevels: 3 });
    expect(router.subscribe(client, on('a/b/c'), undefined, NOW).ok).toBe(true);
    expect(router.subscribe(client, on('a/b/c/d'), undefined, NOW)).toEqual({ ok: false, reasonCode: 0x97, limit: 'maxFilterLevels' });
    expect(router.subscribe(client, on('$share/g/a/b/c'), undefined, NOW).ok).toBe(true);
    expect(router.subscriptionCount).toBe(2);
  });

  it('subscriptions of a client are bounded, with 0x97', () => {
    const { router, client } = setUp({ maxSubscriptionsPerSubscriber: 1 });
    router.subscribe(client, on('a'), undefined, NOW);
    expect(router.subscribe(client, on('b'), undefined, NOW)).toEqual({
      ok: false,
      reasonCode: 0x97,
      limit: 'maxSubscriptionsPerSubscriber',
    });
    expect(router.subscribe(client, on('a'), undefined, NOW).ok).toBe(true);
  });

  it('subscriptions of routers that count together are bounded, with 0x97; who made one may make it again, and who leaves makes room', () => {
    const limits = { ...DEFAULT_ROUTER_LIMITS, maxSubscriptionsInAll: 3 };
    const inAll = { subscriptions: 0 };
    const [router, another] = [new Router<Client>(limits, undefined, inAll), new Router<Client>(limits, undefined, inAll)];
    const [client, other] = [new Client(), new Client()];
    const codes = (of: Router<Client>, who: Client, ...filters: string[]) =>
      filters.map((filter) => of.subscribe(who, on(filter), undefined, NOW).reasonCode);
    expect([...codes(router, client, 'a', '$share/g/a'), ...codes(another, other, 'a', 'b')]).toEqual([2, 2, 2, 0x97]);
    expect(another.subscribe(other, on('b'), undefined, NOW)).toMatchObject({ limit: 'maxSubscriptionsInAll' });
    expect([...codes(router, client, 'a', '$share/g/a', 'b'), ...codes(another, other, 'a')]).toEqual([2, 2, 0x97, 2]);
    router.unsubscribe(client, 'a');
    router.unsubscribe(client, 'a');
    expect(codes(another, other, 'b', 'c')).toEqual([2, 0x97]);
    another.remove(other);
    expect(codes(router, client, 'b', 'c', 'd')).toEqual([2, 2, 0x97]);
  });

  it('what is restored counts beside other routers, and is never refused', () => {
    const inAll = { subscriptions: 0 };
    const [router, another] = [0, 1].map(
      () => new Router<Client>({ ...DEFAULT_ROUTER_LIMITS, maxSubscriptionsInAll: 1 }, undefined, inAll),
    );
    const client = new Client();
    for (const filter of ['a', 'b', 'b']) router?.restore(client, on(filter), undefined);
    expect(router?.subscriptionCount).toBe(2);
    expect(another?.subscribe(client, on('c'), undefined, NOW).reasonCode).toBe(0x97);
    router?.unsubscribe(client, 'a');
    expect(another?.subscribe(client, on('c'), undefined, NOW).reasonCode).toBe(0x97);
    router?.unsubscribe(client, 'b');
    expect(another?.subscribe(client, on('c'), undefined, NOW).ok).toBe(true);
  });
});

describe('retained messages', () => {
  const retained = (topic: string, overrides: Partial<OutboundMessage> = {}) => message(topic, { retain: true, ...overrides });

  function topics(router: Router<Client>, subscription: Subscription, client = new Client(), now = NOW): string[] {
    const outcome = router.subscribe(client, subscription, undefined, now);
    return outcome.ok ? [...outcome.retained].flatMap((each) => each?.topic ?? []).sort() : [];
  }

  it('the last one of each topic, with retain 1, the lower QoS and the identifier [MQTT-3.3.1-5, v3 MQTT-3.3.1-6, v3 MQTT-3.3.1-8]', () => {
    const { router, client } = setUp();
    publish(router, retained('a', { payload: Buffer.from('old') }));
    publish(router, retained('a', { payload: Buffer.from('new') }));
    const outcome = router.subscribe(client, on('a', { qos: 0 }), 9, NOW);
    expect(outcome.ok ? [...outcome.retained] : []).toMatchObject([
      { payload: Buffer.from('new'), retain: true, qos: 0, properties: { subscriptionIdentifiers: [9] } },
    ]);
  });

  it.each([0, 1, 2] as const)('are kept with the QoS that they were published with, here %i [MQTT-3.3.1-5]', (qos) => {
    const { router, client } = setUp();
    publish(router, retained('a', { qos }));
    const outcome = router.subscribe(client, on('a'), undefined, NOW);
    expect(outcome.ok ? [...outcome.retained] : []).toMatchObject([{ qos }]);
  });

  it('what a subscription is sent can be gone through more than once, and later as well, as it is then', () => {
    const { router, client, other } = setUp();
    publish(router, retained('a/1'));
    const outcome = router.subscribe(client, on('a/+', { qos: 0, retainHandling: 1 }), 9, NOW);
    expect(outcome.ok && [[...outcome.retained].length, [...outcome.retained].length]).toEqual([1, 1]);
    publish(router, retained('a/2'));
    const copies = [...router.retainedOf(client, 'a/+', NOW)];
    expect(copies.map((copy) => [copy?.topic, copy?.qos, copy?.properties.subscriptionIdentifiers])).toEqual([
      ['a/1', 0, [9]],
      ['a/2', 0, [9]],
    ]);
    expect([...router.retainedOf(other, 'a/+', NOW)]).toEqual([]);
    router.subscribe(other, on('$share/g/a/+'), undefined, NOW);
    expect([...router.retainedOf(other, '$share/g/a/+', NOW)]).toEqual([]);
  });

  it('an empty payload removes it, and is not retained itself [MQTT-3.3.1-6, MQTT-3.3.1-7]', () => {
    const { router } = setUp();
    publish(router, retained('a/b'));
    expect(publish(router, retained('a/b', { payload: Buffer.alloc(0) })).retained).toBe('removed');
    expect(topics(router, on('#'))).toEqual([]);
    expect(router.retained.size).toBe(0);
  });

  it('Retain Handling 0 always, 1 only if new, 2 never [MQTT-3.3.1-9, MQTT-3.3.1-10, MQTT-3.3.1-11]', () => {
    const { router, client } = setUp();
    publish(router, retained('a'));
    expect(topics(router, on('a', { retainHandling: 1 }), client)).toEqual(['a']);
    expect(topics(router, on('a', { retainHandling: 1 }), client)).toEqual([]);
    expect(topics(router, on('a', { retainHandling: 0 }), client)).toEqual(['a']);
    expect(topics(router, on('b', { retainHandling: 2 }), client)).toEqual([]);
    expect(topics(router, on('a', { retainHandling: 2 }), new Client())).toEqual([]);
  });

  it.each([
    ['a/+', ['a/b', 'a/c']],
    ['a/#', ['a', 'a/b', 'a/c', 'a/c/d']],
    ['+/c/#', ['a/c', 'a/c/d']],
    ['#', ['a', 'a/b', 'a/c', 'a/c/d']],
    ['$SYS/#', ['$SYS/x']],
    ['a/b', ['a/b']],
    ['b', []],
  ])('a subscription to %s gets %j', (filter, expected) => {
    const { router } = setUp();
    for (const topic of ['a', 'a/b', 'a/c', 'a/c/d', '$SYS/x']) publish(router, retained(topic));
    expect(topics(router, on(filter))).toEqual(expected);
  });

  it('an expired one is not sent [MQTT-3.3.2-5]', () => {
    const { router } = setUp();
    publish(router, retained('a', { expiresAtMs: NOW + 100 }));
    expect(topics(router, on('a'), new Client(), NOW + 99)).toEqual(['a']);
    expect(topics(router, on('a'), new Client(), NOW + 100)).toEqual([]);
  });

  it('messages and bytes are bounded: one too many is said to be, a replacement still fits, expired ones make room', () => {
    const { router } = setUp({ maxMessages: 2, maxBytes: 20 });
    publish(router, retained('a', { expiresAtMs: NOW + 10 }));
    publish(router, retained('b'));
    expect(publish(router, retained('c')).retained).toBe('full');
    expect(router.retained.hasRoomFor(retained('c'), NOW)).toBe(false);
    expect(publish(router, retained('b', { payload: Buffer.alloc(17) })).retained).toBe('stored');
    expect(publish(router, retained('b', { payload: Buffer.alloc(18) })).retained).toBe('full');
    expect(publish(router, retained('c'), undefined, NOW + 10).retained).toBe('stored');
    expect(router.retained.sizeBytes).toBe(20);
  });
});

describe('messageOf', () => {
  it('turns the expiry into a time and leaves what belongs to the connection', () => {
    const properties = { messageExpiryInterval: 3, topicAlias: 1, contentType: 'x', userProperties: [['k', 'v']] as const };
    expect(
      messageOf({ type: 'publish', topic: 'a', payload: Buffer.alloc(0), qos: 0, retain: true, dup: false, packetId: 0, properties }, NOW),
    ).toEqual({
      topic: 'a',
      payload: Buffer.alloc(0),
      qos: 0,
      retain: true,
      properties: { contentType: 'x', userProperties: [['k', 'v']] },
      expiresAtMs: 8_000,
    });
  });

  it('carries all properties of a will but its delay', () => {
    const properties = { willDelayInterval: 5, responseTopic: 'r', payloadFormatIndicator: 1 } as const;
    expect(messageOf({ topic: 'w', payload: Buffer.from('x'), qos: 2, retain: true, properties }, NOW).properties).toEqual({
      responseTopic: 'r',
      payloadFormatIndicator: 1,
    });
  });
});
