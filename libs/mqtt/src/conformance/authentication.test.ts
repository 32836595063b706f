import { describe, expect, it } from 'vitest';
import { connected, connectPacket, Harness } from '../connection/harness.fixture.js';
import { ReasonCode } from '../packets/reason-code.js';

const properties = { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('1') };
const options = { authenticationMethods: ['SCRAM'] };

describe('enhanced authentication', () => {
  it.each([0x00, 0x19])('AUTH 0x%s in answer to the server is refused: it is to be 0x18 [MQTT-4.12.0-3]', (reasonCode) => {
    const harness = new Harness(5, options);
    harness.send(connectPacket(5, { properties }));
    harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
    harness.received();
    harness.send({ type: 'auth', reasonCode, properties });
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x82 }]);
    expect(harness.end).toMatchObject({ established: false });
  });

  it.each([0, 1])('it may be refused after %i rounds, with CONNACK and a close [MQTT-4.12.0-4]', (rounds) => {
    const harness = new Harness(5, options);
    harness.send(connectPacket(5, { properties }));
    for (let round = 0; round < rounds; round++) {
      harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
      harness.send({ type: 'auth', reasonCode: 0x18, properties });
    }
    harness.received();
    harness.connection.refuse(ReasonCode.NotAuthorized, 'wrong proof', harness.now);
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x87, sessionPresent: false }]);
    expect(harness.end).toMatchObject({ established: false });
  });

  it('without a method in CONNECT the server sends no AUTH and no method [MQTT-4.12.0-6]', () => {
    const harness = new Harness(5, options);
    harness.send(connectPacket(5));
    harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
    harness.accept({ clientId: 'truck-1' });
    harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
    harness.connection.reauthenticated(undefined);
    const packets = harness.received();
    expect(packets.map((packet) => packet.type)).toEqual(['connack']);
    expect(packets[0]).not.toHaveProperty('properties.authenticationMethod');
  });

  it('a re-authentication that fails ends in DISCONNECT and a close [MQTT-4.12.1-2]', () => {
    const harness = connected(5, { properties }, options);
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    expect(harness.authentications[1]?.kind).toBe('reauthenticate');
    harness.connection.close('revoked', ReasonCode.NotAuthorized, 'wrong proof');
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x87 }]);
    expect(harness.ends).toHaveLength(1);
  });
});
