import { eventually, useTestScope } from '@milepost/test-support';
import { describe, expect, test } from 'vitest';
import { brokerWithUsers } from './broker-with-users.js';
import { inParts } from './in-parts.js';

const SESSIONS = 1_000;
/** 2,000 logins are 2,000 scrypt hashes: on a machine that others use too they take their time. */
const TIMEOUT_MS = 180_000;
const AT_A_TIME = 25;
const MESSAGES = [
  { text: 'a', qos: 1 },
  { text: 'b', qos: 2 },
  { text: 'c', qos: 1 },
  { text: 'd', qos: 2 },
] as const;

describe('a broker that is killed with -9', () => {
  const scope = useTestScope();

  test(
    'loses and doubles nothing of 1,000 sessions, with messages waiting and exchanges half done [MQTT-4.1.0-1, MQTT-4.3.3-10, MQTT-4.4.0-1]',
    async () => {
      const broker = await brokerWithUsers(scope, {
        users: { ops: 'acme' },
        acl: 'user ops\ntopic readwrite tests/#\n',
        environment: { NODE_ID: 'node-s', LOG_LEVEL: 'info' },
      });
      const first = await broker.start();
      const firstPort = await first.portOf('users');
      const subscribers = Array.from({ length: SESSIONS }, (_, index) => broker.wireClient(`s-${index}`, firstPort));
      await inParts(subscribers, AT_A_TIME, async (subscriber, index) => {
        expect((await subscriber.connect()).sessionPresent).toBe(false);
        await subscriber.subscribe(`tests/${index}`);
        // A quarter each: away; acknowledging; silent; stopping after PUBREC.
        if (index % 4 === 0) subscriber.cut();
        subscriber.acknowledges = (['all', 'all', 'nothing', 'pubrec'] as const)[index % 4] ?? 'all';
      });
      const publisher = broker.wireClient('publisher', firstPort);
      await publisher.connect();
      const each = Array.from({ length: SESSIONS }, (_, index) => index);
      await inParts(each, AT_A_TIME, async (index) => {
        for (const [order, { text, qos }] of MESSAGES.entries()) {
          const packetId = 1 + (index % AT_A_TIME) * MESSAGES.length + order;
          expect(await publisher.publish(packetId, `tests/${index}`, text, qos)).toBe(0);
          if (qos === 2) expect(await publisher.release(packetId)).toBe(0);
        }
      });
      // Half done on the publisher's side: one that was received and not released.
      expect(await publisher.publish(60_000, 'tests/1', 'e', 2)).toBe(0);
      await first.app.kill9();

      const second = await broker.start();
      const secondPort = await second.portOf('users');
      const restored = await second.app.waitForLog('broker.state.restored');
      expect(restored).toMatchObject({ sessions: SESSIONS + 1 });
      await inParts(subscribers, AT_A_TIME, async (subscriber) => {
        subscriber.acknowledges = 'all';
        expect((await subscriber.connect(secondPort)).sessionPresent).toBe(true);
      });
      expect((await publisher.connect(secondPort)).sessionPresent).toBe(true);
      expect(await publisher.publish(60_000, 'tests/1', 'e', 2, { dup: true })).toBe(0);
      expect(await publisher.release(60_000)).toBe(0);

      await eventually(
        () => {
          for (const [index, { received }] of subscribers.entries()) {
            const wanted = index === 1 ? ['a', 'b', 'c', 'd', 'e'] : ['a', 'b', 'c', 'd'];
            const firsts = [...new Set(received.map(({ payload }) => payload))];
            if (firsts.join() !== wanted.join()) throw new Error(`s-${index} has ${firsts.join()} and not ${wanted.join()}`);
          }
        },
        { timeoutMs: 30_000 },
      );
      for (const [index, { received }] of subscribers.entries()) {
        const twice = received.filter(({ payload }, at) => received.findIndex((other) => other.payload === payload) !== at);
        // QoS 1 may come again, marked as such; QoS 2 never.
        expect(
          twice.filter(({ qos, dup }) => qos === 2 || !dup),
          `s-${index}`,
        ).toEqual([]);
      }
      await eventually(async () => {
        if ((await second.app.metric('milepost_broker_kept_messages')) !== 0) throw new Error('messages are still on record');
      });
    },
    TIMEOUT_MS,
  );
});
