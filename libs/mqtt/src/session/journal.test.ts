import { describe, expect, it } from 'vitest';
import { ack, publishPacket, summary } from '../connection/harness.fixture.js';
import { FakeJournal } from './journal.fixture.js';
import { SessionHarness } from './session-harness.fixture.js';

function kept(version: 4 | 5, options = {}) {
  const journal = new FakeJournal();
  const client = new SessionHarness(version, options, { journal });
  client.connect();
  client.wire.received();
  return { journal, client };
}

it('those that are too large for the client leave at once, and what comes behind them when they are off the record [MQTT-3.1.2-25, MQTT-4.6.0-5]', () => {
  const { journal, client } = kept(5);
  client.lose();
  client.connect({ properties: { maximumPacketSize: 100 } });
  client.wire.received();
  const large = Array.from({ length: 20 }, (_, index) => String(index).padStart(100));
  for (const payload of large) client.deliver({ qos: 1, payload });
  for (const payload of ['a', 'b']) client.deliver({ qos: 1, payload });
  journal.keep(client.wire.now);
  expect(client.undelivered).toEqual(large.map((payload) => `too_large ${payload}`));
  expect(summary(client.wire.received())).toEqual([]);
  journal.keep(client.wire.now);
  expect(summary(client.wire.received())).toEqual(['publish 21 a', 'publish 22 b']);
});

