import { expect, test } from 'vitest';
import { ack, connect, life, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { settled } from '../../connections/fake-socket.fixture.js';
import { holdBack } from '../../log/log.fixture.js';
import { MemoryLog } from '../../log/memory-log.js';

test('what was acknowledged survives the process, though a later message of another publisher was stored before it', async () => {
  const log = new MemoryLog();
  let broker = await life(log, 1);
  const reader = broker.plug();
  await reader.send(connect('r', { properties: { sessionExpiryInterval: 600, receiveMaximum: 1 } }), subscribe('t'));
  const [slow, quick] = [broker.plug(), broker.plug()];
  await slow.send(connect('slow'));
  await quick.send(connect('quick'));
  const letGo = holdBack(log, ({ value }) => String(value) === 'first');
  await slow.send(publish(1, 'first'));
  await quick.send(publish(1, 'second'));
  await settled();
  letGo();
  await settled();
  expect(slow.heard()).toContainEqual(expect.objectContaining({ type: 'puback', reasonCode: 0 }));
  expect(quick.heard()).toContainEqual(expect.objectContaining({ type: 'puback', reasonCode: 0 }));
  broker.close();

  broker = await life(log, 2);
  const back = broker.plug();
  await back.send(connect('r'));
  expect(texts(back).toSorted()).toEqual(['first', 'second']);
  await back.send(ack('puback', 1), ack('puback', 2));
  broker.close();
});
