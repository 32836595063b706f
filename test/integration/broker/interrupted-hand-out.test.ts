import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { brokerWithUsers } from './broker-with-users.js';

const RETAINED = 100;
/** So many are in flight to a client that acknowledges nothing, and up to a quarter of its queue waits: the rest is on no record of its own. */
const IN_FLIGHT = 32;
const QUEUE = 40;
const TIMEOUT_MS = 120_000;

const scope = useTestScope();

test(
  'what topics retain and a kept session has no room for yet reaches it though the broker is killed with -9 meanwhile [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]',
  async () => {
    const broker = await brokerWithUsers(scope, {
      users: { ops: 'acme' },
      acl: 'user ops\ntopic readwrite tests/#\n',
      environment: { MQTT_MAX_QUEUED_MESSAGES: String(QUEUE), NODE_ID: 'node-h', LOG_LEVEL: 'info' },
    });
    const payloads = Array.from({ length: RETAINED }, (_, index) => String(index).padStart(3, '0'));
    const first = await broker.start();
    const firstPort = await first.portOf('users');
    const publisher = broker.wireClient('publisher', firstPort);
    await publisher.connect();
    for (const [index, payload] of payloads.entries()) {
      const qos = index % 2 === 0 ? 1 : 2;
      expect(await publisher.publish(index + 1, `tests/${payload}`, payload, qos, { retain: true })).toBe(0);
      if (qos === 2) expect(await publisher.release(index + 1)).toBe(0);
    }
    const subscriber = broker.wireClient('subscriber', firstPort);
    subscriber.acknowledges = 'nothing';
    await subscriber.connect();
    await subscriber.subscribe('tests/#');
    await eventually(() => expect(subscriber.received).toHaveLength(IN_FLIGHT));
    expect(await first.app.metric('milepost_broker_kept_messages')).toBeLessThanOrEqual(IN_FLIGHT + QUEUE / 4);
    await first.app.kill9();

    const second = await broker.start();
    subscriber.acknowledges = 'all';
    expect((await subscriber.connect(await second.portOf('users'))).sessionPresent).toBe(true);
    await eventually(() => expect([...new Set(subscriber.received.map(({ payload }) => payload))].toSorted()).toEqual(payloads), {
      timeoutMs: 30_000,
    });
    // Nothing had been acknowledged: QoS 1 may come again as what was in flight alone, QoS 2 not at all.
    const twice = subscriber.received.filter(
      ({ payload }, at) => subscriber.received.findIndex((other) => other.payload === payload) !== at,
    );
    expect(twice.filter(({ qos, dup }) => qos === 2 || !dup)).toEqual([]);
    await eventually(async () => expect(await second.app.metric('milepost_broker_kept_messages')).toBe(0));
    await second.app.kill9();

    const third = await broker.start();
    const before = subscriber.received.length;
    expect((await subscriber.connect(await third.portOf('users'))).sessionPresent).toBe(true);
    // It is over: what was left of it would come before this. An acknowledgement may not have been on record yet.
    const thirdPublisher = broker.wireClient('publisher', await third.portOf('users'));
    await thirdPublisher.connect();
    expect(await thirdPublisher.publish(1, 'tests/live', 'live', 1)).toBe(0);
    await eventually(() => {
      const fresh = subscriber.received.slice(before).filter(({ dup }) => !dup);
      expect(fresh.map(({ payload }) => payload)).toEqual(['live']);
    });
  },
  TIMEOUT_MS,
);
