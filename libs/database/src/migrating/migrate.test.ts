import { createServer, type Socket } from 'node:net';
import { createLogger } from '@milepost/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rolePasswords, setRolePasswords } from '../connecting/roles.js';
import { migrate } from './migrate.js';

/** AuthenticationOk and ReadyForQuery. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** A Postgres that is killed as soon as it is asked something. */
const server = createServer((socket: Socket) => {
  socket.once('data', () => {
    socket.write(welcome);
    socket.once('data', () => socket.destroy());
  });
});
let url: string;
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `postgres://owner@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/milepost`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test.each([
  ['migrate', () => migrate(url, createLogger({ app: 'test', level: 'silent' }))],
  ['setRolePasswords', () => setRolePasswords(url, rolePasswords('secret'))],
])('%s fails by an error of its own when its connection breaks, and does not end the process', async (_name, work) => {
  const uncaught = vi.fn();
  process.once('uncaughtException', uncaught);
  try {
    await expect(work()).rejects.toThrow('Connection terminated unexpectedly');
    await new Promise(setImmediate);
    expect(uncaught).not.toHaveBeenCalled();
  } finally {
    process.off('uncaughtException', uncaught);
  }
});
