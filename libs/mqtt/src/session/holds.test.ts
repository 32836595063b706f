import { expect, it } from 'vitest';
import { ClientSession } from './client-session.js';
import type { OutboundMessage } from './outbound-message.js';
import type { SessionLink } from './session-link.js';

const message = (topic: string): OutboundMessage => ({ topic, payload: Buffer.alloc(0), qos: 1, retain: false, properties: {} });

it('a session knows what it holds: what waits and what is in flight, and no longer what is acknowledged', () => {
  const session = new ClientSession({
    limits: { maxQueuedMessages: 10, maxQueuedBytes: 1_000 },
    hooks: { undelivered: () => undefined, finished: () => undefined },
  });
  const holds = (topic: string) => session.holds((each) => each.topic === topic);
  expect(holds('a')).toBe(false);
  for (const topic of ['a', 'b', 'c']) session.deliver(message(topic), 0);
  expect([holds('a'), holds('b'), holds('c'), holds('d')]).toEqual([true, true, true, false]);
  const link: SessionLink = {
    version: 5,
    window: 1,
    topicAliasMaximum: 0,
    maxPacketBytes: 1_000,
    send: () => true,
    overflowed: () => undefined,
    takenOver: () => undefined,
  };
  session.attach(link, 0);
  expect([session.inFlightMessages, session.queuedMessages]).toEqual([1, 2]);
  expect([holds('a'), holds('b'), holds('c')]).toEqual([true, true, true]);
  session.acknowledge({ type: 'puback', packetId: 1, reasonCode: 0, properties: {} }, 0);
  expect([holds('a'), holds('b'), holds('c')]).toEqual([false, true, true]);
  session.end();
  expect([holds('b'), holds('c')]).toEqual([false, false]);
});
