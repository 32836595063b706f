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

  it.each(['$share/a', '$share//a', '$share/+/a', '$share/g/'])('%s is a filter that is refused, and ends nothing', (filter) => {
    const harness = connected(version, {}, { sharedSubscriptionsAvailable: true });
    harness.send(subscribe(['ok', filter]), unsubscribe([filter]));
    expect(harness.subscribes.map(({ subscriptions }) => subscriptions.map((each) => each.filter))).toEqual([['ok']]);
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [ReasonCode.GrantedQoS1], harness.now);
    expect(harness.received()).toMatchObject([
      { type: 'unsuback', reasonCodes: version === 5 ? [0x8f] : [] },
      { type: 'suback', reasonCodes: [1, version === 5 ? 0x8f : 0x80] },
    ]);
  });

  it('a shared filter whose wildcard does not fill its level closes 3.1.1 all the same [v3 MQTT-4.7.1-2]', () => {
    const harness = connected(version, {}, { sharedSubscriptionsAvailable: true });
    harness.send(subscribe(['$share/g/a#']));
    expect(harness.end?.cause).toBe(version === 4 ? 'protocol_error' : undefined);
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

  it('an UNSUBSCRIBE counts among these, and is one of them no more when it is answered', () => {
    const harness = connected(version);
    for (let packetId = 1; packetId <= 17; packetId++) harness.send({ ...unsubscribe(['a']), packetId });
    expect(harness.unsubscribes).toHaveLength(16);
    harness.connection.settleUnsubscribe(harness.unsubscribes[0]?.token ?? {}, [ReasonCode.Success], harness.now);
    expect(harness.unsubscribes).toHaveLength(17);
  });
});

describe('the reason string of SUBACK and UNSUBACK', () => {
  const told = (harness: ReturnType<typeof connected>) =>
    harness.received().map((packet) => [packet.type, 'properties' in packet ? packet.properties : undefined]);

  /** The second filter is for the broker to judge, and is refused. */
  function refuse(harness: ReturnType<typeof connected>) {
    harness.send(subscribe(['a', 'b']));
    const { token } = harness.subscribes[0] ?? { token: {} };
    harness.connection.settleSubscribe(token, [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized], harness.now, [undefined, 'Not yours.']);
  }

  it('is what the broker says of the first filter that it refuses', () => {
    const harness = connected(5);
    refuse(harness);
    expect(told(harness)).toEqual([['suback', { reasonString: 'filter 2: Not yours.' }]]);
  });

  it.each([
    ['a level 4 client', 4, {}],
    ['a client that asks for none', 5, { requestProblemInformation: false }],
    ['a client of small packets', 5, { maximumPacketSize: 100 }],
  ] as const)('is left out for %s [MQTT-3.1.2-29]', (_whom, version, properties) => {
    const harness = connected(version, { properties });
    refuse(harness);
    expect(told(harness)).toEqual([['suback', {}]]);
  });

  it('is left out where it makes the packet larger than the client takes [MQTT-3.9.2-1]', () => {
    const harness = connected(5, { properties: { maximumPacketSize: 256 } });
    harness.send(subscribe(Array<string>(200).fill('a#')));
    expect(told(harness)).toEqual([['suback', {}]]);
  });

  it.each([
    ['a#', {}, /^filter 3: \+ and # fill a whole level/],
    ['$share/g', {}, /^filter 3: .*\$share\/ is followed by a group, a slash and a filter$/],
    ['$share/g/a', {}, /^filter 3: there are no shared subscriptions/],
    ['+', { wildcardSubscriptionsAvailable: false }, /^filter 3: filters have no wildcards/],
  ] as const)('tells of %s, wherever it stands', (filter, options, reasonString) => {
    const harness = connected(5, {}, options);
    harness.send(subscribe(['a', 'b', filter]));
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [0, 0], harness.now, [undefined, undefined]);
    expect(told(harness)).toEqual([['suback', { reasonString: expect.stringMatching(reasonString) }]]);
  });

  it('tells of a subscription identifier where there are none', () => {
    const harness = connected(5);
    harness.send(subscribe(['a'], { subscriptionIdentifiers: [3] }));
    expect(told(harness)).toEqual([['suback', { reasonString: 'filter 1: there are no subscription identifiers here' }]]);
  });

  it('tells of a filter that nobody can unsubscribe from, and not of one that was not there', () => {
    const harness = connected(5);
    harness.send(unsubscribe(['a', 'b#']));
    harness.connection.settleUnsubscribe(harness.unsubscribes[0]?.token ?? {}, [ReasonCode.NoSubscriptionExisted], harness.now);
    harness.send(unsubscribe(['a']));
    harness.connection.settleUnsubscribe(harness.unsubscribes[1]?.token ?? {}, [ReasonCode.NoSubscriptionExisted], harness.now);
    expect(told(harness)).toEqual([
      ['unsuback', { reasonString: expect.stringMatching(/^filter 2: \+ and # fill/) }],
      ['unsuback', {}],
    ]);
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

  it('wildcards get a failure at 3.1.1 where they are not available, other filters do not [v3 MQTT-3.8.3-2, v3 MQTT-3.9.3-1]', () => {
    const harness = connected(4, {}, { wildcardSubscriptionsAvailable: false });
    harness.send(subscribe(['a/#', 'a', '+']));
    expect(harness.subscribes.map(({ subscriptions }) => subscriptions.map(({ filter }) => filter))).toEqual([['a']]);
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [ReasonCode.Success], harness.now);
    expect(harness.received()).toMatchObject([{ reasonCodes: [0x80, 0, 0x80] }]);
  });

  it.each([
    [0, [0, 0, 0]],
    [1, [0, 1, 1]],
  ] as const)('every QoS may be asked for, and is granted up to the maximum of %i [MQTT-3.2.2-10]', (maximumQoS, granted) => {
    const harness = connected(5, {}, { maximumQoS });
    const subscriptions = ([0, 1, 2] as const).map((qos) => subscription(`asks/for/${qos}`, { qos }));
    harness.send({ ...subscribe([]), subscriptions });
    expect(harness.subscribes[0]?.subscriptions.map(({ qos }) => qos)).toEqual(granted);
  });

  it('what is refused before the broker is asked has its code in its own place [MQTT-3.8.4-6, MQTT-3.9.3-1, MQTT-3.11.3-1]', () => {
    const harness = connected(5);
    const filters = ['a#', 'b', '+c', 'd'];
    harness.send(subscribe(filters), unsubscribe(filters));
    const [subscribed, unsubscribed] = [harness.subscribes[0]?.token ?? {}, harness.unsubscribes[0]?.token ?? {}];
    harness.connection.settleSubscribe(subscribed, [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized], harness.now);
    harness.connection.settleUnsubscribe(unsubscribed, [ReasonCode.Success, ReasonCode.NoSubscriptionExisted], harness.now);
    expect(harness.received()).toMatchObject([
      { type: 'suback', reasonCodes: [0x8f, 1, 0x8f, 0x87] },
      { type: 'unsuback', reasonCodes: [0x8f, 0, 0x8f, 0x11] },
    ]);
  });
});
