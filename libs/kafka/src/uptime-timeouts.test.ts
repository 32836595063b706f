import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answerTo, connectionUnderTest, untilSent } from './kafkajs-connection.fixture.js';
import { countTimeoutsByUptime } from './uptime-timeouts.js';

countTimeoutsByUptime();

const timedOut = { name: 'KafkaJSRequestTimeoutError' };
const hourMs = 3_600_000;

/** Somebody sets the clock of the machine. */
function setClock(byMs: number): void {
  const { now } = Date;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + byMs);
  onTestFinished(() => clock.mockRestore());
}

async function openConnection(requestTimeout: number) {
  const { connection, sockets, ask } = connectionUnderTest({ requestTimeout });
  await connection.connect();
  return { connection, ask, socket: sockets[0] };
}

describe('a request that is not answered', () => {
  test('is given up in its time, although the clock was set back meanwhile', async () => {
    const { connection, socket, ask } = await openConnection(200);
    const asked = expect(ask()).rejects.toMatchObject(timedOut);
    await untilSent(socket);
    setClock(-hourMs);
    await asked;
    await connection.disconnect();
  });

  test('is waited for as long as it may take, although the clock was set forward meanwhile', async () => {
    const { connection, socket, ask } = await openConnection(30_000);
    const asked = ask();
    await untilSent(socket);
    setClock(hourMs);
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket?.emit('data', answerTo(0));
    expect(await asked).toMatchObject({ errorCode: 0 });
    await connection.disconnect();
  });
});

test('a pause that Kafka asks for is over in its time, although the clock was set back meanwhile', async () => {
  const { connection, socket, ask } = await openConnection(30_000);
  connection.requestQueue.maybeThrottle(200);
  setClock(-hourMs);
  const asked = ask();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(socket?.written).toHaveLength(0);
  await expect.poll(() => socket?.written).toHaveLength(1);
  socket?.emit('data', answerTo(0));
  expect(await asked).toMatchObject({ errorCode: 0 });
  await connection.disconnect();
});
