import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import { describe, expect, test } from 'vitest';
import { ack, connect, connected, life, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack, logUpTo } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';

test('a message that comes while releases wait for their record is not taken twice after kill -9 [MQTT-4.3.3-10]', async () => {
  const log = new MemoryLog();
  const first = await life(log, 1);
  await first.plug().send(connect('s'), subscribe('t'));
  const publisher = first.plug();
  await publisher.send(connect('p'), publish(1, 'a', { qos: 2 }), publish(2, 'b', { qos: 2 }));
  let held = 0;
  const letGo = holdBack(log, ({ key }) => key === 'inbound:guest/default/p' && held++ === 0);
  // The second release waits for the record of the first, and what it says was made out before the third message came.
  await publisher.send(ack('pubrel', 1), ack('pubrel', 2));
  await publisher.send(publish(3, 'c', { qos: 2 }));
  letGo();
  await settled();
  expect(publisher.heard().slice(-3)).toMatchObject([
    { type: 'pubrec', packetId: 3 },
    { type: 'pubcomp', packetId: 1 },
    { type: 'pubcomp', packetId: 2 },
  ]);

  const second = await life(log, 2);
  const again = second.plug();
  await again.send(connect('p'), publish(3, 'c', { qos: 2, dup: true }));
  expect(again.heard()).toMatchObject([{ sessionPresent: true }, { type: 'pubrec', packetId: 3 }]);
  const subscriber = second.plug();
  await subscriber.send(connect('s'));
  expect(texts(subscriber)).toEqual(['a', 'b', 'c']);
});

test('a message that is not released is not taken twice when the process dies while its session is being ended', async () => {
  const log = new MemoryLog();
  const first = await life(log, 1);
  const subscriber = first.plug();
  await subscriber.send(connect('s'), subscribe('t', 1));
  const publisher = first.plug();
  await publisher.send(connect('p'), publish(1, 'a', { qos: 2 }));
  await subscriber.send(ack('puback', 1));
  expect([texts(subscriber), publisher.heard().at(-1)]).toMatchObject([['a'], { type: 'pubrec', packetId: 1 }]);
  // The partition of the sessions stores nothing any more, that of the messages does.
  holdBack(log, ({ topic }) => topic === topics.mqttSessions);
  await publisher.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();

  const second = await life(logUpTo(log, log.records.length), 2);
  const again = second.plug();
  await again.send(connect('p'), publish(1, 'a', { qos: 2, dup: true }));
  expect(again.heard()).toMatchObject([{ sessionPresent: true }, { type: 'pubrec', packetId: 1 }]);
  const back = second.plug();
  await back.send(connect('s'));
  expect(texts(back)).toEqual([]);
});

describe('after a clean start', () => {
  const world = brokerWorld();

  test('an identifier that a clean start makes free is free wherever the log is cut, though a release of the session before was written last', async () => {
    const publisher = await connected(world, 'p');
    await publisher.send(publish(1, 'a', { qos: 2 }), publish(2, 'b', { qos: 2 }), publish(3, 'c', { qos: 2 }));
    let held = 0;
    const letGo = holdBack(world.log, ({ key }) => key === 'inbound:guest/default/p' && held++ === 0);
    await publisher.send(ack('pubrel', 1), ack('pubrel', 2));
    publisher.socket.destroy();
    const before = world.log.records.length;
    // The claim of the one after it.
    const isClaim = ({ key, value }: RecordToAppend) => key === 'session:guest/default/p' && String(value).includes('"expirySeconds":601');
    const letIn = holdBack(world.log, isClaim);
    await connected(world, 'p', { cleanStart: true, properties: { sessionExpiryInterval: 601 } });
    letGo();
    await settled();
    letIn();
    await settled();
    const claimed = world.log.records.findIndex(isClaim);
    expect(claimed).toBeGreaterThan(before);
    for await (const { cut, rest, next } of world.nextLivesSince(claimed + 1)) {
      await (await connected(next, 'p')).send(publish(3, 'new', { qos: 2 }));
      expect([cut, rest.records.some(({ topic, value }) => topic === topics.mqttMessages && String(value) === 'new')]).toEqual([cut, true]);
    }
  });
});

test.each([
  [4, 'the end of the connection'],
  [5, '0x97'],
] as const)(
  'of identifiers that a client of level %d never releases there is an end: one more is answered with %s',
  async (version, _answer) => {
    const log = new MemoryLog();
    const broker = await life(log, 1);
    const answers: unknown[] = [];
    let client = broker.plug(version);
    await client.send(connect('p', { protocolVersion: version }));
    for (let packetId = 1; packetId <= 1_001; packetId++) {
      // The quota of 5.0 begins anew with each connection.
      if (version === 5 && packetId % 32 === 1) {
        client.socket.destroy();
        client = broker.plug(version);
        await client.send(connect('p', { protocolVersion: version }));
      }
      await client.send(publish(packetId, 'x', { qos: 2 }));
      answers.push(client.heard().at(-1));
    }
    expect(answers[999]).toMatchObject({ type: 'pubrec', packetId: 1_000 });
    if (version === 5) expect(answers[1_000]).toMatchObject({ type: 'pubrec', packetId: 1_001, reasonCode: 0x97 });
    else expect([answers[1_000], client.socket.ended]).toEqual([undefined, true]);
    // What was released makes room.
    const back = broker.plug(version);
    await back.send(connect('p', { protocolVersion: version }), ack('pubrel', 1));
    await back.send(publish(1_002, 'x', { qos: 2 }));
    expect(back.heard().slice(1)).toMatchObject([
      { type: 'pubcomp', packetId: 1 },
      { type: 'pubrec', packetId: 1_002, reasonCode: 0 },
    ]);
    broker.close();
  },
);
