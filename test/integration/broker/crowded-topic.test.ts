import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUser } from '@milepost/access';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { WireClient } from './wire-client.js';

/** With client ids of 4 KB their names do not fit into one record of Kafka, as those of 18,000 vehicles do not. */
const SESSIONS = 290;
const CLIENT_ID_BYTES = 4_096;
const AT_A_TIME = 10;
const TIMEOUT_MS = 180_000;
const PASSWORD = 'correct horse';

const scope = useTestScope();

test(
  'a message for more sessions than one record of Kafka names is acknowledged, survives kill -9, and reaches all of them',
  async () => {
    const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    const [usersFile, aclFile] = [join(pki.dir, 'users.jsonl'), join(pki.dir, 'acl')];
    await addUser(usersFile, { name: 'ops', organisation: 'acme', password: Buffer.from(PASSWORD) });
    await writeFile(aclFile, 'user ops\ntopic readwrite tests/#\n');
    const start = async () => {
      const app = await scope.app('broker', {
        ...kafka.environment,
        ...pki.environment,
        MQTT_TLS_PORT: '0',
        MQTT_OPERATOR_TLS_PORT: '0',
        MQTT_USERS_FILE: usersFile,
        MQTT_ACL_FILE: aclFile,
        MQTT_MAX_CLIENT_ID_BYTES: String(CLIENT_ID_BYTES),
        NODE_ID: 'node-c',
        LOG_LEVEL: 'info',
      });
      return { app, port: Number((await app.waitForLog('broker.operators.listening')).port) };
    };
    const first = await start();
    const client = (clientId: string) => {
      const made = new WireClient({ port: first.port, ca: pki.caPem, clientId, userName: 'ops', password: PASSWORD });
      scope.onEnd(() => Promise.resolve(made.cut()));
      return made;
    };
    const subscribers = Array.from({ length: SESSIONS }, (_, index) => client(String(index).padStart(CLIENT_ID_BYTES, 's')));
    await inParts(subscribers, async (subscriber) => {
      await subscriber.connect();
      await subscriber.subscribe('tests/all');
      subscriber.cut();
    });
    const publisher = client('publisher');
    await publisher.connect();
    expect(await publisher.publish(1, 'tests/all', 'to all', 1)).toBe(0);
    await first.app.kill9();

    const second = await start();
    expect(await second.app.waitForLog('broker.state.restored')).toMatchObject({ messages: 1 });
    await inParts(subscribers, async (subscriber) => {
      subscriber.acknowledges = 'all';
      expect((await subscriber.connect(second.port)).sessionPresent).toBe(true);
    });
    await eventually(
      () => {
        const without = subscribers.filter(({ received }) => received.map(({ payload }) => payload).join() !== 'to all');
        if (without.length > 0) throw new Error(`${without.length} sessions have not got the message once`);
      },
      { timeoutMs: 30_000 },
    );
    await eventually(async () => {
      if ((await second.app.metric('milepost_broker_kept_messages')) !== 0) throw new Error('the message is still on record');
    });
  },
  TIMEOUT_MS,
);

/** Some at a time, so that neither side is flooded. */
async function inParts<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_A_TIME) await Promise.all(all.slice(at, at + AT_A_TIME).map(work));
}
