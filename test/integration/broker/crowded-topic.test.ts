import { eventually, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { brokerWithUsers } from './broker-with-users.js';
import { inParts } from './in-parts.js';

/** With client ids of 4 KB their names do not fit into one record of Kafka, as those of 18,000 vehicles do not. */
const SESSIONS = 290;
const CLIENT_ID_BYTES = 4_096;
const AT_A_TIME = 10;
const TIMEOUT_MS = 180_000;

const scope = useTestScope();

test(
  'a message for more sessions than one record of Kafka names is acknowledged, survives kill -9, and reaches all of them',
  async () => {
    const broker = await brokerWithUsers(scope, {
      users: { ops: 'acme' },
      acl: 'user ops\ntopic readwrite tests/#\n',
      environment: { MQTT_MAX_CLIENT_ID_BYTES: String(CLIENT_ID_BYTES), NODE_ID: 'node-c', LOG_LEVEL: 'info' },
    });
    const first = await broker.start();
    const firstPort = await first.portOf('users');
    const subscribers = Array.from({ length: SESSIONS }, (_, index) =>
      broker.wireClient(String(index).padStart(CLIENT_ID_BYTES, 's'), firstPort),
    );
    await inParts(subscribers, AT_A_TIME, async (subscriber) => {
      await subscriber.connect();
      await subscriber.subscribe('tests/all');
      subscriber.cut();
    });
    const publisher = broker.wireClient('publisher', firstPort);
    await publisher.connect();
    expect(await publisher.publish(1, 'tests/all', 'to all', 1)).toBe(0);
    await first.app.kill9();

    const second = await broker.start();
    const secondPort = await second.portOf('users');
    expect(await second.app.waitForLog('broker.state.restored')).toMatchObject({ messages: 1 });
    await inParts(subscribers, AT_A_TIME, async (subscriber) => {
      subscriber.acknowledges = 'all';
      expect((await subscriber.connect(secondPort)).sessionPresent).toBe(true);
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
