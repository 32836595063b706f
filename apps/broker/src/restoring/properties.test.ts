import type { PublishProperties } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { connected, messages, pass, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';

const world = brokerWorld();

const properties = {
  payloadFormatIndicator: 1,
  contentType: 'text/plain; charset=utf-8',
  responseTopic: 'answers/7',
  correlationData: Buffer.of(0, 255, 1),
  userProperties: [
    ['b', '2'],
    ['a', '1'],
    ['b', '1'],
    ['', ''],
  ],
} satisfies PublishProperties;

const will = (payload: string) => ({ topic: 'w', payload: Buffer.from(payload), qos: 1, retain: false, properties }) as const;

test('what a message says beside its payload is the same after kill -9: what waited, what is retained, and wills [MQTT-3.1.3-10, MQTT-3.3.2-4, MQTT-3.3.2-15, MQTT-3.3.2-16, MQTT-3.3.2-17, MQTT-3.3.2-18, MQTT-3.3.2-20]', async () => {
  const away = await connected(world, 'away');
  await away.send(subscribe('t'), subscribe('w'));
  away.socket.destroy();
  const publisher = await connected(world, 'p');
  await publisher.send(publish(1, 'waits', { properties }), publish(2, 'retained', { topic: 'r', retain: true, properties }));
  (await connected(world, 'lost before', { will: will('published before') })).socket.destroy();
  await connected(world, 'lost with it', { will: will('published after') });
  await pass(1);

  const next = await world.nextLife();
  const back = await connected(next, 'away');
  await pass(601);
  expect(messages(back)).toMatchObject([
    { payload: Buffer.from('waits'), properties },
    { payload: Buffer.from('published before'), properties },
    { payload: Buffer.from('published after'), properties },
  ]);
  const late = await connected(next, 'late');
  await late.send(subscribe('r'));
  expect(messages(late)).toMatchObject([{ payload: Buffer.from('retained'), properties }]);
});

test('the time that a message has left goes on over kill -9, and what is over by then reaches nobody [MQTT-3.3.2-5, MQTT-3.3.2-6]', async () => {
  const away = await connected(world, 'away');
  await away.send(subscribe('t'));
  away.socket.destroy();
  const publisher = await connected(world, 'p');
  const expires = (messageExpiryInterval: number) => ({ properties: { messageExpiryInterval } });
  await publisher.send(publish(1, 'over', expires(30)), publish(2, 'left', expires(100)));
  await publisher.send(publish(3, 'over', { topic: 'r/a', retain: true, ...expires(30) }));
  await publisher.send(publish(4, 'left', { topic: 'r/b', retain: true, ...expires(100) }));
  await pass(10);
  world.broker.close();
  await pass(20);

  const next = await world.nextLife();
  const left = { payload: Buffer.from('left'), properties: { messageExpiryInterval: 70 } };
  expect(messages(await connected(next, 'away'))).toMatchObject([left]);
  const late = await connected(next, 'late');
  await late.send(subscribe('r/#'));
  expect(messages(late)).toMatchObject([left]);
});
