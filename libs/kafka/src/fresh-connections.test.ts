import { describe, expect, test } from 'vitest';
import { beginConnectionsAfresh } from './fresh-connections.js';
import { answerTo, connectionUnderTest, untilSent } from './kafkajs-connection.fixture.js';

beginConnectionsAfresh();

describe('a connection of kafkajs', () => {
  test('that is opened again does not take the next answer for the rest of one that was cut', async () => {
    const { connection, sockets, ask } = connectionUnderTest();
    await connection.connect();
    const cut = expect(ask()).rejects.toMatchObject({ name: 'KafkaJSConnectionClosedError' });
    await untilSent(sockets[0]);
    sockets[0]?.emit('data', answerTo(0).subarray(0, 7));
    sockets[0]?.goAway();
    await cut;
    await connection.connect();
    const asked = ask();
    await untilSent(sockets[1]);
    sockets[1]?.emit('data', answerTo(1));
    expect(await asked).toMatchObject({ errorCode: 0 });
    await connection.disconnect();
  });

  test('is opened once, however many ask for it, and leaves the socket before behind', async () => {
    const { connection, sockets } = connectionUnderTest();
    await connection.connect();
    await connection.disconnect();
    await Promise.all([connection.connect(), connection.connect()]);
    expect(sockets.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false]);
    await connection.disconnect();
  });
});
