import { describe, expect, it } from 'vitest';
import { ReasonCode } from '../packets/reason-code.js';
import { connected, connectPacket, Harness } from './harness.fixture.js';

describe('enhanced authentication', () => {
  const properties = { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('1') };

  it('a method that is not supported is 0x8C [MQTT-4.12.0-1]', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties }));
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x8c }]);
  });

  it('data goes to and fro with the method, then CONNACK carries it [MQTT-4.12.0-2, MQTT-4.12.0-5]', () => {
    const harness = new Harness(5, { authenticationMethods: ['SCRAM'] });
    harness.send(connectPacket(5, { properties }));
    expect(harness.authentications).toMatchObject([{ kind: 'connect', method: 'SCRAM', data: Buffer.from('1') }]);
    harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
    expect(harness.received()).toMatchObject([{ type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'SCRAM' } }]);
    harness.send({ type: 'auth', reasonCode: 0x18, properties: { ...properties, authenticationData: Buffer.from('3') } });
    expect(harness.authentications[1]).toMatchObject({ kind: 'continue', data: Buffer.from('3') });
    harness.accept({ clientId: 'truck-1', authenticationData: Buffer.from('4') });
    expect(harness.received()).toMatchObject([
      { type: 'connack', reasonCode: 0, properties: { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('4') } },
    ]);
  });

  it('another packet than AUTH or DISCONNECT before CONNACK is refused [MQTT-3.1.2-30]', () => {
    const harness = new Harness(5, { authenticationMethods: ['SCRAM'] });
    harness.send(connectPacket(5, { properties }));
    harness.connection.continueAuthentication(undefined, harness.now);
    harness.received();
    harness.send({ type: 'pingreq' });
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x82 }]);
  });

  it('a client that gives up before CONNACK has ended its connection, and hears nothing', () => {
    const harness = new Harness(5, { authenticationMethods: ['SCRAM'] });
    harness.send(connectPacket(5, { properties }));
    harness.connection.continueAuthentication(undefined, harness.now);
    expect(harness.received()).toEqual([{ type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'SCRAM' } }]);
    harness.send({ type: 'disconnect', reasonCode: 0, properties: {} });
    expect(harness.received()).toEqual([]);
    expect(harness.ends).toMatchObject([{ cause: 'not_established', detail: 'the client gave up authentication' }]);
  });

  it('re-authentication uses the same method, else it is closed [MQTT-4.12.1-1]', () => {
    const harness = connected(5, { properties }, { authenticationMethods: ['SCRAM'] });
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    expect(harness.authentications[1]?.kind).toBe('reauthenticate');
    harness.connection.reauthenticated(undefined);
    expect(harness.received()).toMatchObject([{ type: 'auth', reasonCode: 0 }]);
    harness.send({ type: 'auth', reasonCode: 0x19, properties: { authenticationMethod: 'PLAIN' } });
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x8c }]);
  });

  it('data goes to and fro in re-authentication too, while other packets are taken', () => {
    const harness = connected(5, { properties }, { authenticationMethods: ['SCRAM'] });
    harness.send({ type: 'auth', reasonCode: 0x19, properties }, { type: 'pingreq' });
    harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
    harness.send({ type: 'auth', reasonCode: 0x18, properties });
    expect(harness.authentications.map(({ kind }) => kind)).toEqual(['connect', 'reauthenticate', 'continue']);
    harness.connection.reauthenticated(Buffer.from('3'));
    expect(harness.received()).toMatchObject([
      { type: 'pingresp' },
      { type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('2') } },
      { type: 'auth', reasonCode: 0, properties: { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('3') } },
    ]);
  });

  it('re-authentication that fails closes with its code [MQTT-4.12.1-2]', () => {
    const harness = connected(5, { properties }, { authenticationMethods: ['SCRAM'] });
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    harness.connection.refuse(ReasonCode.NotAuthorized, 'the proof is wrong', harness.now);
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x87 }]);
  });

  it.each([0x00, 0x18])('AUTH %i that was not asked for is 0x82', (reasonCode) => {
    const harness = connected(5, { properties }, { authenticationMethods: ['SCRAM'] });
    harness.send({ type: 'auth', reasonCode, properties });
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
  });

  it('another method before CONNACK is 0x8C [MQTT-4.12.0-5]', () => {
    const harness = new Harness(5, { authenticationMethods: ['SCRAM'] });
    harness.send(connectPacket(5, { properties }));
    harness.connection.continueAuthentication(undefined, harness.now);
    harness.received();
    harness.send({ type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'PLAIN' } });
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x8c }]);
  });

  it('AUTH on a connection without a method is closed [MQTT-4.12.0-7]', () => {
    const harness = connected(5);
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    expect(harness.end).toMatchObject({ cause: 'protocol_error', reasonCode: ReasonCode.ProtocolError });
  });
});
