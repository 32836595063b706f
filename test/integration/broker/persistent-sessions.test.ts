import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUser } from '@milepost/access';
import { eventually, type TestPki, type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { WireClient } from './wire-client.js';

const SESSIONS = 1_000;
/** 2,000 logins are 2,000 scrypt hashes: on a machine that others use too they take their time. */
const TIMEOUT_MS = 180_000;
const AT_A_TIME = 25;
const PASSWORD = 'correct horse';
const MESSAGES = [
  { text: 'a', qos: 1 },
  { text: 'b', qos: 2 },
  { text: 'c', qos: 1 },
  { text: 'd', qos: 2 },
] as const;

describe('a broker that is killed with -9', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let kafka: TestTopics;
  let environment: Record<string, string>;

  beforeAll(async () => {
    [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    const usersFile = join(pki.dir, 'users.jsonl');
    const aclFile = join(pki.dir, 'acl');
    await addUser(usersFile, { name: 'ops', organisation: 'acme', password: Buffer.from(PASSWORD) });
    await writeFile(aclFile, 'user ops\ntopic readwrite tests/#\n');
    environment = {
      ...kafka.environment,
      ...pki.environment,
      MQTT_TLS_PORT: '0',
      MQTT_OPERATOR_TLS_PORT: '0',
      MQTT_USERS_FILE: usersFile,
      MQTT_ACL_FILE: aclFile,
      NODE_ID: 'node-s',
      LOG_LEVEL: 'warn',
    };
  });

  const start = async () => {
    const app = await scope.app('broker', { ...environment, LOG_LEVEL: 'info' });
    return { app, port: Number((await app.waitForLog('broker.operators.listening')).port) };
  };
  const client = (clientId: string, port: number) => {
    const made = new WireClient({ port, ca: pki.caPem, clientId, userName: 'ops', password: PASSWORD });
    scope.onEnd(() => Promise.resolve(made.cut()));
    return made;
  };

  test(
    'loses and doubles nothing of 1,000 sessions, with messages waiting and exchanges half done [MQTT-4.1.0-1, MQTT-4.3.3-10, MQTT-4.4.0-1]',
    async () => {
      const first = await start();
      const subscribers = Array.from({ length: SESSIONS }, (_, index) => client(`s-${index}`, first.port));
      await inParts(subscribers, async (subscriber, index) => {
        expect((await subscriber.connect()).sessionPresent).toBe(false);
        await subscriber.subscribe(`tests/${index}`);
        // A quarter each: away; acknowledging; silent; stopping after PUBREC.
        if (index % 4 === 0) subscriber.cut();
        subscriber.acknowledges = (['all', 'all', 'nothing', 'pubrec'] as const)[index % 4] ?? 'all';
      });
      const publisher = client('publisher', first.port);
      await publisher.connect();
      const each = Array.from({ length: SESSIONS }, (_, index) => index);
      await inParts(each, async (index) => {
        for (const [order, { text, qos }] of MESSAGES.entries()) {
          const packetId = 1 + (index % AT_A_TIME) * MESSAGES.length + order;
          expect(await publisher.publish(packetId, `tests/${index}`, text, qos)).toBe(0);
          if (qos === 2) expect(await publisher.release(packetId)).toBe(0);
        }
      });
      // Half done on the publisher's side: one that was received and not released.
      expect(await publisher.publish(60_000, 'tests/1', 'e', 2)).toBe(0);
      await first.app.kill9();

      const second = await start();
      const restored = await second.app.waitForLog('broker.state.restored');
      expect(restored).toMatchObject({ sessions: SESSIONS + 1 });
      await inParts(subscribers, async (subscriber) => {
        subscriber.acknowledges = 'all';
        expect((await subscriber.connect(second.port)).sessionPresent).toBe(true);
      });
      expect((await publisher.connect(second.port)).sessionPresent).toBe(true);
      expect(await publisher.publish(60_000, 'tests/1', 'e', 2, true)).toBe(0);
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

/** Some at a time, so that neither side is flooded. */
async function inParts<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_A_TIME) {
    await Promise.all(all.slice(at, at + AT_A_TIME).map((one, offset) => work(one, at + offset)));
  }
}
