import { describe, expect, it } from 'vitest';
import type { Subscribe, Subscription } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { connected } from './harness.fixture.js';

function subscription(filter: string, overrides: Partial<Subscription> = {}): Subscription {
  return { filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, ...overrides };
}

function subscribe(filters: string[], properties: Subscribe['properties'] = {}): Subscribe {
  return { type: 'subscribe', packetId: 10, subscriptions: filters.map((filter) => subscription(filter)), properties };
}

const unsubscribe = (filters: string[]) => ({ type: 'unsubscribe', packetId: 11, filters, properties: {} }) as const;

describe.each([4, 5] as const)('SUBSCRIBE at protocol level %i', (version) => {
  it('SUBACK has a code for each filter, in order; one that is refused leaves the others [MQTT-3.8.4-1, MQTT-3.8.4-2, MQTT-3.8.4-5, MQTT-3.8.4-6, MQTT-3.8.4-7, MQTT-3.9.3-1, MQTT-2.2.1-6, v3 MQTT-3.9.3-2]', () => {
    const harness = connected(version);
    harness.send(subscribe(['a', 'b', 'c']));
    expect(harness.received()).toEqual([]);
    const { token } = harness.subscribes[0] ?? { token: {} };
    harness.connection.settleSubscribe(token, [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized, ReasonCode.GrantedQoS0], harness.now);
    expect(harness.received()).toEqual([
      { type: 'suback', packetId: 10, reasonCodes: [1, version === 5 ? 0x87 : 0x80, 0], properties: {} },
    ]);
  });

  it('UNSUBACK answers UNSUBSCRIBE, in 5.0 with a code for each filter [MQTT-3.10.4-4, MQTT-3.10.4-5, MQTT-3.10.4-6, MQTT-3.11.3-1, MQTT-2.2.1-6]', () => {
    const harness = connected(version);
    harness.send(unsubscribe(['a', 'b']));
    const { token } = harness.unsubscribes[0] ?? { token: {} };
    harness.connection.settleUnsubscribe(token, [ReasonCode.Success, ReasonCode.NoSubscriptionExisted], harness.now);
    expect(harness.received()).toEqual([{ type: 'unsuback', packetId: 11, reasonCodes: version === 5 ? [0, 0x11] : [], properties: {} }]);
  });

  it.each(['a#', 'a/#/b', '+a', 'a/b+', '#/a'])(
    '%s is 0x8F in 5.0 and the others work; 3.1.1 is closed [MQTT-4.7.1-1, MQTT-4.7.1-2]',
    (filter) => {
      const harness = connected(version);
      harness.send(subscribe(['ok', filter]));
      if (version === 4) {
        expect(harness.end?.cause).toBe('protocol_error');
        expect(harness.subscribes).toEqual([]);
        return;
      }
      expect(harness.subscribes[0]?.subscriptions.map((each) => each.filter)).toEqual(['ok']);
      harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [ReasonCode.GrantedQoS1], harness.now);
      expect(harness.received()).toMatchObject([{ reasonCodes: [1, 0x8f] }]);
    },
  );

  it('an UNSUBSCRIBE with such a filter likewise [MQTT-4.7.1-1]', () => {
    const harness = connected(version);
    harness.send(unsubscribe(['a#']));
    if (version === 4) expect(harness.end?.cause).toBe('protocol_error');
    else expect(harness.received()).toMatchObject([{ type: 'unsuback', reasonCodes: [0x8f] }]);
  });

  it('a shared subscription is answered as not available while there are none', () => {
    const harness = connected(version);
    harness.send(subscribe(['$share/group/a']));
    expect(harness.received()).toMatchObject([{ type: 'suback', reasonCodes: [version === 5 ? 0x9e : 0x80] }]);
  });

  it('nothing more is read while many requests await the broker', () => {
    const harness = connected(version);
    for (let packetId = 1; packetId <= 17; packetId++) harness.send({ ...subscribe(['a']), packetId });
    expect(harness.subscribes).toHaveLength(16);
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [ReasonCode.GrantedQoS0], harness.now);
    expect(harness.subscribes).toHaveLength(17);
  });
});

describe('what 5.0 adds to SUBSCRIBE', () => {
  it('a subscription identifier is 0xA1 while there are none', () => {
    const harness = connected(5);
    harness.send(subscribe(['a', 'b'], { subscriptionIdentifiers: [3] }));
    expect(harness.received()).toMatchObject([{ reasonCodes: [0xa1, 0xa1] }]);
  });

  it('identifier and shared filter reach the broker once they are available', () => {
    const harness = connected(5, {}, { sharedSubscriptionsAvailable: true, subscriptionIdentifiersAvailable: true });
    harness.send(subscribe(['$share/group/a'], { subscriptionIdentifiers: [3] }));
    expect(harness.subscribes).toMatchObject([{ identifier: 3, subscriptions: [{ filter: '$share/group/a' }] }]);
  });

  it.each(['$share/group', '$share//a', '$share/g+/a', '$share/g/'])('%s is 0x8F [MQTT-4.8.2-1, MQTT-4.8.2-2]', (filter) => {
    const harness = connected(5, {}, { sharedSubscriptionsAvailable: true });
    harness.send(subscribe([filter]));
    expect(harness.received()).toMatchObject([{ reasonCodes: [0x8f] }]);
  });

  it('wildcards are 0xA2 where they are not available', () => {
    const harness = connected(5, {}, { wildcardSubscriptionsAvailable: false });
    harness.send(subscribe(['a/#']));
    expect(harness.received()).toMatchObject([{ reasonCodes: [0xa2] }]);
  });

  it('wildcards get a failure at 3.1.1 where they are not available, other filters do not [v3 MQTT-3.8.3-2]', () => {
    const harness = connected(4, {}, { wildcardSubscriptionsAvailable: false });
    harness.send(subscribe(['a/#', 'a', '+']));
    expect(harness.subscribes.map(({ subscriptions }) => subscriptions.map(({ filter }) => filter))).toEqual([['a']]);
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [ReasonCode.Success], harness.now);
    expect(harness.received()).toMatchObject([{ reasonCodes: [0x80, 0, 0x80] }]);
  });

  it('QoS is granted up to the maximum [MQTT-3.2.2-10]', () => {
    const harness = connected(5, {}, { maximumQoS: 0 });
    harness.send(subscribe(['a']));
    expect(harness.subscribes[0]?.subscriptions[0]?.qos).toBe(0);
  });
});
