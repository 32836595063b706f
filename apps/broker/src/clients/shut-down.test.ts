import { createLogger } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { connected } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { DEPARTURES_A_TURN } from '../connections/departures.js';
import { shutDown } from './shut-down.js';

const world = brokerWorld();

it('says goodbye to all in one turn: nobody stays whom that could hold up, and each has its whole time to take it', async () => {
  const count = 2 * DEPARTURES_A_TURN;
  const clients = await Promise.all(Array.from({ length: count }, (_, index) => connected(world.broker, `c${index}`)));
  for (const client of clients) client.heard();
  const ended: number[] = [];
  const flush = async () => {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    ended.push(clients.filter(({ socket }) => socket.ended).length);
  };
  await shutDown({ ...world.broker, log: { flush, bufferedRecords: 0 }, logger: createLogger({ app: 'test', level: 'silent' }) });
  expect(ended).toEqual([0, count]);
  for (const client of clients) expect(client.heard()).toMatchObject([{ type: 'disconnect', reasonCode: 0x8b }]);
});
