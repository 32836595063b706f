import { describe, expect, it } from 'vitest';
import type { ReasonCode } from '../packets/reason-code.js';
import { acceptingConnack, agreeOn, refusingConnack } from './connack.js';
import { connectPacket } from './harness.fixture.js';
import { type ConnectionOptions, DEFAULT_CONNECTION_OPTIONS } from './interface/connection-options.js';

/** Nothing is limited but what a packet may take, which each client is told. */
const WITHOUT_LIMITS: ConnectionOptions = {
  ...DEFAULT_CONNECTION_OPTIONS,
  receiveMaximum: 65_535,
  topicAliasMaximum: 0,
  sharedSubscriptionsAvailable: true,
  subscriptionIdentifiersAvailable: true,
  maxSessionExpirySeconds: 1_000,
};
const SIZE = { maximumPacketSize: WITHOUT_LIMITS.maxPacketBytes };

function told(options: Partial<ConnectionOptions>, connect = connectPacket(5, { clientId: 'c' })) {
  const all = { ...WITHOUT_LIMITS, ...options };
  return acceptingConnack(connect, agreeOn(connect, all), { clientId: 'assigned' }, all).properties;
}

describe('an accepting CONNACK', () => {
  it('tells no limit that its client assumes anyway', () => {
    expect(told({})).toEqual(SIZE);
  });

  it.each<[Partial<ConnectionOptions>, object]>([
    [{ receiveMaximum: 65_534 }, { receiveMaximum: 65_534 }],
    [{ maximumQoS: 1 }, { maximumQoS: 1 }],
    [{ retainAvailable: false }, { retainAvailable: false }],
    [{ topicAliasMaximum: 1 }, { topicAliasMaximum: 1 }],
    [{ wildcardSubscriptionsAvailable: false }, { wildcardSubscriptionAvailable: false }],
    [{ subscriptionIdentifiersAvailable: false }, { subscriptionIdentifierAvailable: false }],
    [{ sharedSubscriptionsAvailable: false }, { sharedSubscriptionAvailable: false }],
  ])('tells %j, and nothing else', (options, property) => {
    expect(told(options)).toEqual({ ...SIZE, ...property });
  });

  it('tells the session expiry where it is another than was asked for', () => {
    const asking = (sessionExpiryInterval: number) => connectPacket(5, { clientId: 'c', properties: { sessionExpiryInterval } });
    expect(told({}, asking(1_000))).toEqual(SIZE);
    expect(told({}, asking(1_001))).toEqual({ ...SIZE, sessionExpiryInterval: 1_000 });
  });

  it('of 3.1.1 has no properties, and a keep-alive stays as it was asked for', () => {
    const connect = connectPacket(4, { clientId: 'c', keepAliveSeconds: 600 });
    expect(told({ receiveMaximum: 1 }, connect)).toEqual({});
    expect(agreeOn(connect, { ...WITHOUT_LIMITS, maxKeepAliveSeconds: 60 }).keepAliveSeconds).toBe(600);
  });

  it('says no session present to a clean start, whatever was there [MQTT-3.2.2-2]', () => {
    for (const cleanStart of [true, false]) {
      const connect = connectPacket(5, { clientId: 'c', cleanStart });
      const agreement = agreeOn(connect, WITHOUT_LIMITS);
      const connack = acceptingConnack(connect, agreement, { clientId: 'c', sessionPresent: true }, WITHOUT_LIMITS);
      expect(connack.sessionPresent).toBe(!cleanStart);
    }
  });
});

describe('a refusing CONNACK', () => {
  it('says why where there is something to say and a place for it', () => {
    const refused = { type: 'connack', sessionPresent: false };
    expect(refusingConnack(5, 0x87, 'no')).toEqual({ ...refused, reasonCode: 0x87, properties: { reasonString: 'no' } });
    expect(refusingConnack(5, 0x87, undefined)).toEqual({ ...refused, reasonCode: 0x87, properties: {} });
    expect(refusingConnack(4, 0x87, 'no')).toEqual({ ...refused, reasonCode: 5, properties: {} });
  });

  it.each<[ReasonCode, number]>([
    [0x84, 1],
    [0x85, 2],
    [0x88, 3],
    [0x89, 3],
    [0x8b, 3],
    [0x97, 3],
    [0x9c, 3],
    [0x9d, 3],
    [0x9f, 3],
    [0x86, 4],
    [0x87, 5],
    [0x8a, 5],
  ])('of 3.1.1 says for 0x%x the return code %i of its own table', (reasonCode, returnCode) => {
    expect(refusingConnack(4, reasonCode, undefined)?.reasonCode).toBe(returnCode);
  });

  it('of 3.1.1 is none where its table has no code', () => {
    expect(refusingConnack(4, 0x95, undefined)).toBeUndefined();
  });
});