describe.each([4, 5] as const)('a session with a journal at protocol level %i', (version) => {
  it('PUBLISH leaves when its packet identifier is on record, and no earlier [MQTT-4.4.0-1]', () => {
    const { journal, client } = kept(version);
    client.deliver({ qos: 1, payload: 'a' });
    expect(client.wire.received()).toEqual([]);
    expect(client.session).toMatchObject({ queuedMessages: 0, inFlightMessages: 1 });
    journal.keep(client.wire.now);
    expect(journal.durable.outbound).toMatchObject({ lastPacketId: 1, inFlight: [{ packetId: 1, awaiting: 'puback' }] });
    expect(summary(client.wire.received())).toEqual(['publish 1 a']);
  });

  it('QoS 0 does not wait for the journal', () => {
    const { journal, client } = kept(version);
    client.deliver({ qos: 0, payload: 'a' });
    expect(summary(client.wire.received())).toEqual(['publish 0 a']);
    expect(journal.pending).toBe(0);
  });

  it('all messages that are taken at once are one write', () => {
    const { journal, client } = kept(version);
    client.wire.connection.setWritable(false, client.wire.now);
    for (const payload of ['a', 'b', 'c']) client.deliver({ qos: 1, payload, stored: { payload } });
    client.wire.connection.setWritable(true, client.wire.now);
    expect(journal.writes).toMatchObject([{ outbound: { lastTaken: { payload: 'c' }, inFlight: [{}, {}, {}] } }]);
    journal.keep(client.wire.now);
    expect(summary(client.wire.received())).toEqual(['publish 1 a', 'publish 2 b', 'publish 3 c']);
  });

  it('an ack for a message that has not left is against the protocol, and the message stays', () => {
    const { client } = kept(version);
    client.deliver({ qos: 1, payload: 'a' });
    client.wire.send(ack('puback', 1));
    expect(client.wire.end?.cause).toBe('protocol_error');
    expect([client.finished, client.session.inFlightMessages]).toEqual([[], 1]);
  });

  it('what expires while its packet identifier goes on record is not sent [MQTT-3.3.2-5]', () => {
    const { journal, client } = kept(version);
    const expiresAtMs = client.wire.now + 1_000;
    client.deliver({ qos: 1, payload: 'a', expiresAtMs });
    client.deliver({ qos: 1, payload: 'b' });
    journal.keep(expiresAtMs);
    expect([client.undelivered, client.finished]).toEqual([['expired a'], ['a']]);
    expect(journal.writes.at(-1)).toMatchObject({ outbound: { inFlight: [{ packetId: 2 }] } });
    journal.keep(expiresAtMs);
    expect(summary(client.wire.received())).toEqual(['publish 2 b']);
  });

  it('nothing gets ahead of what has expired until that is off the record: whoever started then would send it [MQTT-4.6.0-5]', () => {
    const { journal, client } = kept(version);
    const expiresAtMs = client.wire.now + 1_000;
    for (const payload of ['a', 'b']) client.deliver({ qos: 1, payload, expiresAtMs });
    client.deliver({ qos: 2, payload: 'c' });
    journal.keep(expiresAtMs);
    client.deliver({ qos: 1, payload: 'd' });
    expect([client.undelivered, summary(client.wire.received())]).toEqual([['expired a', 'expired b'], []]);
    expect(journal.durable.outbound).toMatchObject({ inFlight: [{ packetId: 1 }, { packetId: 2 }, { packetId: 3 }] });
    journal.keep(expiresAtMs);
    expect(journal.durable.outbound).toMatchObject({ inFlight: [{ packetId: 3 }, { packetId: 4 }] });
    expect(summary(client.wire.received())).toEqual(['publish 3 c', 'publish 4 d']);
  });

  it('a PUBREC that comes twice is released once it is on record, and no earlier; what is over by then is not', () => {
    const { journal, client } = kept(version);
    for (const payload of ['a', 'b']) client.deliver({ qos: 2, payload });
    journal.keep(client.wire.now);
    client.wire.received();
    client.wire.send(ack('pubrec', 1), ack('pubrec', 1), ack('pubrec', 2), ack('pubcomp', 2));
    expect(client.wire.received()).toEqual([]);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toMatchObject([{ type: 'pubrel', packetId: 1 }]);
    client.wire.send(ack('pubrec', 1));
    expect(client.wire.received()).toMatchObject([{ type: 'pubrel', packetId: 1 }]);
    expect(client.wire.end).toBeUndefined();
  });

  it('an ack is on record though the socket has no room for what comes next', () => {
    const { journal, client } = kept(version);
    client.deliver({ qos: 1, payload: 'a' });
    journal.keep(client.wire.now);
    client.wire.connection.setWritable(false, client.wire.now);
    client.deliver({ qos: 1, payload: 'b' });
    client.wire.send(ack('puback', 1));
    expect(journal.writes).toMatchObject([{ outbound: { inFlight: [] } }]);
  });

  it('PUBREL leaves when the PUBREC is on record, in the order of the PUBRECs [MQTT-4.6.0-4]', () => {
    const { journal, client } = kept(version);
    for (const payload of ['a', 'b']) client.deliver({ qos: 2, payload });
    journal.keep(client.wire.now);
    client.wire.received();
    client.wire.send(ack('pubrec', 2), ack('pubrec', 1));
    expect(client.wire.received()).toEqual([]);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toMatchObject([
      { type: 'pubrel', packetId: 2 },
      { type: 'pubrel', packetId: 1 },
    ]);
    expect(journal.durable.outbound?.inFlight.map(({ packetId }) => packetId)).toEqual([2, 1]);
  });

  it('nothing waits for the record of PUBACK and PUBCOMP, and the next message is in the same write', () => {
    const { journal, client } = kept(version, { maxOutboundInFlight: 1 });
    client.deliver({ qos: 1, payload: 'a' });
    client.deliver({ qos: 1, payload: 'b' });
    journal.keep(client.wire.now);
    client.wire.send(ack('puback', 1));
    expect(client.finished).toEqual(['a']);
    expect(journal.writes).toMatchObject([{ outbound: { inFlight: [{ packetId: 2 }] } }]);
    journal.keep(client.wire.now);
    client.wire.send(ack('puback', 2));
    expect(journal.writes).toMatchObject([{ outbound: { lastPacketId: 2, inFlight: [] }, durable: undefined }]);
  });

  it('PUBCOMP leaves when the release is on record; an identifier never used is answered at once [MQTT-4.3.3-11]', () => {
    const { journal, client } = kept(version);
    client.wire.send(publishPacket({ qos: 2, packetId: 7 }), publishPacket({ qos: 2, packetId: 8 }));
    client.wire.settle(0);
    client.wire.settle(1);
    client.wire.received();
    client.wire.send(ack('pubrel', 7), ack('pubrel', 9));
    expect(client.wire.received()).toMatchObject([{ type: 'pubcomp', packetId: 9, reasonCode: version === 5 ? 0x92 : 0 }]);
    expect(journal.writes).toMatchObject([{ inbound: { received: [8], arriving: [] } }]);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toMatchObject([{ type: 'pubcomp', packetId: 7, reasonCode: 0 }]);
  });

  it('a release that is not on record yet is answered on the next connection too, and not before it is', () => {
    const { journal, client } = kept(version);
    client.wire.send(publishPacket({ qos: 2, packetId: 7 }));
    client.wire.settle(0);
    client.wire.send(ack('pubrel', 7));
    client.lose();
    client.connect();
    client.wire.received();
    client.wire.send(ack('pubrel', 7));
    expect(client.wire.received()).toEqual([]);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toMatchObject([{ type: 'pubcomp', packetId: 7, reasonCode: 0 }]);
  });

  it('a release that comes again before it is on record is written once, and each PUBREL is answered [MQTT-4.3.3-11]', () => {
    const { journal, client } = kept(version);
    client.wire.send(publishPacket({ qos: 2, packetId: 7 }));
    client.wire.settle(0);
    client.wire.send(ack('pubrel', 7), ack('pubrel', 7));
    client.lose();
    client.connect();
    client.wire.received();
    client.wire.send(ack('pubrel', 7), ack('pubrel', 7), ack('pubrel', 7));
    expect(journal.writes).toHaveLength(1);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toEqual([ack('pubcomp', 7), ack('pubcomp', 7), ack('pubcomp', 7)]);
  });

  it('what the broker has still to decide is told apart from what is stored', () => {
    const { journal, client } = kept(version);
    client.wire.send(
      publishPacket({ qos: 2, packetId: 1 }),
      publishPacket({ qos: 2, packetId: 2 }),
      publishPacket({ qos: 2, packetId: 3 }),
    );
    client.wire.settle(0);
    client.wire.settle(2);
    client.wire.send(ack('pubrel', 1));
    expect(journal.writes).toMatchObject([{ inbound: { received: [3], arriving: [2] } }]);
  });

  it('a PUBLISH that was never sent is no duplicate on the next connection [MQTT-3.3.1-1]', () => {
    const { journal, client } = kept(version);
    client.deliver({ qos: 1, payload: 'a' });
    client.lose();
    client.connect();
    expect(summary(client.wire.received())).toEqual(['connack']);
    journal.keep(client.wire.now);
    expect(client.wire.received()).toMatchObject([{ type: 'publish', packetId: 1, dup: false }]);
  });

  it('a restored session goes on where its journal says: packet identifiers, order, what waits [MQTT-4.4.0-1, MQTT-4.6.0-1]', () => {
    const message = (payload: string, qos: 1 | 2) => ({ topic: 't', payload: Buffer.from(payload), qos, retain: false, properties: {} });
    const lastTaken = { at: 5 };
    const journal = new FakeJournal();
    const client = new SessionHarness(
      version,
      {},
      {
        journal,
        restored: {
          lastPacketId: 9,
          lastTaken,
          inFlight: [
            { packetId: 9, message: message('b', 1), awaiting: 'puback' },
            { packetId: 8, message: message('a', 2), awaiting: 'pubcomp' },
          ],
          queued: [message('c', 1)],
          received: [7],
        },
      },
    );
    client.connect();
    journal.keep(0);
    expect(client.wire.received()).toMatchObject([
      { type: 'connack' },
      { type: 'publish', packetId: 9, dup: true },
      { type: 'pubrel', packetId: 8 },
      { type: 'publish', packetId: 10, dup: false },
    ]);
    client.wire.send(publishPacket({ qos: 2, packetId: 7, dup: true }), ack('pubrel', 7), ack('puback', 9));
    expect(client.wire.publishes).toEqual([]);
    expect(journal.writes).toMatchObject([{ inbound: { received: [] } }, { outbound: { lastTaken } }]);
  });

  it('any packet identifier may have been in use before a restart: its ack is no error [MQTT-4.3.3-11]', () => {
    const message = { topic: 't', payload: Buffer.from('a'), qos: 1, retain: false, properties: {} } as const;
    const inFlight = [{ packetId: 9, message, awaiting: 'puback' }] as const;
    const restored = { lastPacketId: 9, inFlight, queued: [], received: [] };
    const client = new SessionHarness(version, {}, { journal: new FakeJournal(), restored });
    client.connect();
    client.wire.received();
    client.wire.send(ack('puback', 30_000), ack('pubrec', 30_001));
    expect(client.wire.received()).toEqual([ack('pubrel', 30_001, version === 5 ? 0x92 : 0)]);
    expect(client.wire.end).toBeUndefined();
    client.lose();
    expect(client.session.end()).toEqual({ unreceived: [message], received: [] });
  });
});
