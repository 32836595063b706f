import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrokerLife, life } from './broker-life.fixture.js';
import { FakeSocket, settled } from './connections/fake-socket.fixture.js';
import { GuestGate } from './doors/conformance/guest-gate.js';
import { MemoryLog } from './log/memory-log.js';

let broker: BrokerLife;

beforeEach(async () => {
  broker = await life(new MemoryLog(), 1);
});

afterEach(() => broker.close());

type Step = readonly [what: string, said: string, ...heard: string[]];

/** What a client says and hears, by hand from the specification: neither our encoder nor our decoder has a part in it. */
const CONVERSATIONS: Record<4 | 5, Step[]> = {
  4: [
    ['CONNECT of c', '10 0d 00 04 4d515454 04 02 003c 0001 63', '20 02 00 00'],
    ['SUBSCRIBE to a/b at QoS 2', '82 08 0001 0003 612f62 02', '90 03 0001 02'],
    ['PUBLISH of x at QoS 0', '30 06 0003 612f62 78', '30 06 0003 612f62 78'],
    ['PUBLISH of x at QoS 1', '32 08 0003 612f62 0002 78', '32 08 0003 612f62 0001 78', '40 02 0002'],
    ['PUBACK', '40 02 0001'],
    ['PUBLISH of x at QoS 2', '34 08 0003 612f62 0003 78', '34 08 0003 612f62 0002 78', '50 02 0003'],
    ['PUBREL', '62 02 0003', '70 02 0003'],
    ['PUBREC', '50 02 0002', '62 02 0002'],
    ['PUBCOMP', '70 02 0002'],
    ['UNSUBSCRIBE from a/b', 'a2 07 0004 0003 612f62', 'b0 02 0004'],
    ['UNSUBSCRIBE from a/b once more', 'a2 07 0005 0003 612f62', 'b0 02 0005'],
    ['PINGREQ', 'c0 00', 'd0 00'],
    ['DISCONNECT', 'e0 00'],
  ],
  5: [
    // It announces its Receive Maximum (0x21), Maximum Packet Size (0x27) and Topic Alias Maximum (0x22), and has nothing to deny.
    ['CONNECT of c', '10 0e 00 04 4d515454 05 02 003c 00 0001 63', '20 0e 00 00 0b 21 0020 27 00080000 22 000a'],
    ['SUBSCRIBE to a/b at QoS 2', '82 09 0001 00 0003 612f62 02', '90 04 0001 00 02'],
    ['PUBLISH of x at QoS 0', '30 07 0003 612f62 00 78', '30 07 0003 612f62 00 78'],
    ['PUBLISH of x at QoS 1', '32 09 0003 612f62 0002 00 78', '32 09 0003 612f62 0001 00 78', '40 02 0002'],
    ['PUBACK', '40 02 0001'],
    ['PUBLISH of x at QoS 2', '34 09 0003 612f62 0003 00 78', '34 09 0003 612f62 0002 00 78', '50 02 0003'],
    ['PUBREL', '62 02 0003', '70 02 0003'],
    ['PUBREC', '50 02 0002', '62 02 0002'],
    ['PUBCOMP', '70 02 0002'],
    ['UNSUBSCRIBE from a/b', 'a2 08 0004 00 0003 612f62', 'b0 04 0004 00 00'],
    ['UNSUBSCRIBE from a/b once more', 'a2 08 0005 00 0003 612f62', 'b0 04 0005 00 11'],
    ['PINGREQ', 'c0 00', 'd0 00'],
    ['DISCONNECT', 'e0 00'],
  ],
};

describe.each([4, 5] as const)('a client of level %i', (protocolVersion) => {
  test('that knows nothing but the specification is answered byte for byte as that says [MQTT-7.0.0-2, MQTT-3.10.4-5]', async () => {
    const socket = new FakeSocket();
    broker.receive(socket, new GuestGate('192.0.2.1', new Set()));
    const hex = (text: string) => text.replaceAll(' ', '');
    const course: [string, string][] = [];
    for (const [what, said] of CONVERSATIONS[protocolVersion]) {
      socket.emit('data', Buffer.from(hex(said), 'hex'));
      await settled();
      course.push([what, Buffer.concat(socket.sent.splice(0)).toString('hex')]);
    }
    expect(course).toEqual(CONVERSATIONS[protocolVersion].map(([what, , ...heard]) => [what, hex(heard.join(''))]));
    expect(socket.ended).toBe(true);
  });
});
