import { expect, test } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { ack, connect, life, publish, subscribe, texts } from './broker-life.fixture.js';

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
