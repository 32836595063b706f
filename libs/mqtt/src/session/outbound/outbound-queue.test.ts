import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QoS } from '../../packets/packet.js';
import type { OutboundMessage } from '../outbound-message.js';
import type { SessionLimits } from '../session-limits.js';
import { OutboundQueue } from './outbound-queue.js';

const limits = { maxQueuedMessages: 4, maxQueuedBytes: 1_000_000 };

function queued(overrides: Partial<SessionLimits> = {}) {
  const dropped: string[] = [];
  const owner = { dropped: (message: OutboundMessage, reason: string) => void dropped.push(`${reason} ${message.topic}`) };
  return { queue: new OutboundQueue({ ...limits, ...overrides }, owner), dropped };
}

function message(topic: string, qos: QoS, expiresAtMs?: number): OutboundMessage {
  return { topic, payload: Buffer.alloc(0), qos, retain: false, properties: {}, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}

describe('a queue that is full', () => {
  it('refuses what nothing makes room for without going through what waits', () => {
    const { queue } = queued({ maxQueuedMessages: 10_000 });
    let looks = 0;
    for (let index = 0; index < 10_000; index++) {
      const get = (target: OutboundMessage, name: string | symbol): unknown => {
        looks++;
        return Reflect.get(target, name);
      };
      queue.push(new Proxy(message('t', 1, 100), { get }), 0);
    }
    looks = 0;
    expect(queue.push(message('late', 1), 99)).toBe(false);
    expect(looks).toBe(0);
  });

  it('keeps, drops and refuses as a plain list that is gone through each time', () => {
    const action = fc.oneof(
      fc.record({ qos: fc.constantFrom<QoS>(0, 1, 2), lifetime: fc.option(fc.nat(5), { nil: undefined }) }),
      fc.constant('shift' as const),
      fc.constant('dropQoS0' as const),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { queue, dropped } = queued();
        let list: OutboundMessage[] = [];
        const expected: string[] = [];
        const drop = (goes: (message: OutboundMessage) => boolean, reason: string) => {
          expected.push(...list.filter(goes).map(({ topic }) => `${reason} ${topic}`));
          list = list.filter((waiting) => !goes(waiting));
        };
        actions.forEach((act, now) => {
          if (act === 'shift') {
            queue.shift();
            list.shift();
          } else if (act === 'dropQoS0') {
            queue.dropQoS0('offline');
            drop(({ qos }) => qos === 0, 'offline');
          } else {
            const pushed = message(`${now}`, act.qos, act.lifetime === undefined ? undefined : now + act.lifetime);
            if (list.length >= limits.maxQueuedMessages)
              drop(({ expiresAtMs }) => (expiresAtMs ?? Number.POSITIVE_INFINITY) <= now, 'expired');
            if (list.length >= limits.maxQueuedMessages && act.qos === 0) {
              expected.push(`queue_full ${now}`);
              expect(queue.push(pushed, now)).toBe(true);
            } else {
              if (list.length >= limits.maxQueuedMessages) drop(({ qos }) => qos === 0, 'queue_full');
              const fits = list.length < limits.maxQueuedMessages;
              if (fits) list.push(pushed);
              expect(queue.push(pushed, now)).toBe(fits);
            }
          }
          expect(queue.length).toBe(list.length);
          expect(queue.head).toBe(list[0]);
        });
        expect(dropped).toEqual(expected);
        expect(queue.takeAll()).toEqual(list);
      }),
    );
  });
});
